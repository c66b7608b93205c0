import Foundation
import Glibc

/// A program on a terminal of its own, typed at and read as a person would.
final class PseudoTerminal {
  private let master: Int32
  private let process: pid_t
  /// All that was shown.
  private(set) var shown = ""
  private var mark: String.Index
  private var hasEnded = false

  struct Failure: Error, CustomStringConvertible { var description: String }

  /// Starts a program in a new session whose terminal this is.
  init(_ program: String, _ arguments: [String], environment: [String: String]) throws {
    // glibc hides its own calls from Swift: the numbers are TIOCSPTLCK and TIOCGPTN.
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var isLocked: Int32 = 0
    var number: UInt32 = 0
    guard master >= 0, ioctl(master, 0x4004_5431, &isLocked) == 0, ioctl(master, 0x8004_5430, &number) == 0
    else {
      throw Failure(description: "no pseudo-terminal: \(String(cString: strerror(errno)))")
    }
    let place = "/dev/pts/\(number)"
    var size = winsize(ws_row: 50, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The first terminal that the leader of a session opens becomes the session's.
    posix_spawn_file_actions_addopen(&actions, 0, place, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    posix_spawn_file_actions_addclose(&actions, master)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    let newSession: Int16 = 0x80
    posix_spawnattr_setflags(&attributes, newSession)

    let words = [program] + arguments
    let settings = environment.map { "\($0.key)=\($0.value)" }
    var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) } + [nil]
    defer { for word in argv + envp { free(word) } }
    var child: pid_t = 0
    let status = posix_spawn(&child, program, &actions, &attributes, &argv, &envp)
    guard status == 0 else { throw Failure(description: "\(program): \(String(cString: strerror(status)))") }
    process = child
    mark = shown.startIndex
  }

  deinit {
    if !hasEnded {
      kill(process, SIGKILL)
      var status: Int32 = 0
      waitpid(process, &status, 0)
    }
    close(master)
  }

  func type(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Reads on until a text was shown after the last one that was waited for.
  func wait(for text: String, seconds: Double = 600) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      if let found = shown.range(of: text, range: mark..<shown.endIndex) {
        mark = found.upperBound
        return
      }
      guard ContinuousClock.now < deadline, readMore() else {
        throw Failure(
          description: "waited for \(text.debugDescription), saw \(shown.suffix(600).debugDescription)")
      }
    }
  }

  /// What was shown since the start or the last text that was waited for.
  var rest: String { String(shown[mark...]) }

  /// Reads to the end and returns the exit status.
  func end() throws -> Int32 {
    let deadline = ContinuousClock.now + .seconds(600)
    while ContinuousClock.now < deadline, readMore() {}
    var status: Int32 = 0
    guard waitpid(process, &status, 0) == process else { throw Failure(description: "the program is lost") }
    hasEnded = true
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
  }

  /// False when the other side has closed; waits at most a second.
  private func readMore() -> Bool {
    var request = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&request, 1, 1000) > 0 else { return true }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(master, &buffer, buffer.count)
    guard count > 0 else { return false }
    let offset = shown.utf8.distance(from: shown.startIndex, to: mark)
    shown += String(decoding: buffer[..<count], as: UTF8.self)
    mark = shown.utf8.index(shown.startIndex, offsetBy: offset)
    return true
  }
}
