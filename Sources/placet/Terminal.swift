import Diagnostics
import Foundation

/// Standard output and error as a person has them: width, colour, and whether anyone looks.
enum Terminal {
  static let showsColour =
    isatty(STDERR_FILENO) != 0 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
    && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  static let isInteractive = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0
  static let showsProgress = isatty(STDERR_FILENO) != 0

  /// Columns of the terminal, 80 where output is no terminal.
  static var width: Int {
    var size = winsize()
    guard isatty(STDOUT_FILENO) != 0, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
    else { return 80 }
    return Int(size.ws_col)
  }

  static func print(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

  static func complain(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
