import ConstraintModel
import Diagnostics
import PlacetSemantics
import PlacetVM
import Quantities

/// Says in the author's words what the constraints of a conflict ask for.
///
/// What a constraint leaves to choose is read from the model: the candidates that a condition on one decision
/// admits, who may not share what, what has to go somewhere and how much room is there.
struct ConflictReader {
  let problem: PlacementProblem
  let model: ConstraintModel
  let constraints: [Origin: [Constraint]]
  /// What the conflict's conditions on single decisions leave of each.
  private(set) var left: [Decision: Bitset] = [:]
  private var restrictions: [(origin: Origin, decision: Decision, mask: Bitset)] = []

  var world: World { problem.world }
  var stated: StatedModel { problem.stated }
  var program: TypedProgram { problem.program }

  init(problem: PlacementProblem, model: ConstraintModel, core: [Origin]) {
    self.problem = problem
    self.model = model
    let members = Set(core)
    var constraints: [Origin: [Constraint]] = [:]
    for constraint in model.constraints {
      let isMember = members.contains(constraint.origin)
      if isMember { constraints[constraint.origin, default: []].append(constraint) }
      guard isMember || problem.isAlwaysInForce(constraint.origin) else { continue }
      for (decision, mask) in Self.restrictions(constraint, model) ?? [] {
        restrictions.append((constraint.origin, decision, mask))
      }
    }
    self.constraints = constraints
    for (_, decision, mask) in restrictions {
      left[decision] = left[decision].map { $0.intersection(mask) } ?? mask
    }
  }

  /// What conditions of other statements leave of a decision.
  func left(of decision: Decision, besides origins: [Origin]) -> Bitset {
    var mask = Bitset(count: model[decision].candidateCount, filled: true)
    for restriction in restrictions
    where restriction.decision == decision && !origins.contains(restriction.origin) {
      mask = mask.intersection(restriction.mask)
    }
    return mask
  }

  /// The sentence at the carets of a statement.
  func sentence(for origins: [Origin], about: [String]) -> String {
    if let refusal = stated.origins[Int(origins[0].index)].refusal {
      return about.isEmpty ? refusal.reason : "\(Self.list(about)): \(refusal.reason)"
    }
    return offers(origins) ?? candidates(origins) ?? apart(origins) ?? together(origins) ?? room(origins)
      ?? pairs(origins)
      ?? settled(origins, about) ?? comparison(origins, about) ?? choices(origins) ?? fallback(about)
  }

  private func fallback(_ about: [String]) -> String {
    about.isEmpty ? "asked for here" : "\(Self.list(about)) \(about.count == 1 ? "has" : "have") to keep this"
  }

  // MARK: One decision

  /// What a constraint on a single decision admits.
  static func restriction(_ constraint: Constraint, _ model: ConstraintModel) -> (Decision, Bitset)? {
    guard case .clause(let literals) = constraint.form else { return nil }
    let all = literals + constraint.enforcedBy.map { !$0 }
    guard let first = all.first, all.allSatisfy({ $0.decision == first.decision }) else { return nil }
    var union = Bitset(count: model[first.decision].candidateCount)
    for literal in all {
      union = union.union(literal.isNegated ? model[literal.mask].complement : model[literal.mask])
    }
    return (first.decision, union)
  }

  /// What a constraint admits that says something of each of some decisions by itself: a condition on one of them, or
  /// that nothing of a sum may be there.
  static func restrictions(_ constraint: Constraint, _ model: ConstraintModel) -> [(Decision, Bitset)]? {
    if let one = restriction(constraint, model) { return [one] }
    guard constraint.enforcedBy.isEmpty, case .linear(let terms, nil, 0) = constraint.form,
      terms.allSatisfy({ $0.coefficient > 0 })
    else { return nil }
    var result: [(Decision, Bitset)] = []
    for term in terms {
      switch term.term {
      case .literal(let literal):
        result.append(
          (literal.decision, literal.isNegated ? model[literal.mask] : model[literal.mask].complement))
      case .load(let load, let bin):
        for item in model[load].items where item.weight > 0 {
          let column = model[item.view.column]
          result.append((item.view.decision, Bitset(count: column.count) { column[$0] != Int(bin) }))
        }
      case .view, .table, .ramp: return nil
      }
    }
    return result
  }

