/// A file of text as the author wrote it: a policy, a data file, a line typed at the prompt.
///
/// Offsets are UTF-8 offsets from the start of `text`.
package final class Source: Sendable, Hashable {
  /// The name shown to the author: a path as it was given, `stdlib/nfv.placet`, `<repl>`.
  package let name: String
  package let text: String
  /// The bytes of `text`; any byte sequence is a legal source (invalid UTF-8 is diagnosed, not trapped).
  package let bytes: [UInt8]
  /// UTF-8 offset at which each line starts.
  package let lineStarts: [Int]

  package init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    self.text = String(decoding: bytes, as: UTF8.self)
    var starts = [0]
    for (offset, byte) in bytes.enumerated() where byte == 0x0A { starts.append(offset + 1) }
    self.lineStarts = starts
  }

  package convenience init(name: String, text: String) {
    self.init(name: name, bytes: Array(text.utf8))
  }

  /// Line and column of an offset, both from 1; the column counts Unicode scalars.
  package func position(of offset: Int) -> (line: Int, column: Int) {
    let offset = min(max(offset, 0), bytes.count)
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    let scalars = bytes[lineStarts[low]..<offset].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    return (low + 1, scalars + 1)
  }

  /// The text of a line, from 1, without its line break.
  package func line(_ number: Int) -> String {
    guard number >= 1, number <= lineStarts.count else { return "" }
    let start = lineStarts[number - 1]
    var end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
    if end > start, bytes[end - 1] == 0x0D { end -= 1 }
    return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
  }

  package static func == (a: Source, b: Source) -> Bool { a === b }
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// A half-open range of UTF-8 offsets in one source.
package struct SourceRange: Hashable, Sendable {
  package var source: Source
  package var start: Int
  package var end: Int

  package init(_ source: Source, _ start: Int, _ end: Int) {
    self.source = source
    self.start = start
    self.end = end
  }

  /// From the start of this range to the end of `other`.
  package func through(_ other: SourceRange) -> SourceRange {
    SourceRange(source, start, max(end, other.end))
  }

  package var text: String {
    String(decoding: source.bytes[start..<min(max(start, end), source.bytes.count)], as: UTF8.self)
  }

  /// Line of the start, from 1.
  package var line: Int { source.position(of: start).line }
}
