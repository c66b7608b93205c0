import Diagnostics
import PlacetSyntax

/// What names and types can be told: every diagnostic of the checker about them, in order of code.
extension Diagnostic {
  /// `expect x == colour` where nothing is called `colour`.
  static func unknownName(_ name: Name, known: [String], what: String = "nothing here") -> Self {
    Diagnostic("E0201", "\(what) is called '\(name.text)'", at: Label(name.range, "not known"))
      .suggesting(name, among: known)
  }

  /// `cores: integer`
  static func unknownType(_ name: Name, known: [String]) -> Self {
    Diagnostic("E0202", "no type is called '\(name.text)'", at: Label(name.range, "not a type"))
      .suggesting(name, among: known)
  }

  /// `memory: 4 GHz` where an amount of data is wanted.
  static func mismatch(
    expected: String, found: String, at use: SourceRange, because: Label? = nil, help: String? = nil
  ) -> Self {
    var diagnostic = Diagnostic(
      "E0203", "expected \(expected), found \(found)", at: Label(use, "this is \(found)"))
    if let because { diagnostic.secondary = [because] }
    if let help { diagnostic.notes = ["help: \(help)"] }
    return diagnostic
  }

  /// `host.memroy`
  static func unknownMember(_ name: Name, of type: String, known: [String]) -> Self {
    Diagnostic(
      "E0204", "\(type) has no field '\(name.text)'", at: Label(name.range, "not a field of \(type)")
    ).suggesting(name, among: known)
  }

  /// `kind: openstak`
  static func unknownCase(_ name: Name, of type: String, known: [String]) -> Self {
    var diagnostic = Diagnostic(
      "E0205", "\(type) has no case '\(name.text)'", at: Label(name.range, "not a case of \(type)"))
    if known.count <= 12 { diagnostic.notes = ["cases: \(known.joined(separator: ", "))"] }
    return diagnostic.suggesting(name, among: known)
  }

  /// `memory: 4 GB1`
  static func unknownUnit(_ name: Name, known: [String]) -> Self {
    Diagnostic("E0206", "no unit is called '\(name.text)'", at: Label(name.range, "not a unit"))
      .suggesting(name, among: known)
  }

  /// `spread(v.instances, ovr: rack)`, `spread()`: arguments that do not fit the parameters.
  static func wrongArgument(_ message: String, at use: SourceRange, _ label: String) -> Self {
    Diagnostic("E0207", message, at: Label(use, label))
  }

  /// `gateway` where two entities are called so.
  static func ambiguous(_ name: Name, candidates: [String]) -> Self {
    var diagnostic = Diagnostic(
      "E0208", "'\(name.text)' may be several things", at: Label(name.range, "which one?"))
    diagnostic.notes = ["it may be \(candidates.joined(separator: ", or "))"]
    return diagnostic
  }

  /// `rule a { }` twice in one file.
  static func declaredTwice(_ name: Name, what: String, first: SourceRange?) -> Self {
    var diagnostic = Diagnostic(
      "E0209", "\(what) '\(name.text)' is declared twice", at: Label(name.range, "again here"))
    if let first { diagnostic.secondary = [Label(first, "first declared here")] }
    return diagnostic
  }

  /// `99999999999999999999`
  static func numberTooLarge(at use: SourceRange) -> Self {
    Diagnostic("E0210", "this number does not fit 64 bits", at: Label(use, "too large"))
  }

  /// `for each host h, cell h`
  static func shadowing(_ name: Name, first: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0211", "'\(name.text)' is already bound here", at: Label(name.range, "would hide the other"))
    diagnostic.secondary = [Label(first, "bound here")]
    return diagnostic
  }

  /// `i.cell.cores` where `i.cell` may be none.
  static func optionalUsed(_ type: String, wanted: String, at use: SourceRange, help: String) -> Self {
    var diagnostic = Diagnostic(
      "E0212", "this may be none: expected \(wanted), found \(type)", at: Label(use, "may be none"))
    diagnostic.notes = ["help: \(help)"]
    return diagnostic
  }