  /// `sgw[0] and sgw[1] need one of 2 hosts: fra-1, fra-2`
  private func candidates(_ origins: [Origin]) -> String? {
    var order: [Decision] = []
    var allowed: [Decision: Bitset] = [:]
    for constraint in origins.flatMap({ constraints[$0] ?? [] }) {
      guard let all = Self.restrictions(constraint, model) else { return nil }
      // Of an amount there is more to say than where nothing is left of it.
      if case .linear = constraint.form, problem.knownSide(of: constraint.origin) != nil { return nil }
      for (decision, mask) in all {
        guard stated.entry(of: decision) != nil else { return nil }
        if allowed[decision] == nil { order.append(decision) }
        allowed[decision] = allowed[decision].map { $0.intersection(mask) } ?? mask
      }
    }
    guard !order.isEmpty else { return nil }
    var sentences: [(names: [String], rest: (Bool) -> String)] = []
    var known: [String: Int] = [:]
    for decision in order {
      guard let entry = stated.entry(of: decision), let mask = allowed[decision] else { return nil }
      let field = program.kinds[Int(entry.entity.kind)].fields[entry.field].name
      let members = mask.members.filter { $0 < entry.candidates.count }
      let names = members.map { describe(entry.candidates[$0], entry) }
      let key = field + names.joined(separator: ",")
      let subject = world.path(of: entry.entity)
      if let index = known[key] {
        sentences[index].names.append(subject)
        continue
      }
      known[key] = sentences.count
      let best = names.isEmpty ? bestOf(decision, origins) : ""
      sentences.append(([subject], { Self.need($0, field, names, of: entry.candidates.count) + best }))
    }
    guard sentences.count <= 3 else { return nil }
    return sentences.map { "\(Self.list($0.names)) \($0.rest($0.names.count > 1))" }.joined(separator: "; ")
  }

  private static func need(_ areMany: Bool, _ field: String, _ names: [String], of count: Int) -> String {
    let verb = areMany ? "need" : "needs"
    switch names.count {
    case 0: return "\(areMany ? "find" : "finds") no \(field) that will do"
    case 1: return "\(verb) \(field) \(names[0])"
    case count: return "may be on any \(field)"
    default: return "\(verb) one of \(names.count) \(field)s: \(list(names, joiner: ", "))"
    }
  }

  func describe(_ value: Value, _ entry: StatedDecision) -> String {
    guard !value.isNone, case .entity = entry.type.unwrapped else {
      return world.heap.describe(value, type: entry.type)
    }
    return world.path(of: value.entity)
  }

  // MARK: Two decisions

  /// `a and b have no two places left where latency(…) is at most 5 ms; the best that is left is 9 ms`
  private func pairs(_ origins: [Origin]) -> String? {
    var names: [String] = []
    var isHopeless = false
    var best = ""
    for origin in origins {
      guard let all = constraints[origin], all.count == 1, all[0].enforcedBy.isEmpty,
        case .allowed(let table, let first, let second) = all[0].form,
        let one = stated.entry(of: first.decision), let other = stated.entry(of: second.decision)
      else { return nil }
      for entry in [one, other] {
        let name = world.path(of: entry.entity)
        if !names.contains(name) { names.append(name) }
      }
      let rows = rows(first)
      let columns = rows.isEmpty ? [] : self.rows(second)
      if !rows.contains(where: { row in columns.contains { model[table][row][$0] != 0 } }) {
        isHopeless = true
        if best.isEmpty { best = bestChoice(all[0]) }
      }
    }
    guard let known = problem.knownSide(of: origins[0]) else { return nil }
    let words = wording(known)
    return
      "\(Self.list(names)) \(isHopeless ? "have no two places left" : "have to go") where \(words)\(best)"
  }

