import Diagnostics
import PlacetSyntax

/// What modules, entities, binding time and tests can be told, in order of code.
extension Diagnostic {
  /// `import rules.spraed`
  static func unknownModule(_ name: String, at use: SourceRange, known: [String]) -> Self {
    Diagnostic("E0301", "no module is called '\(name)'", at: Label(use, "not found"))
      .suggesting(Name(name, use), among: known)
  }

  /// `a` imports `b` imports `a`.
  static func importCycle(_ cycle: [String], at use: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0302", "these modules import each other", at: Label(use, "closes the circle"))
    diagnostic.notes = [cycle.map { $0.isEmpty ? "the policy" : $0 }.joined(separator: " -> ")]
    return diagnostic
  }

  /// `waive stay_in_ue because "…"`
  static func unknownRule(_ name: Name, known: [String]) -> Self {
    Diagnostic("E0303", "no rule is called '\(name.text)'", at: Label(name.range, "not a rule"))
      .suggesting(name, among: known)
  }

  /// `scenario smal_lab` in a test.
  static func unknownScenario(_ name: Name, known: [String]) -> Self {
    Diagnostic("E0304", "no scenario is called '\(name.text)'", at: Label(name.range, "not a scenario"))
      .suggesting(name, among: known)
  }

  /// `layer boss`
  static func unknownLayer(_ name: Name) -> Self {
    var diagnostic = Diagnostic(
      "E0305", "no layer is called '\(name.text)'", at: Label(name.range, "not a layer"))
    diagnostic.notes = ["layers: \(Layer.names.joined(separator: ", "))"]
    return diagnostic.suggesting(name, among: Layer.names)
  }

