import Diagnostics
import PlacetSyntax
import Quantities

/// `match`: patterns against a subject, and whether every value has an arm.
extension TypeChecker {
  func match(
    _ subject: Expression, _ arms: [MatchArm], _ hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    let subject = infer(subject)
    var coverage = Coverage(subject: subject.type, program: program)
    var found = hint
    var checked: [(patterns: [TypedPattern], value: TypedExpression)] = []
    for arm in arms {
      inScope {
        let patterns = self.patterns(arm.patterns, of: subject, &coverage, at: arm.range)
        let value = infer(arm.value, hint: found)
        if found == nil, value.type != .error, value.type != .never, value.type != .nothing {
          found = value.type
        }
        checked.append((patterns, value))
      }
    }
    judge(coverage, of: subject, at: range)
    let (values, type) = unify(fitting(checked.map(\.value), hint), what: "the arms")
    guard !values.isEmpty, subject.type != .error else { return failed(range) }
    let typed = zip(checked, values).map { TypedArm(patterns: $0.patterns, value: $1) }
    return node(.match(subject, typed), type, range, [subject] + values)
  }

  /// The patterns of one arm; binds what their payloads hold in the current scope.
  func patterns(
    _ patterns: [CasePattern], of subject: TypedExpression, _ coverage: inout Coverage,
    at range: SourceRange
  ) -> [TypedPattern] {
    let typed = patterns.map { pattern($0, of: subject.type, decidedBy: subject.decidedBy) }
    if patterns.count > 1, typed.contains(where: Self.binds) {
      report(.wrongPattern("alternatives cannot bind names", at: range))
    }
    if typed.contains(where: Self.isBroken) {
      coverage.isBroken = true
    } else if !coverage.add(typed) {
      report(.unreachableArm(at: range))
    }
    if let path = path(of: subject), !typed.contains(where: Self.takesNone) { frame.narrowed.insert(path) }
    return typed
  }

  func judge(_ coverage: Coverage, of subject: TypedExpression, at range: SourceRange) {
    guard subject.type != .error, !coverage.isBroken else { return }
    let missing = coverage.missing
    if !missing.isEmpty { report(.notExhaustive(missing: missing, at: subject.range)) }
  }

  private static func binds(_ pattern: TypedPattern) -> Bool {
    switch pattern {
    case .enumCase(_, _, let targets):
      targets.contains { if case .ignore = $0 { false } else { true } }
    case .tuple(let parts): parts.contains(where: binds)
    default: false
    }
  }

  private static func takesNone(_ pattern: TypedPattern) -> Bool {
    switch pattern {
    case .anything, .none: true
    default: false
    }
  }

  private static func isBroken(_ pattern: TypedPattern) -> Bool {
    switch pattern {
    case .value(let value): value.type == .error
    case .values(let low, let high, _): low.type == .error || high.type == .error
    case .tuple(let parts): parts.contains(where: isBroken)
    default: false
    }
  }

  // MARK: One pattern

  private func pattern(_ pattern: CasePattern, of type: Type, decidedBy: [String]) -> TypedPattern {
    if type == .error {
      bindLoosely(pattern)
      return .value(failed(pattern.range))
    }
    let inner = type.unwrapped
    switch pattern {
    case .named(let name, let payload, let range):
      return named(name, payload, of: inner, decidedBy, range)
    case .amount(let number, _): return .value(literal(number, of: inner))
    case .amounts(let low, let high, let includesEnd, _):
      return .values(literal(low, of: inner), literal(high, of: inner), includesEnd: includesEnd)
    case .text(let text, _): return .value(literal(text, of: inner))
    case .bool(let value, let range): return .value(literal(.bool(value, range: range), of: inner))
    case .none(let range):
      if !type.isOptional {
        report(.wrongPattern("\(describe(type)) is never none", at: range))
        return .value(failed(range))
      }
      return .none
    case .tuple(let parts, let range):
      guard let types = partTypes(of: inner), types.count == parts.count else {
        report(.wrongPattern("\(describe(inner)) does not fall into \(parts.count) parts", at: range))
        for part in parts { bindLoosely(part) }
        return .value(failed(range))
      }
      return .tuple(zip(parts, types).map { self.pattern($0, of: $1, decidedBy: decidedBy) })
    }
  }

  private func literal(_ expression: Expression, of type: Type) -> TypedExpression {
    let value = infer(expression, hint: type)
    if value.type == .error { return value }
    if let converted = conversion(of: value, to: type) { return converted }
    return failed(
      .wrongPattern(
        "a pattern of \(describe(type)) is expected, found \(describe(value.type))", at: value.range),
      value.range)
  }