  /// Rows of a table that a view can still take.
  private func rows(_ view: View) -> Set<Int> {
    let mask = left[view.decision]
    let column = model[view.column]
    return Set(column.indices.filter { mask?.contains($0) ?? true }.map { column[$0] })
  }

  // MARK: Comparisons

  /// `host only: sum(…) comes to 64 GiB, wanted is at most h.memory, which is 16 GiB`
  private func settled(_ origins: [Origin], _ about: [String]) -> String? {
    guard origins.count == 1, let value = problem.settledSide(of: origins[0], in: model),
      let side = problem.knownSide(of: origins[0]), side.isRight
    else { return nil }
    let who = about.isEmpty ? "" : "\(Self.list(about)): "
    return "\(who)\(problem.number(value, side.type)) asked for, but \(bound(side))"
  }

  /// `north: count(…) * 2 <= v.count, which is 4`
  private func comparison(_ origins: [Origin], _ about: [String]) -> String? {
    guard let known = problem.knownSide(of: origins[0]) else { return nil }
    let words = wording(known) + bestSum(origins)
    return about.isEmpty ? "wants \(words)" : "\(Self.list(about)): \(words)"
  }

  /// The comparison as written, with what the known side is.
  func wording(_ side: KnownSide) -> String { "\(written(side.decided)) is \(bound(side))" }

  /// `at most h.memory, which is 16 GiB`
  private func bound(_ side: KnownSide) -> String {
    let sign =
      switch side.comparison {
      case .less: side.isRight ? "below " : "above "
      case .lessOrEqual: side.isRight ? "at most " : "at least "
      case .greater: side.isRight ? "above " : "below "
      case .greaterOrEqual: side.isRight ? "at least " : "at most "
      default: ""
      }
    let known = written(side.known)
    let value = problem.number(side.value, side.type)
    return "\(sign)\(known)" + (known == value ? "" : ", which is \(value)")
  }

  private func written(_ range: SourceRange) -> String {
    let words = range.text.split(whereSeparator: \.isWhitespace).joined(separator: " ").replacing(
      "( ", with: "(")
    return words.count > 44 ? String(words.prefix(43)) + "…" : words
  }

  // MARK: Names

  /// Names as a person lists them: `sgw[0..3] and mme[0]`, at most a handful.
  static func list(_ names: [String], limit: Int = 4, joiner: String = " and ") -> String {
    let runs = runs(names)
    if runs.count == 1 { return runs[0].text }
    if runs.count <= limit {
      return runs.dropLast().map(\.text).joined(separator: ", ") + joiner + (runs.last?.text ?? "")
    }
    let rest = runs.dropFirst(limit - 1).reduce(0) { $0 + $1.count }
    return runs.prefix(limit - 1).map(\.text).joined(separator: ", ") + " and \(rest) more"
  }

  /// Three or more in a row that differ in their number alone are one: `sgw[0..3]`.
  static func runs(_ names: [String]) -> [(text: String, count: Int)] {
    var result: [(text: String, count: Int)] = []
    var place = 0
    while place < names.count {
      var end = place + 1
      if let start = numbered(names[place]) {
        while end < names.count, let next = numbered(names[end]), next.stem == start.stem,
          next.number == start.number + end - place
        { end += 1 }
        if end - place >= 3 {
          result.append(("\(start.stem)[\(start.number)..\(start.number + end - place - 1)]", end - place))
          place = end
          continue
        }
      }
      result += names[place..<end].map { ($0, 1) }
      place = end
    }
    return result
  }

  static func numbered(_ name: String) -> (stem: Substring, number: Int)? {
    guard name.hasSuffix("]"), let open = name.lastIndex(of: "["),
      let number = Int(name[name.index(after: open)...].dropLast())
    else { return nil }
    return (name[..<open], number)
  }
}

extension Type {
  /// The type without its optional.
  var unwrapped: Type { if case .optional(let wrapped) = self { wrapped } else { self } }
}
