import Foundation
import NFVModel

/// Who holds the lock of a state.
package struct LockHolder: Hashable, Sendable {
  package let process: Int
  package let machine: String
  /// UTC text.
  package let since: String
}

/// One apply at a time on one state.
///
/// The kernel's lock on a file is the truth: it goes when its process goes, however that ends. What the file
/// says names the holder; text in a file that nobody holds is what a killed process left.
final class StateLock: Sendable {
  private let descriptor: Int32
  /// Who held it last and was killed, when someone was.
  let abandonedBy: LockHolder?

  init(path: String, now: String) throws(StateError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .inaccessible(path: path, detail: String(cString: strerror(errno)))
    }
    let earlier = Self.holder(in: path)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw .locked(earlier)
    }
    self.descriptor = descriptor
    self.abandonedBy = Self.holder(in: path)
    let text: JSONValue = [
      "process": .int(Int(getpid())), "machine": .string(ProcessInfo.processInfo.hostName),
      "since": .string(now),
    ]
    let bytes = text.canonicalBytes
    ftruncate(descriptor, 0)
    _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  deinit {
    ftruncate(descriptor, 0)
    // A child that is just being started shares the descriptor until it runs its program; closing ours alone
    // would leave the lock with it for that moment.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  private static func holder(in path: String) -> LockHolder? {
    guard let data = FileManager.default.contents(atPath: path), let json = try? JSONValue.parse(Array(data)),
      let process = json["process"]?.intValue, let machine = json["machine"]?.stringValue,
      let since = json["since"]?.stringValue
    else { return nil }
    return LockHolder(process: process, machine: machine, since: since)
  }
}
