import Diagnostics

/// Lists of elements in curly brackets, and how reading goes on after an error.
extension Parser {
  /// What separates the elements of a list in curly brackets.
  enum Separation { case lines, linesOrCommas }

  /// `{ element … }`; an element that cannot be read becomes what `invalid` makes of its range, if anything.
  mutating func parseBraced<T>(
    _ separation: Separation,
    invalid: (SourceRange) -> T?,
    element: (inout Parser) throws(Panic) -> T
  ) throws(Panic) -> [T] {
    let opener = index
    try expect("{")
    var elements: [T] = []
    while !at("}") {
      if isAtEnd || isAtForeignItem {
        _ = openBracket("'}'", opener: opener)
        return elements
      }
      parseElement(into: &elements, separation, invalid: invalid, element: element)
      if !at("}"), !isAtEnd, !isAtForeignItem { parseSeparator(separation) }
    }
    advance()
    return elements
  }

  private mutating func parseElement<T>(
    into elements: inout [T], _ separation: Separation, invalid: (SourceRange) -> T?,
    element: (inout Parser) throws(Panic) -> T
  ) {
    let start = index
    do throws(Panic) {
      elements.append(try element(&self))
    } catch {
      recover(stoppingAtCommas: separation == .linesOrCommas) { (p) throws(Panic) in
        _ = try p.parseBraced(separation, invalid: invalid, element: element)
      }
      if let element = invalid(range(from: start)) { elements.append(element) }
    }
  }

  /// Between two elements; without one it says so and leaves the next verb standing.
  private mutating func parseSeparator(_ separation: Separation) {
    if isAtSeparator { advance(); return }
    if separation == .linesOrCommas, at(",") { advance(); return }
    let wanted = separation == .lines ? "end of line" : "',' or end of line"
    if separation == .linesOrCommas, isAtLabel {
      // Read on as if it were there.
      return report(.missingComma(before: range(of: index), after: range(of: index - 1)))
    }
    _ = panic(wanted: wanted)
    if kind == .reserved, Words.statementOnly.contains(texts[index]) { return }
    recover(stoppingAtCommas: separation == .linesOrCommas)
    if isAtSeparator || separation == .linesOrCommas && at(",") { advance() }
  }

  /// At the start of a line, a word that begins an item of a file: every bracket before was left open.
  var isAtForeignItem: Bool {
    kind == .reserved && Words.itemOnly.contains(texts[index]) && index > 0
      && (tokens[index - 1].kind == .separator || at("{", ahead: -1))
  }

  /// Skips to the separator, comma or closing bracket that ends this element, and no further.
  ///
  /// `block` reads a block on the way, so that its errors are told as well.
  mutating func recover(
    stoppingAtCommas: Bool, block: (inout Parser) throws(Panic) -> Void
  ) {
    var open: [String] = []
    while !isAtEnd, !hasGivenUp {
      if open.isEmpty, at("{") {
        do throws(Panic) { try nested(block) } catch { return }
        continue
      }
      if stepOver(&open, stoppingAtCommas: stoppingAtCommas) { return }
      advance()
    }
  }

  mutating func recover(stoppingAtCommas: Bool) {
    var open: [String] = []
    while !isAtEnd, !stepOver(&open, stoppingAtCommas: stoppingAtCommas) { advance() }
  }

  /// Keeps account of the brackets skipped; true where skipping ends.
  private func stepOver(_ open: inout [String], stoppingAtCommas: Bool) -> Bool {
    switch (kind, texts[index]) {
    case (.separator, _): return !open.contains("{") && open.last != "\""
    case (.textOpen, _): open.append("\"")
    case (.textClose, _): if open.last == "\"" { open.removeLast() }
    case (.symbol, "("), (.symbol, "["), (.symbol, "{"): open.append(texts[index])
    case (.symbol, ","): return open.isEmpty && stoppingAtCommas
    case (.symbol, "}"):
      guard let last = open.lastIndex(of: "{") else { return true }
      open.removeSubrange(last...)
    case (.symbol, ")"): if open.last == "(" { open.removeLast() }
    case (.symbol, "]"): if open.last == "[" { open.removeLast() }
    case (.reserved, _): return isAtForeignItem
    default: break
    }
    return false
  }

  /// `a, b, c` with an optional comma at the end, up to `closer`.
  mutating func parseCommaList<T>(
    until closer: String, opener: Int, element: (inout Parser) throws(Panic) -> T
  ) throws(Panic) -> [T] {
    var elements: [T] = []
    while !at(closer) {
      elements.append(try element(&self))
      if !skipIfPresent(",") { break }
    }
    try close(closer, opener: opener, or: "',' or ")
    return elements
  }
}
