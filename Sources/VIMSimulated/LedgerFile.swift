import NFVModel
import VIMProtocol

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A ledger's file: replaced whole and made durable at each change, so that being killed at any instruction
/// leaves the old one or the new one. A lock beside it keeps two processes from writing at once.
struct LedgerFile: Sendable {
  let path: String

  /// Tells one version of the file from another.
  struct Stamp: Hashable, Sendable {
    let inode: UInt64
    let size: Int64
    let seconds: Int64
    let nanoseconds: Int64
  }

  var stamp: Stamp? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    return Stamp(
      inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: Int64(time.tv_sec),
      nanoseconds: Int64(time.tv_nsec))
  }

  /// The ledger in the file; nil when there is no file.
  func read() throws(VIMError) -> Ledger? {
    guard let bytes = try Self.bytes(of: path) else { return nil }
    do {
      return try Ledger(try JSONValue.parse(bytes))
    } catch {
      throw .rejected(.invalid("file"), "\(path) is damaged: \(error)")
    }
  }

  func write(_ ledger: Ledger, name: String) throws(VIMError) {
    let draft = path + ".new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure("write", draft) }
    let bytes = ledger.json(name: name).canonicalBytes
    let isWritten = Self.writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
    guard close(descriptor) == 0, isWritten, rename(draft, path) == 0 else {
      throw Self.failure("write", path)
    }
    syncDirectory()
  }

  /// Runs `body` while no other process does.
  func locked<T>(_ body: () throws(VIMError) -> T) throws(VIMError) -> T {
    let descriptor = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure("lock", path) }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 { guard errno == EINTR else { throw Self.failure("lock", path) } }
    return try body()
  }

  private func syncDirectory() {
    let slash = path.lastIndex(of: "/")
    let descriptor = open(slash.map { String(path[..<$0]) } ?? ".", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { rest in
        rest.baseAddress.map { posixWrite(descriptor, $0 + done, rest.count - done) } ?? -1
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  /// The bytes of a file; nil when there is none.
  static func bytes(of path: String) throws(VIMError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw failure("read", path)
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = posixRead(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure("read", path) }
      bytes += chunk[..<count]
    }
  }

  private static func failure(_ verb: String, _ path: String) -> VIMError {
    .unavailable(.unreachable, "cannot \(verb) \(path): \(String(cString: strerror(errno)))", retryAfter: nil)
  }
}

/// The system's calls, under names that the members above do not hide.
private func posixWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

private func posixRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}