  /// `waive stay_in_eu …` by a service, where the regulator says it.
  static func waivesHigherLayer(_ rule: Name, own: Layer, other: Layer, declared: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0306", "layer \(own.name) cannot waive a rule of layer \(other.name)",
      at: Label(rule.range, "a rule of layer \(other.name)"))
    diagnostic.secondary = [Label(declared, "declared here")]
    return diagnostic
  }

  /// `host a { }` inside a rule, `require` outside of one.
  static func outOfPlace(_ message: String, at use: SourceRange, help: String? = nil) -> Self {
    var diagnostic = Diagnostic("E0307", message, at: Label(use, "not here"))
    if let help { diagnostic.notes = ["help: \(help)"] }
    return diagnostic
  }

  /// `if h.evacuate { vf a { … } }`
  static func madeByDecision(_ by: [String], at use: SourceRange) -> Self {
    Diagnostic(
      "E0308", "whether this entity exists would depend on a decision",
      at: Label(use, "depends on \(by.joined(separator: " and "))"))
  }

  /// `[i for each instance i where i.host == h]`
  static func decidedLength(_ by: [String], at use: SourceRange, help: String) -> Self {
    var diagnostic = Diagnostic(
      "E0309", "the length of this list would depend on a decision",
      at: Label(use, "decided by \(by.joined(separator: " and "))"))
    diagnostic.notes = ["help: \(help)"]
    return diagnostic
  }

  /// `vf "\(i.host.name)" { … }`
  static func decidedWhereKnown(_ what: String, _ by: [String], at use: SourceRange) -> Self {
    Diagnostic(
      "E0310", "\(what) must be known before anything is decided",
      at: Label(use, "decided by \(by.joined(separator: " and "))"))
  }

  /// `xs[i.slot]`
  static func decidedIndex(_ by: [String], at use: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0311", "an index into a list cannot be decided",
      at: Label(use, "decided by \(by.joined(separator: " and "))"))
    diagnostic.notes = ["help: use a map with the decision as key"]
    return diagnostic
  }

  /// `i.a * j.b * k.c`
  static func tooManyDecisions(_ by: [String], at use: SourceRange) -> Self {
    Diagnostic(
      "E0312", "one product of \(by.count) decisions is more than can be stated",
      at: Label(use, "decided by \(by.joined(separator: ", "))"))
  }

  /// `require to_float(i.load) < 1.5`
  static func decidedFloat(_ by: [String], at use: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0313", "a decided float cannot be compared",
      at: Label(use, "decided by \(by.joined(separator: " and "))"))
    diagnostic.notes = ["help: use `round`, `floor` or `ceil`, or an exact quantity"]
    return diagnostic
  }

  /// `decide n: int`
  static func undecidable(_ type: String, at use: SourceRange, help: String) -> Self {
    var diagnostic = Diagnostic(
      "E0314", "there are no candidates for a decision of \(type)", at: Label(use, "what may it be?"))
    diagnostic.notes = ["help: \(help)"]
    return diagnostic
  }

  /// `host a { free: 3 GiB }` where free is derived.
  static func notGiven(_ name: Name, why: String, help: String) -> Self {
    var diagnostic = Diagnostic(
      "E0315", "'\(name.text)' is \(why) and cannot be given", at: Label(name.range, "given here"))
    diagnostic.notes = ["help: \(help)"]
    return diagnostic
  }

  /// `cell c0 { … }` outside of a host, `site x { }` inside of one.
  static func wrongParent(_ message: String, at use: SourceRange, help: String? = nil) -> Self {
    var diagnostic = Diagnostic("E0316", message, at: Label(use, "made here"))
    if let help { diagnostic.notes = ["help: \(help)"] }
    return diagnostic
  }

  /// Hosts are made for each cell, and cells for each host.
  static func makingCycle(_ kinds: [String], at places: [SourceRange]) -> Self {
    var diagnostic = Diagnostic(
      "E0317", "which \(kinds.first ?? "") there is would depend on itself",
      at: Label(places[0], "makes \(kinds.first ?? "")"))
    diagnostic.secondary = places.dropFirst().map { Label($0, "part of the circle") }
    diagnostic.notes = [kinds.joined(separator: " -> ")]
    return diagnostic
  }

  /// `minimize` twice.
  static func secondObjective(at use: SourceRange, first: SourceRange) -> Self {
    var diagnostic = Diagnostic("E0318", "the objective is stated twice", at: Label(use, "again here"))
    diagnostic.secondary = [Label(first, "stated here")]
    diagnostic.notes = ["help: `minimize a then b` ranks several goals"]
    return diagnostic
  }

  /// `minimize cost` where a rule prefers something.
  static func preferencesLeftOut(at use: SourceRange, prefer: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0319", "the objective does not say where preferences stand",
      at: Label(use, "'preferences' is missing"))
    diagnostic.secondary = [Label(prefer, "preferred here")]
    diagnostic.notes = ["help: `minimize … then preferences`"]
    return diagnostic
  }

  /// `hots a { }`
  static func unknownKind(_ name: Name, known: [String]) -> Self {
    Diagnostic(
      "E0320", "no kind of entity is called '\(name.text)'", at: Label(name.range, "not a kind")
    ).suggesting(name, among: known)
  }

  /// `prefer p weight "much"`, or integers here and money there.
  static func wrongWeight(_ message: String, at use: SourceRange, other: Label? = nil) -> Self {
    var diagnostic = Diagnostic("E0321", message, at: Label(use, "this weight"))
    if let other { diagnostic.secondary = [other] }
    return diagnostic
  }

  /// `always(p)` in a rule.
  static func onlyInTests(_ what: String, at use: SourceRange) -> Self {
    Diagnostic("E0322", "\(what) stands in tests alone", at: Label(use, "not in a test"))
  }

  /// `anna.name = "x"`
  static func notChangeable(_ what: String, at use: SourceRange) -> Self {
    Diagnostic("E0323", "\(what) cannot be changed", at: Label(use, "not a fact that was given"))
  }

  /// `site a { }` twice.
  static func madeTwice(_ kind: String, _ name: Name, first: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0324", "\(kind) '\(name.text)' is made twice", at: Label(name.range, "again here"))
    diagnostic.secondary = [Label(first, "made here")]
    return diagnostic
  }

  /// `decide a: nic where a == b`, `decide b: nic where b == a`
  static func candidateCycle(_ cycle: [String], at use: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0325", "the candidates of these decisions depend on each other", at: Label(use, "part of a circle"))
    diagnostic.notes = [cycle.joined(separator: " -> ")]
    return diagnostic
  }
}
