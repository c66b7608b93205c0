import Diagnostics

/// Every diagnostic about data files and inputs, in order of code.
extension Diagnostic {
  static func noFile(_ name: String, _ reason: String, at range: SourceRange) -> Self {
    Diagnostic("E0401", "cannot read '\(name)': \(reason)", at: .init(range, "wanted here"))
  }

  /// `at "hosts"` where the file has none.
  static func noPath(
    _ path: String, file: String, missing: String, nearest: String?, at range: SourceRange
  ) -> Self {
    var diagnostic = Diagnostic(
      "E0432", "\(file) has nothing at '\(path)'", at: .init(range, "'\(missing)' is not there"))
    if let nearest { diagnostic.notes = ["help: did you mean '\(nearest)'?"] }
    return diagnostic
  }

  /// `hosts[7].memory: wanted data, found true`.
  static func wrongData(_ place: DataPlace, wanted: String, found: String) -> Self {
    place.diagnostic("E0433", "wanted \(wanted), found \(found)", "this is \(found)")
  }

  static func unknownKey(_ place: DataPlace, key: String, of type: String, nearest: String?) -> Self {
    var diagnostic = place.diagnostic("E0434", "\(type) has no '\(key)'", "unknown key '\(key)'")
    if let nearest { diagnostic.notes.append("help: did you mean '\(nearest)'?") }
    return diagnostic
  }

  static func missingKey(_ place: DataPlace, key: String, type: String) -> Self {
    place.diagnostic("E0435", "'\(key)' (\(type)) is missing", "'\(key)' is missing here")
  }

  static func unknownEntity(_ place: DataPlace, name: String, kind: String, nearest: String?) -> Self {
    var diagnostic = place.diagnostic("E0436", "there is no \(kind) named '\(name)'", "not found")
    if let nearest { diagnostic.notes.append("help: did you mean '\(nearest)'?") }
    return diagnostic
  }

  static func repeatedInData(_ place: DataPlace, what: String) -> Self {
    place.diagnostic("E0437", "\(what) comes twice", "here again")
  }

  static func conditionNotMetByData(
    _ place: DataPlace, field: String, value: String, condition: SourceRange
  ) -> Self {
    var diagnostic = place.diagnostic(
      "E0438", "'\(field)' is \(value), which its declaration does not allow", "\(field) is \(value)")
    diagnostic.secondary.append(.init(condition, "this does not hold"))
    return diagnostic
  }

  /// `--set at_hour=…` where the policy has no such parameter.
  static func unknownParameter(_ name: String, nearest: String?, at range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0412", "the policy has no parameter '\(name)'", at: .init(range, "set as '\(name)'"))
    if let nearest { diagnostic.notes = ["help: did you mean '\(nearest)'?"] }
    return diagnostic
  }

  static func parameterNotAllowed(
    _ name: String, value: String, allowed: SourceRange, at range: SourceRange
  ) -> Self {
    var diagnostic = Diagnostic(
      "E0413", "parameter '\(name)' may not be \(value)", at: .init(range, "\(name) is \(value)"))
    diagnostic.secondary = [.init(allowed, "allowed are these")]
    return diagnostic
  }

  static func parameterMissing(_ name: String, at range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0414", "parameter '\(name)' has no value", at: .init(range, "it has no default"))
    diagnostic.notes = ["help: give it with --set \(name)=VALUE"]
    return diagnostic
  }
}

/// A place in a data file: `lab.json: hosts[7].memory`, with its line, and the statement that reads it.
struct DataPlace {
  var file: DataFile
  var path: String
  var line: Int
  /// The load, or the declaration of the parameter.
  var load: SourceRange

  func member(_ key: String, line: Int) -> DataPlace {
    var place = self
    place.path = path.isEmpty ? key : "\(path).\(key)"
    place.line = line
    return place
  }

  func element(_ index: Int, line: Int) -> DataPlace {
    var place = self
    place.path = "\(path)[\(index)]"
    place.line = line
    return place
  }

  var text: String { path.isEmpty ? file.name : "\(file.name): \(path)" }

  /// In the data file where its text is at hand, else at the load.
  func diagnostic(_ code: String, _ message: String, _ label: String) -> Diagnostic {
    if let source = file.source, line > 0, line <= source.lineStarts.count {
      let start = source.lineStarts[line - 1]
      let range = SourceRange(source, start, start + source.line(line).utf8.count)
      var diagnostic = Diagnostic(code, "\(text): \(message)", at: .init(range, label))
      if load.start < load.end { diagnostic.secondary = [.init(load, "read here")] }
      return diagnostic
    }
    let where_ = line > 0 ? "line \(line): " : ""
    return Diagnostic(code, "\(text): \(message)", at: .init(load, "\(where_)\(label)"))
  }
}