  private func named(
    _ name: DottedName, _ payload: [BindingPattern], of type: Type, _ decidedBy: [String],
    _ range: SourceRange
  ) -> TypedPattern {
    let last = name.parts[name.parts.count - 1]
    if name.text == "_", payload.isEmpty { return .anything }
    switch type {
    case .enumeration(let id):
      guard let index = program[id].cases.firstIndex(where: { $0.name == last.text }) else {
        report(.unknownCase(last, of: program[id].name, known: program[id].cases.map(\.name)))
        for part in payload { _ = bindPattern(part, .error, decidedBy: []) }
        return .value(failed(range))
      }
      let members = program[id].cases[index].members
      if payload.isEmpty { return .enumCase(id, index, members.map { _ in .ignore }) }
      if payload.count != members.count {
        report(
          .wrongPattern(
            "'\(last.text)' holds \(members.count == 0 ? "nothing" : "\(members.count)")", at: range))
      }
      let targets = payload.enumerated().map { position, part in
        bindPattern(part, position < members.count ? members[position].type : .error, decidedBy: decidedBy)
      }
      return targets.count == members.count ? .enumCase(id, index, targets) : .value(failed(range))
    case .entity:
      guard payload.isEmpty else { break }
      let value = infer(expression(of: name), hint: type)
      return .value(value.type == .error ? value : convert(value, to: type))
    default: break
    }
    report(.wrongPattern("'\(name.text)' is no pattern of \(describe(type))", at: range))
    for part in payload { _ = bindPattern(part, .error, decidedBy: []) }
    return .value(failed(range))
  }

  /// Names in a pattern that fits nothing are still bound, so that their uses are not reported too.
  private func bindLoosely(_ pattern: CasePattern) {
    switch pattern {
    case .named(_, let payload, _): for part in payload { _ = bindPattern(part, .error, decidedBy: []) }
    case .tuple(let parts, _): for part in parts { bindLoosely(part) }
    default: return
    }
  }

  /// `a.b` as an expression.
  func expression(of name: DottedName) -> Expression {
    name.parts.dropFirst().reduce(.name(name.parts[0])) { base, part in
      .member(base, part, isOptional: false, range: base.range.through(part.range))
    }
  }
}

/// Which values the arms of a match have taken so far.
struct Coverage {
  /// Every value as far as patterns can tell them apart, or nil where there are too many.
  private var open: [Sample]
  private let isEnumerable: Bool
  private var isClosed = false
  /// Whether a pattern was reported, so that nothing is known.
  var isBroken = false

  indirect enum Sample: Hashable {
    case none
    case bool(Bool)
    case enumCase(Int, String)
    case tuple([Sample])
    /// Any value that patterns cannot list: taken by `_` alone.
    case other(String)

    var text: String {
      switch self {
      case .none: "none"
      case .bool(let value): value ? "true" : "false"
      case .enumCase(_, let name): name
      case .tuple(let parts): "(\(parts.map(\.text).joined(separator: ", ")))"
      case .other(let type): "other values of \(type)"
      }
    }
  }

  init(subject: Type, program: TypedProgram) {
    let samples = Self.samples(of: subject, program)
    open = samples ?? [.other(program.describe(subject))]
    isEnumerable = samples != nil
  }

  private static func samples(of type: Type, _ program: TypedProgram) -> [Sample]? {
    switch type {
    case .bool: return [.bool(true), .bool(false)]
    case .enumeration(let id):
      let cases = program[id].cases.enumerated().map { Sample.enumCase($0, $1.name) }
      return program[id].isOpen ? cases + [.other(program[id].name)] : cases
    case .optional(let inner): return (samples(of: inner, program) ?? []) + [.none]
    case .tuple(let types):
      var product: [[Sample]] = [[]]
      for type in types {
        guard let samples = samples(of: type, program), product.count * samples.count <= 1024 else {
          return nil
        }
        product = product.flatMap { prefix in samples.map { prefix + [$0] } }
      }
      return product.map { .tuple($0) }
    default: return [.other(program.describe(type))]
    }
  }

  /// Takes what the patterns take; false where nothing was left for them.
  mutating func add(_ patterns: [TypedPattern]) -> Bool {
    if isClosed || open.isEmpty { return false }
    if patterns.contains(where: { if case .anything = $0 { true } else { false } }) {
      isClosed = true
      open = []
      return true
    }
    let rest = open.filter { sample in !patterns.contains { Self.takes($0, sample) } }
    let mayTakeOthers = open.contains(where: Self.holdsOther)
    defer { open = rest }
    return rest.count < open.count || mayTakeOthers
  }

  private static func holdsOther(_ sample: Sample) -> Bool {
    switch sample {
    case .other: true
    case .tuple(let parts): parts.contains(where: holdsOther)
    default: false
    }
  }

  private static func takes(_ pattern: TypedPattern, _ sample: Sample) -> Bool {
    switch (pattern, sample) {
    case (.anything, _): true
    case (.none, .none): true
    case (.enumCase(_, let a, _), .enumCase(let b, _)): a == b
    case (.value(let value), .bool(let b)):
      if case .bool(let a) = value.form { a == b } else { false }
    case (.tuple(let patterns), .tuple(let samples)):
      zip(patterns, samples).allSatisfy { takes($0, $1) }
    default: false
    }
  }

  var missing: [String] {
    let names = open.map(\.text)
    return names.count > 6 ? Array(names.prefix(5)) + ["\(names.count - 5) more"] : names
  }
}
