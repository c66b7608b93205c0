import Diagnostics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// `read` of the C library, out of the way of the method below.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}

/// The bytes of a file on disk, or why there are none.
enum FileBytes {
  static func read(path: String, name: String, limit: Int) -> Result<[UInt8], Diagnostic> {
    // Not to be held up by a pipe that nobody writes to.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return .failure(.unreadableFile(name, reason: reason(errno))) }
    defer { close(descriptor) }

    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      return .failure(.unreadableFile(name, reason: reason(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let what = status.st_mode & S_IFMT == S_IFDIR ? "it is a folder" : "it is not a file"
      return .failure(.unreadableFile(name, reason: what))
    }
    let size = Int(status.st_size)
    guard size <= limit else { return .failure(.tooLarge(name, size: size, limit: limit)) }
    return contents(of: descriptor, size: size, name: name)
  }

  private static func contents(of descriptor: Int32, size: Int, name: String) -> Result<[UInt8], Diagnostic> {
    var failure: Int32?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size, failure == nil {
        let got = systemRead(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
        if got > 0 { count += got }
        if got == 0 { return }
        if got < 0, errno != EINTR { failure = errno }
      }
    }
    if let failure { return .failure(.unreadableFile(name, reason: reason(failure))) }
    return .success(bytes)
  }

  private static func reason(_ code: Int32) -> String {
    switch code {
    case ENOENT: "there is no such file"
    case EACCES: "permission denied"
    case ENOTDIR: "part of its path is not a folder"
    case EISDIR: "it is a folder"
    default: String(cString: strerror(code)).lowercased()
    }
  }
}
