/// How many columns of a terminal a scalar takes: 0, 1 or 2 (UAX #11, the blocks that matter).
func displayWidth(_ scalar: Unicode.Scalar) -> Int {
  let value = scalar.value
  if value < 0x300 { return 1 }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format: return 0
  default: break
  }
  for block in wideBlocks where block.contains(value) { return 2 }
  return 1
}

private let wideBlocks: [ClosedRange<UInt32>] = [
  0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
  0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
  0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
]

/// A line of source as cells of a terminal: tabs expanded, control characters made visible and harmless.
struct DisplayLine {
  static let tabWidth = 4
  /// Longer lines are cut to a window round the first label.
  static let limit = 200

  private(set) var text = ""
  /// Column at which each byte of the line is shown, and one past the end.
  private var columns: [Int] = []

  init(_ bytes: ArraySlice<UInt8>, keeping focus: Int) {
    let window = Self.window(of: bytes, keeping: focus)
    var column = 0
    if window.lowerBound > bytes.startIndex { append("…", width: 1, bytes: 0, to: &column) }
    columns = Array(repeating: column, count: window.lowerBound - bytes.startIndex)
    for scalar in String(decoding: bytes[window], as: UTF8.self).unicodeScalars {
      // A byte that is no UTF-8 reads as U+FFFD: it must count as one byte again.
      let length = scalar == "\u{FFFD}" ? replacedLength(bytes, window) : UTF8.width(scalar)
      switch scalar {
      case "\t":
        let width = Self.tabWidth - column % Self.tabWidth
        append(String(repeating: " ", count: width), width: width, bytes: 1, to: &column)
      case _ where scalar.properties.generalCategory == .control:
        append("\u{FFFD}", width: 1, bytes: length, to: &column)
      default: append(String(scalar), width: displayWidth(scalar), bytes: length, to: &column)
      }
    }
    columns.append(column)
    if window.upperBound < bytes.endIndex { text += "…" }
  }

  private mutating func append(_ shown: String, width: Int, bytes: Int, to column: inout Int) {
    text += shown
    for _ in 0..<bytes { columns.append(column) }
    column += width
  }

  /// Bytes behind the replacement character that comes next: its own three, or one that is no UTF-8.
  private func replacedLength(_ bytes: ArraySlice<UInt8>, _ window: Range<Int>) -> Int {
    let offset = bytes.startIndex + columns.count
    return bytes[offset..<window.upperBound].starts(with: [0xEF, 0xBF, 0xBD]) ? 3 : 1
  }

  /// The column of a byte offset from the start of the line.
  func column(of offset: Int) -> Int {
    columns.isEmpty ? 0 : columns[min(max(offset, 0), columns.count - 1)]
  }

  private static func window(of bytes: ArraySlice<UInt8>, keeping focus: Int) -> Range<Int> {
    guard bytes.count > limit else { return bytes.startIndex..<bytes.endIndex }
    var start = max(bytes.startIndex, min(bytes.startIndex + focus - limit / 3, bytes.endIndex - limit))
    var end = min(start + limit, bytes.endIndex)
    while start > bytes.startIndex, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    while end < bytes.endIndex, bytes[end] & 0xC0 == 0x80 { end += 1 }
    return start..<end
  }
}

extension UTF8 {
  static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0..<0x80: 1
    case 0x80..<0x800: 2
    case 0x800..<0x10000: 3
    default: 4
    }
  }
}
