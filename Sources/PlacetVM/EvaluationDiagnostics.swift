import Diagnostics

/// Every diagnostic of building a world and of known evaluation, in order of code.
extension Diagnostic {
  // MARK: Entities

  /// `host["r1-c7"]` where there is no such host.
  static func noEntity(_ name: String, kind: String, nearest: String?, at range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0351", "there is no \(kind) named '\(name)'", at: .init(range, "not found"))
    if let nearest { diagnostic.notes = ["help: did you mean '\(nearest)'?"] }
    return diagnostic
  }

  /// `vnf["mme"]` where two services have one.
  static func ambiguousEntity(_ name: String, kind: String, paths: [String], at range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0352", "several entities of kind \(kind) are named '\(name)'", at: .init(range, "which one?"))
    diagnostic.notes = ["they are \(paths.joined(separator: ", "))"]
    return diagnostic
  }

  /// Two `host a` in one place.
  /// - Parameter place: where the first was loaded from, where it was.
  static func repeatedName(
    _ name: String, kind: String, at range: SourceRange, first: SourceRange?, loaded place: String? = nil
  ) -> Self {
    var diagnostic = Diagnostic(
      "E0353", "\(kind) '\(name)' is made twice", at: .init(range, "here again"))
    if place != nil, first?.start == first?.end {
      diagnostic.notes = [
        "a vim with an endpoint says itself what it has, and one of them has \(kind) '\(name)'",
        "help: take it out of the policy; what the VIM does not know of it goes into a file for --inventory",
      ]
    } else if let first, first != range {
      diagnostic.secondary = [.init(first, "first made here")]
    } else if first != nil {
      diagnostic.notes = ["help: give each a name of its own, such as \"…-\\(n)\""]
    }
    return diagnostic
  }

  /// `host a { }` where `cores` has no default.
  static func missingField(
    _ field: String, type: String, entity: String, kind: String, made: SourceRange?, declared: SourceRange,
    place: String?
  ) -> Self {
    let where_ = place.map { " (\($0))" } ?? ""
    var diagnostic = Diagnostic(
      "E0354", "\(kind) '\(entity)'\(where_) has no value for '\(field)'",
      at: .init(made ?? declared, "'\(field)' (\(type)) is missing here"))
    diagnostic.secondary = [.init(declared, "declared without a default")]
    return diagnostic
  }

  /// `cores: int where cores > 0` given -1.
  static func conditionNotMet(
    _ field: String, value: String, entity: String, at range: SourceRange, condition: SourceRange,
    place: String?
  ) -> Self {
    var diagnostic = Diagnostic(
      "E0355", "\(place ?? entity): '\(field)' is \(value), which its declaration does not allow",
      at: .init(range, "\(field) is \(value)"))
    diagnostic.secondary = [.init(condition, "this does not hold")]
    return diagnostic
  }

  /// `let a = b` and `let b = a`.
  static func cycle(_ names: [String], at range: SourceRange) -> Self {
    Diagnostic(
      "E0357", "\(names.first ?? "a value") needs itself",
      at: .init(range, (names + [names.first ?? ""]).joined(separator: " -> ")))
  }

  /// `host "a-[5..1]"`.
  static func badSpan(_ text: String, at range: SourceRange) -> Self {
    Diagnostic("E0358", "'\(text)' is no span of names", at: .init(range, "wanted as in \"r-[1..4]\""))
  }

  // MARK: Evaluation

  /// `refuse "no price"` met outside of a rule.
  static func refused(_ reason: String, at range: SourceRange) -> Self {
    Diagnostic("E0501", "refused: \(reason)", at: .init(range, "this was evaluated, and it refuses"))
  }

  static func overflow(at range: SourceRange) -> Self {
    Diagnostic("E0502", "the result does not fit", at: .init(range, "beyond 64 bits"))
  }

  static func divisionByZero(at range: SourceRange) -> Self {
    Diagnostic("E0503", "division by zero", at: .init(range, "the divisor is 0"))
  }

  static func outOfSteps(_ steps: Int, at range: SourceRange) -> Self {
    Diagnostic(
      "E0504", "this takes more than \(steps) steps", at: .init(range, "the budget was used up here"))
  }

  static func outOfMemory(_ bytes: Int, at range: SourceRange) -> Self {
    Diagnostic(
      "E0505", "this needs more than \(bytes) bytes of values",
      at: .init(range, "the budget was used up here"))
  }

  /// Ctrl-C.
  static func stopped(at range: SourceRange) -> Self {
    Diagnostic("E0512", "stopped before there was a value", at: .init(range, "it was here"))
  }

  static func tooDeep(_ depth: Int, at range: SourceRange) -> Self {
    Diagnostic(
      "E0506", "more than \(depth) values wait for one another", at: .init(range, "one more here"))
  }

  /// `[p.name: p for each p in ps]` with two p of one name.
  static func repeatedKey(_ key: String, at range: SourceRange) -> Self {
    Diagnostic("E0507", "the key \(key) comes twice", at: .init(range, "keys of a map are distinct"))
  }

  /// `i.host` read before anything is solved.
  static func undecided(_ path: String, at range: SourceRange) -> Self {
    Diagnostic("E0508", "\(path) is not decided yet", at: .init(range, "read here, before a placement"))
  }

  /// `waive r for e` where no instance of r has e.
  static func waiverMatchesNothing(_ rule: String, at range: SourceRange) -> Self {
    Diagnostic(
      "E0509", "this waives nothing",
      at: .init(range, "no instance of '\(rule)' has it as argument or variable"))
  }

  /// `floor(x, to: 0 km)`.
  static func badArgument(_ message: String, at range: SourceRange) -> Self {
    Diagnostic("E0510", message, at: .init(range, "cannot be computed"))
  }

  /// `always(…)` where no solver is at hand.
  static func noAnswer(at range: SourceRange) -> Self {
    Diagnostic("E0511", "only a test can ask this", at: .init(range, "asks for placements"))
  }
}
