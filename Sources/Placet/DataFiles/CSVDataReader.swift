import Descriptors
import Diagnostics
import PlacetVM

/// CSV (RFC 4180) with a header: a list of objects whose values are text. Lines end in CRLF, LF or CR; an
/// empty line is skipped where a row has more than one field.
struct CSVDataReader {
  private struct Row {
    var fields: [String] = []
    var line: Int
    var range: Range<Int>
  }

  private let source: Source
  private let bytes: [UInt8]
  private var position: Int
  private var line = 1

  static func read(name: String, bytes: [UInt8]) -> Result<DataNode, DataFileProblems> {
    let source = Source(name: name, bytes: bytes)
    if let offset = TextBytes.firstInvalid(bytes) {
      return .failure(DataFileProblems([.notUTF8(source, offset: offset)]))
    }
    var reader = CSVDataReader(source: source, bytes: bytes)
    return reader.document()
  }

  private init(source: Source, bytes: [UInt8]) {
    self.source = source
    self.bytes = bytes
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  private mutating func document() -> Result<DataNode, DataFileProblems> {
    do throws(Diagnostic) {
      guard let header = try row() else {
        return failure([.badHeader("expected a header, found an empty file", at: SourceRange(source, 0, 0))])
      }
      let names = try checked(header)
      return try rows(below: header, names)
    } catch {
      return failure([error])
    }
  }

  private mutating func rows(
    below header: Row, _ names: [String]
  ) throws(Diagnostic) -> Result<DataNode, DataFileProblems> {
    var items: [DataNode] = []
    var ragged: [Diagnostic] = []
    while let row = try row() {
      if row.range.isEmpty, names.count > 1 { continue }
      guard row.fields.count == names.count else {
        ragged.append(
          .raggedRow(
            found: row.fields.count, wanted: names.count, at: range(row), header: range(header)))
        continue
      }
      let fields = zip(names, row.fields).map { (key: $0, value: DataNode(.text($1), line: row.line)) }
      items.append(DataNode(.object(fields), line: row.line))
    }
    return ragged.isEmpty ? .success(DataNode(.list(items), line: 1)) : failure(ragged)
  }

  private func checked(_ header: Row) throws(Diagnostic) -> [String] {
    for (index, name) in header.fields.enumerated() {
      if name.isEmpty { throw .badHeader("column \(index + 1) has no name", at: range(header)) }
      if header.fields[..<index].contains(name) {
        throw .badHeader("the column '\(name)' is named twice", at: range(header))
      }
    }
    return header.fields
  }

  private mutating func row() throws(Diagnostic) -> Row? {
    guard position < bytes.count else { return nil }
    let start = position
    var row = Row(line: line, range: start..<start)
    while true {
      row.fields.append(try field())
      if position < bytes.count, bytes[position] == UInt8(ascii: ",") {
        position += 1
        continue
      }
      row.range = start..<position
      endLine()
      return row
    }
  }

  private mutating func field() throws(Diagnostic) -> String {
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return try plainField() }
    let opener = position
    var text: [UInt8] = []
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") {
        guard position < bytes.count, bytes[position] == byte else { return try closed(text) }
        position += 1
      }
      if byte == 0x0A { line += 1 }
      text.append(byte)
    }
    throw .badCSV(source, at: opener, "the quote is never closed")
  }

  /// What follows a closing quote is the end of the field.
  private func closed(_ text: [UInt8]) throws(Diagnostic) -> String {
    guard position == bytes.count || [0x2C, 0x0A, 0x0D].contains(bytes[position]) else {
      throw .badCSV(source, at: position, "expected ',' or the end of the line after a quoted field")
    }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func plainField() throws(Diagnostic) -> String {
    let start = position
    while position < bytes.count, ![0x2C, 0x0A, 0x0D].contains(bytes[position]) {
      guard bytes[position] != UInt8(ascii: "\"") else {
        throw .badCSV(source, at: position, "a quote stands at the beginning of a field or nowhere")
      }
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func endLine() {
    guard position < bytes.count else { return }
    let wasCarriageReturn = bytes[position] == 0x0D
    position += 1
    if wasCarriageReturn, position < bytes.count, bytes[position] == 0x0A { position += 1 }
    line += 1
  }

  private func range(_ row: Row) -> SourceRange {
    SourceRange(source, row.range.lowerBound, row.range.upperBound)
  }

  private func failure(_ diagnostics: [Diagnostic]) -> Result<DataNode, DataFileProblems> {
    .failure(DataFileProblems(diagnostics))
  }
}