  /// `a.cell == b.cell` where either may be none.
  static func twoOptionals(at use: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0213", "both sides may be none, and none is not the same as none",
      at: Label(use, "compares two optionals"))
    diagnostic.notes = ["help: say what holds without a value: `x != none and x == y`, or `??`"]
    return diagnostic
  }

  /// `"a" * 2`
  static func wrongOperands(
    _ symbol: String, _ left: String, _ right: String?, at use: SourceRange, help: String? = nil
  ) -> Self {
    let operands = right.map { "\(left) and \($0)" } ?? left
    var diagnostic = Diagnostic(
      "E0214", "'\(symbol)' does not work on \(operands)", at: Label(use, "not for these"))
    if let help { diagnostic.notes = ["help: \(help)"] }
    return diagnostic
  }

  /// `match kind { openstack => 1 }` where there are other kinds.
  static func notExhaustive(missing: [String], at use: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0215", "this match leaves out \(missing.joined(separator: ", "))",
      at: Label(use, "not every value has an arm"))
    diagnostic.notes = ["help: add an arm for each, or `_ => …` for the rest"]
    return diagnostic
  }

  /// `3(4)`
  static func notCallable(_ what: String, at use: SourceRange) -> Self {
    Diagnostic("E0216", "\(what) cannot be called", at: Label(use, "not a function"))
  }

  /// `let xs = []`
  static func unknownInference(_ what: String, at use: SourceRange, help: String) -> Self {
    var diagnostic = Diagnostic("E0217", "cannot tell \(what)", at: Label(use, "type not known"))
    diagnostic.notes = ["help: \(help)"]
    return diagnostic
  }

  /// `fun f(n: int): int = f(n - 1)`
  static func recursion(_ cycle: [String], at use: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0218", "'\(cycle.first ?? "")' needs itself", at: Label(use, "comes back to itself"))
    diagnostic.notes = [
      cycle.joined(separator: " -> "), "help: `reach` walks a graph; nothing else may recur",
    ]
    return diagnostic
  }

  /// `vim sto { kind: openstack }` where a site must be given.
  static func missingFields(_ names: [String], of type: String, at use: SourceRange) -> Self {
    Diagnostic(
      "E0219", "\(type) needs \(names.map { "'\($0)'" }.joined(separator: ", "))",
      at: Label(use, names.count == 1 ? "one field is missing" : "\(names.count) fields are missing"))
  }

  /// `unit GiB = "a"`
  static func wrongDefinition(_ message: String, at use: SourceRange) -> Self {
    Diagnostic("E0220", message, at: Label(use, "not a definition"))
  }

  /// `match 3 { gold => 1 }`
  static func wrongPattern(_ message: String, at use: SourceRange) -> Self {
    Diagnostic("E0221", message, at: Label(use, "does not fit"))
  }

  /// `for each x in 3`
  static func notIterable(_ type: String, at use: SourceRange, help: String?) -> Self {
    var diagnostic = Diagnostic(
      "E0222", "\(type) has no elements to go through", at: Label(use, "this is \(type)"))
    if let help { diagnostic.notes = ["help: \(help)"] }
    return diagnostic
  }

  /// `extend grade { platinum }` where grade is not open.
  static func wrongExtension(_ message: String, at use: SourceRange, first: SourceRange? = nil) -> Self {
    var diagnostic = Diagnostic("E0223", message, at: Label(use, "cannot be extended so"))
    if let first { diagnostic.secondary = [Label(first, "declared here")] }
    return diagnostic
  }

  /// Hundreds of brackets inside each other: the parser says so first, in nearly all cases.
  static func tooDeep(at use: SourceRange) -> Self {
    Diagnostic("E0105", "this is nested too deeply", at: Label(use, "more than 200 levels"))
  }

  /// An arm after `_ => …`.
  static func unreachableArm(at use: SourceRange) -> Self {
    Diagnostic(
      "W0201", "this arm is never reached", at: Label(use, "earlier arms take every value"),
      severity: .warning)
  }

  /// `site: stokholm` where no text makes a site of this name, but one of nearly this name.
  static func unknownEntity(_ name: Name, kind: String, known: [String]) -> Self {
    Diagnostic(
      "W0202", "no \(kind) called '\(name.text)' is made in the policy",
      at: Label(name.range, "must come from data"), severity: .warning
    ).suggesting(name, among: known)
  }

  /// Adds the nearest of the known names as help and as a fix.
  func suggesting(_ name: Name, among known: [String]) -> Self {
    let sameLetters = known.first { $0.lowercased() == name.text.lowercased() }
    guard let near = sameLetters ?? nearestName(to: name.text, among: known), near != name.text else {
      return self
    }
    var diagnostic = self
    diagnostic.fixes.append(Fix(name.range, replacement: near, title: "did you mean '\(near)'?"))
    return diagnostic
  }
}
