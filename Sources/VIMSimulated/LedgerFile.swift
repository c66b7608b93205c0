import NFVModel
import VIMProtocol

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A ledger's files: a snapshot, replaced whole, and a log with a line for each change since.
///
/// A change is durable when its line is; being killed at any instruction leaves the old ledger or the new one. A line
/// that was cut short has no end, counts for nothing, and is cut off by whoever writes next. A snapshot names the log
/// that goes on from it, so that one which it has taken in is never read again. A lock beside the files keeps two
/// processes from writing at once.
struct LedgerFile: Sendable {
  let snapshot: String
  /// Bytes of log that are worth a new snapshot.
  let longest: Int

  /// How far a ledger has been read.
  struct Place: Hashable, Sendable {
    fileprivate var snapshot: Stamp?
    fileprivate var log: Stamp?
    /// Bytes of whole lines.
    fileprivate var offset = 0
  }

  private func log(_ generation: Int) -> String { "\(snapshot).\(generation)" }

  /// Tells one version of a file from another.
  fileprivate struct Stamp: Hashable, Sendable {
    let inode: UInt64
    let size: Int
    let seconds: Int64
    let nanoseconds: Int64

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      #if canImport(Darwin)
        let time = status.st_mtimespec
      #else
        let time = status.st_mtim
      #endif
      inode = UInt64(status.st_ino)
      size = Int(status.st_size)
      seconds = Int64(time.tv_sec)
      nanoseconds = Int64(time.tv_nsec)
    }
  }

  /// Reads what was written since the place: the new lines, or everything where the files are others.
  func catchUp(_ ledger: inout Ledger, _ place: inout Place) throws(VIMError) {
    while true {
      let whole = Stamp(snapshot)
      if whole != place.snapshot {
        ledger = try read() ?? Ledger()
        place = Place(snapshot: whole)
      }
      let path = log(ledger.generation)
      let lines = Stamp(path)
      if lines == place.log { return }
      if lines?.inode != place.log?.inode && place.log != nil || (lines?.size ?? 0) < place.offset {
        // Somebody put another file in its place: begin again.
        ledger = try read() ?? Ledger()
        place.offset = 0
      }
      place.offset += try replay(path, over: &ledger, from: place.offset)
      place.log = lines
      // A log that was taken in while it was read may have gone before its end: the new snapshot has it all.
      if Stamp(snapshot) == place.snapshot { return }
    }
  }

  private func read() throws(VIMError) -> Ledger? {
    guard let bytes = try Self.bytes(of: snapshot) else { return nil }
    do {
      return try Ledger(try JSONValue.parse(bytes))
    } catch {
      throw .rejected(.invalid("file"), "\(snapshot) is damaged: \(error)")
    }
  }

  /// Reads whole lines; how many bytes they are.
  private func replay(_ log: String, over ledger: inout Ledger, from offset: Int) throws(VIMError) -> Int {
    guard let bytes = try Self.bytes(of: log, from: offset), let end = bytes.lastIndex(of: 0x0A) else {
      return 0
    }
    for line in bytes[..<end].split(separator: 0x0A) {
      do {
        try ledger.read(JSONCursor(try JSONValue.parse(Array(line))))
      } catch {
        throw .rejected(.invalid("file"), "\(log) is damaged: \(error)")
      }
    }
    return end + 1
  }

  /// Makes the changes of a ledger durable. The caller holds the lock and has caught up.
  func append(_ ledger: inout Ledger, name: String, _ place: inout Place) throws(VIMError) {
    let line = ledger.takeChanges().canonicalBytes + [0x0A]
    guard place.snapshot != nil, place.offset + line.count <= longest else {
      let former = log(ledger.generation)
      if place.snapshot != nil { ledger.generation += 1 }
      try write(ledger, name: name)
      unlink(former)
      place = Place(snapshot: Stamp(snapshot))
      return
    }
    let log = log(ledger.generation)
    let descriptor = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure("write", log) }
    let isWritten =
      ftruncate(descriptor, off_t(place.offset)) == 0 && lseek(descriptor, off_t(place.offset), SEEK_SET) >= 0
      && Self.writeAll(line, to: descriptor) && fsync(descriptor) == 0
    guard close(descriptor) == 0, isWritten else { throw Self.failure("write", log) }
    if place.log == nil { syncDirectory() }
    place.offset += line.count
    place.log = Stamp(log)
  }

  private func write(_ ledger: Ledger, name: String) throws(VIMError) {
    let draft = snapshot + ".new"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure("write", draft) }
    let isWritten =
      Self.writeAll(ledger.json(name: name).canonicalBytes, to: descriptor) && fsync(descriptor) == 0
    guard close(descriptor) == 0, isWritten, rename(draft, snapshot) == 0 else {
      throw Self.failure("write", snapshot)
    }
    syncDirectory()
  }

  /// Runs `body` while no other process does.
  func locked<T>(_ body: () throws(VIMError) -> T) throws(VIMError) -> T {
    let descriptor = open(snapshot + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure("lock", snapshot) }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw Self.failure("lock", snapshot) }
    }
    return try body()
  }

  private func syncDirectory() {
    let slash = snapshot.lastIndex(of: "/")
    let descriptor = open(slash.map { String(snapshot[..<$0]) } ?? ".", O_RDONLY | O_CLOEXEC)
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

  /// The bytes of a file from a place on; nil when there is none.
  static func bytes(of path: String, from offset: Int = 0) throws(VIMError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw failure("read", path)
    }
    defer { close(descriptor) }
    guard offset == 0 || lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw failure("read", path) }
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
