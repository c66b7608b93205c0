/// One way of spacing for each pair of neighbours on a line.
extension Formatter {
  func hasBlank(before index: Int) -> Bool {
    guard index > 0 else { return false }
    let left = index - 1
    if isTight(after: left) || isTight(before: index) { return false }
    if isSymbol("/", index) { return hasBlanksRound(slash: index) }
    if isSymbol("/", left) { return hasBlanksRound(slash: left) }
    if isSymbol("(", index) || isSymbol("[", index) { return !canBeCalled(left) }
    if isSymbol("?", index) { return isSymbol("?", left) }
    return true
  }

  private func isTight(after left: Int) -> Bool {
    switch tokens[left].kind {
    case .textOpen, .textMore: true
    case .symbol:
      ["(", "[", ".", "?.", "..", "..<"].contains(texts[left]) || isUnaryMinus(left)
        || texts[left] == ":" && isSymbol("]", left + 1)
    default: false
    }
  }

  private func isTight(before index: Int) -> Bool {
    switch tokens[index].kind {
    case .textMore, .textClose: true
    case .symbol: [")", "]", ".", "?.", "..", "..<", ",", ":"].contains(texts[index])
    default: false
    }
  }

  /// A rate `EUR/h` in a type and a division look alike: blanks stay as they were on both sides together.
  private func hasBlanksRound(slash: Int) -> Bool {
    tokens[slash - 1].end < tokens[slash].start || tokens[slash].end < tokens[slash + 1].start
  }

  /// A "-" where no operand stands before it.
  private func isUnaryMinus(_ index: Int) -> Bool {
    guard isSymbol("-", index) else { return false }
    guard index > 0 else { return true }
    return !endsOperand(index - 1)
  }

  private func endsOperand(_ index: Int) -> Bool {
    switch tokens[index].kind {
    case .symbol: [")", "]", "}"].contains(texts[index])
    case .reserved: ["true", "false", "none", "this"].contains(texts[index])
    default: true
    }
  }

  /// A bracket after this is a call or an index, not a tuple or a list.
  private func canBeCalled(_ index: Int) -> Bool {
    switch tokens[index].kind {
    case .reserved: return ["all", "this", "true", "false", "none"].contains(texts[index])
    case .word where texts[index] == "of":
      return !(index > 0 && tokens[index - 1].kind == .reserved && texts[index - 1] == "set")
    default: return endsOperand(index)
    }
  }
}

/// What stands between two tokens, separators among it.
struct Gap {
  struct Comment {
    var text: String
    /// Newlines between this and what stands before it.
    var linesBefore: Int
  }

  var comments: [Comment] = []
  /// Newlines between the last comment, or the token before, and the token after.
  var linesAfter = 0

  init(_ bytes: ArraySlice<UInt8>) {
    var offset = bytes.startIndex
    while offset < bytes.endIndex {
      switch bytes[offset] {
      case UInt8(ascii: "\n"):
        linesAfter += 1
        offset += 1
      case UInt8(ascii: "/"):
        let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        comments.append(Comment(text: Self.trimmed(bytes[offset..<end]), linesBefore: linesAfter))
        linesAfter = 0
        offset = end
      default: offset += 1
      }
    }
  }

  private static func trimmed(_ comment: ArraySlice<UInt8>) -> String {
    var text = comment
    while let last = text.last, [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")].contains(last) {
      text = text.dropLast()
    }
    return String(decoding: text, as: UTF8.self)
  }
}
