import Diagnostics

/// What the readers of data files have to say, in order of code. YAML's own are with its tree in `Descriptors`.
extension Diagnostic {
  /// `load host from "lab.json"` where there is no such file.
  static func unreadableFile(_ name: String, reason: String) -> Self {
    Diagnostic("E0401", "cannot read '\(name)': \(reason)", at: Label(nowhere(in: name), "this file"))
  }

  /// `load host from "lab.xlsx"`.
  static func unknownFormat(_ name: String) -> Self {
    var diagnostic = Diagnostic(
      "E0402", "the name '\(name)' does not say what format the file has",
      at: Label(nowhere(in: name), "expected a name that ends in .json, .yaml, .yml or .csv"))
    diagnostic.notes = ["help: give the file one of these endings"]
    return diagnostic
  }

  static func tooLarge(_ name: String, size: Int, limit: Int) -> Self {
    Diagnostic(
      "E0403", "'\(name)' has \(size) bytes, the limit is \(limit)",
      at: Label(nowhere(in: name), "too large to read"))
  }

  /// `{"hosts": [1, 2}`.
  static func badJSON(_ source: Source, offset: Int, _ message: String) -> Self {
    Diagnostic("E0405", message, at: Label(SourceRange(source, offset, offset + 1), "this is not JSON"))
  }

  /// A quote that is never closed, or text after one that is.
  static func badCSV(_ source: Source, at offset: Int, _ message: String) -> Self {
    Diagnostic("E0409", message, at: Label(SourceRange(source, offset, offset + 1), "this is not CSV"))
  }

  /// `name,cores` and below it `sto-1`.
  static func raggedRow(
    found: Int, wanted: Int, at row: SourceRange, header: SourceRange
  ) -> Self {
    var diagnostic = Diagnostic(
      "E0410", "expected \(wanted) fields, found \(found)",
      at: Label(row, "this row has \(found)"))
    diagnostic.secondary = [Label(header, "the header names \(wanted)")]
    return diagnostic
  }

  /// `name,cores,name`, or a column without a name.
  static func badHeader(_ message: String, at range: SourceRange) -> Self {
    Diagnostic("E0411", message, at: Label(range, "in the header"))
  }

  private static func nowhere(in name: String) -> SourceRange {
    SourceRange(Source(name: name, bytes: []), 0, 0)
  }
}
