/// The lines of one file that a diagnostic speaks of, with marks below them.
struct Snippet {
  let group: [TerminalRenderer.Mark]
  let isFirst: Bool
  let gutter: Gutter
  let severity: TerminalRenderer.Style

  var lines: [String] {
    let source = group[0].label.range.source
    let arrow = gutter.arrow(isFirst ? "-->" : ":::")
    // A place that is no text, such as an entry of a data file, has a name alone.
    guard !source.bytes.isEmpty else {
      let labels = group.map { gutter.bar + "  " + TerminalRenderer.singleLine($0.label.text) }
      return (isFirst ? [] : [gutter.bar]) + ["\(arrow) \(TerminalRenderer.singleLine(source.name))"] + labels
    }
    let (line, column) = source.position(of: group[0].label.range.start)
    let head = "\(arrow) \(TerminalRenderer.singleLine(source.name)):\(line):\(column)"
    return (isFirst ? [] : [gutter.bar]) + [head, gutter.bar] + picture(of: source)
  }

  private func picture(of source: Source) -> [String] {
    let numbers = Set(group.map(\.line)).sorted()
    var lines: [String] = []
    var previous: Int?
    for number in numbers {
      if let previous, number == previous + 2 { lines.append(plain(previous + 1, of: source)) }
      if let previous, number > previous + 2 { lines.append("...") }
      lines += annotated(number, of: source)
      previous = number
    }
    return lines
  }

  private func plain(_ number: Int, of source: Source) -> String {
    gutter.number(number) + " " + DisplayLine(Self.bytes(of: number, in: source), keeping: 0).text
  }

  private static func bytes(of number: Int, in source: Source) -> ArraySlice<UInt8> {
    let start = source.lineStarts[number - 1]
    var end = number < source.lineStarts.count ? source.lineStarts[number] - 1 : source.bytes.count
    if end > start, source.bytes[end - 1] == 0x0D { end -= 1 }
    return source.bytes[start..<max(start, end)]
  }

  // MARK: - Marks

  /// A label where it is drawn.
  private struct Drawn {
    var columns: Range<Int>
    var text: String
    var isPrimary: Bool
  }

  private func annotated(_ number: Int, of source: Source) -> [String] {
    let bytes = Self.bytes(of: number, in: source)
    let marks = group.filter { $0.line == number }
    let focus = marks.first { $0.isPrimary } ?? marks[0]
    let line = DisplayLine(bytes, keeping: focus.label.range.start - bytes.startIndex)
    let drawn = marks.map { draw($0, on: line, from: bytes.startIndex) }.sorted {
      ($0.columns.lowerBound, $0.isPrimary ? 1 : 0) < ($1.columns.lowerBound, $1.isPrimary ? 1 : 0)
    }
    return [gutter.number(number) + " " + line.text] + annotations(drawn)
  }

  /// A label over several lines is drawn on the first; one of no width takes one column.
  private func draw(_ mark: TerminalRenderer.Mark, on line: DisplayLine, from start: Int) -> Drawn {
    let range = mark.label.range
    let first = line.column(of: range.start - start)
    let last = max(line.column(of: range.end - start), first + 1)
    return Drawn(
      columns: first..<last, text: TerminalRenderer.singleLine(mark.label.text), isPrimary: mark.isPrimary)
  }

  /// Marks in one row; the text of the rightmost beside it, the others hang below, rightmost first.
  private func annotations(_ drawn: [Drawn]) -> [String] {
    guard let last = drawn.last else { return [] }
    var hanging = Array(drawn.dropLast())
    let isClear = hanging.allSatisfy { $0.columns.upperBound <= last.columns.lowerBound }
    if !isClear { hanging = drawn }
    var lines = [gutter.bar + " " + row(marks: drawn) + (isClear ? " " + coloured(last.text, last) : "")]
    hanging.removeAll { $0.text.isEmpty }
    if !hanging.isEmpty { lines.append(gutter.bar + " " + row(bars: hanging, then: nil)) }
    while let next = hanging.popLast() {
      lines.append(gutter.bar + " " + row(bars: hanging, then: next))
    }
    return lines
  }

  private func row(marks: [Drawn]) -> String {
    let width = marks.map(\.columns.upperBound).max() ?? 0
    var owners = [Drawn?](repeating: nil, count: width)
    for mark in marks.sorted(by: { !$0.isPrimary && $1.isPrimary }) {
      for column in mark.columns { owners[column] = mark }
    }
    return owners.map { owner in owner.map { coloured($0.isPrimary ? "^" : "-", $0) } ?? " " }.joined()
  }

  private func row(bars: [Drawn], then text: Drawn?) -> String {
    var line = ""
    var column = 0
    for bar in bars where bar.columns.lowerBound >= column {
      if let text, bar.columns.lowerBound >= text.columns.lowerBound { break }
      line += String(repeating: " ", count: bar.columns.lowerBound - column) + coloured("|", bar)
      column = bar.columns.lowerBound + 1
    }
    guard let text else { return line }
    line += String(repeating: " ", count: max(0, text.columns.lowerBound - column))
    return line + coloured(text.text, text)
  }

  private func coloured(_ text: String, _ mark: Drawn) -> String {
    gutter.style(text, mark.isPrimary ? severity : .blue)
  }
}
