import Glibc
import Synchronization

/// A program of ours that runs, with pipes to its standard input, output and error: in a process group of its own
/// (the terminal's interrupt is for us, not for it), with no open file but those three.
final class ChildProcess: Sendable {
  let pid: pid_t
  /// We write here; it reads.
  let input: CInt
  /// It writes there; we read.
  let output: CInt
  let errors: CInt
  /// Until it is waited for, its number is its own.
  private let isReaped = Mutex(false)
  private let isInputClosed = Mutex(false)

  struct StartFailure: Error {
    let message: String
  }

  init(_ path: String, environment: [String: String]) throws(StartFailure) {
    let standardInput = try Self.pipe()
    let standardOutput = try Self.pipe()
    let standardError = try Self.pipe()
    let theirs = [standardInput.reading, standardOutput.writing, standardError.writing]
    let ours = [standardInput.writing, standardOutput.reading, standardError.reading]
    defer { for descriptor in theirs { _ = close(descriptor) } }
    do throws(StartFailure) {
      pid = try Self.spawn(path, environment, theirs)
    } catch {
      for descriptor in ours { _ = close(descriptor) }
      throw error
    }
    (input, output, errors) = (ours[0], ours[1], ours[2])
  }

  private static func pipe() throws(StartFailure) -> (reading: CInt, writing: CInt) {
    var ends: [CInt] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { throw StartFailure(message: reason(errno)) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// `posix_spawn_file_actions_addclosefrom_np`, which GNU's headers show to C programs alone; a C library without it
  /// leaves the closing to each file's own close-on-exec.
  private static let closeFrom: CloseFrom? = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
    unsafeBitCast($0, to: CloseFrom.self)
  }
  private typealias CloseFrom =
    @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, CInt) -> CInt

  private static func spawn(_ path: String, _ environment: [String: String], _ files: [CInt])
    throws(StartFailure) -> pid_t
  {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (number, file) in files.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, file, CInt(number))
    }
    _ = closeFrom?(&actions, 3)
    // It begins with no signal blocked or ignored, whatever we do.
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    let variables = environment.map { "\($0.key)=\($0.value)" }.sorted()
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(path), nil]
    var environ: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
    defer { for text in arguments + environ { free(text) } }
    var pid: pid_t = 0
    let status = posix_spawn(&pid, path, &actions, &attributes, &arguments, &environ)
    guard status == 0 else { throw StartFailure(message: reason(status)) }
    return pid
  }

  /// Ends it and all that it started, whatever they do.
  func kill() {
    isReaped.withLock { isReaped in
      if !isReaped { _ = Glibc.kill(-pid, SIGKILL) }
    }
  }

  /// Closes its standard input, once.
  func closeInput() {
    isInputClosed.withLock { isClosed in
      if !isClosed { close(input) }
      isClosed = true
    }
  }

  /// Lets it end by itself for a moment, else ends it; how it ended: `it ended with status 3`.
  func wait() -> String {
    for _ in 0..<30 where !hasEnded(WNOHANG) { usleep(10_000) }
    kill()
    _ = hasEnded(0)
    var status: CInt = 0
    isReaped.withLock { isReaped in
      waitpid(pid, &status, 0)
      isReaped = true
    }
    let signal = status & 0x7F
    return signal == 0 ? "it ended with status \((status >> 8) & 0xFF)" : "it was ended by signal \(signal)"
  }

  /// Whether it is over, without forgetting how.
  private func hasEnded(_ flag: CInt) -> Bool {
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT | flag) < 0 {
      guard errno == EINTR else { return true }
    }
    return information.si_signo != 0
  }

  /// Writes all of it; false when nobody reads. A reader that is gone is no signal to us.
  func write(_ bytes: [UInt8]) -> Bool {
    Self.withoutBrokenPipe {
      bytes.withUnsafeBytes { buffer in
        var rest = buffer[...]
        while !rest.isEmpty {
          let slice = UnsafeRawBufferPointer(rebasing: rest)
          let count = Glibc.write(input, slice.baseAddress, slice.count)
          if count < 0 {
            guard errno == EINTR else { return false }
          } else {
            rest = rest.dropFirst(count)
          }
        }
        return true
      }
    }
  }

  /// Reads what there is, at most so much; nil at the end.
  static func read(_ descriptor: CInt, atMost most: Int = 65_536) -> [UInt8]? {
    while true {
      var count = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, filled in
        count = Glibc.read(descriptor, buffer.baseAddress, most)
        filled = max(0, count)
      }
      if count > 0 { return bytes }
      if count == 0 || errno != EINTR { return nil }
    }
  }

  /// Holds SIGPIPE back on this thread while the body runs, and forgets the one that it raised.
  private static func withoutBrokenPipe(_ body: () -> Bool) -> Bool {
    var pipe = sigset_t()
    var before = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &pipe, &before)
    let result = body()
    if !result {
      var now = timespec(tv_sec: 0, tv_nsec: 0)
      _ = sigtimedwait(&pipe, nil, &now)
    }
    pthread_sigmask(SIG_SETMASK, &before, nil)
    return result
  }

  private static func reason(_ code: CInt) -> String { String(cString: strerror(code)).lowercased() }
}
