import ConstraintModel
import Diagnostics
package import PlacetSemantics
import Quantities

/// A decision of the author's: its place in the model and its candidates, by number.
package struct StatedDecision {
  package var decision: Int
  package var entity: EntityID
  package var field: Int
  package var type: Type
  package var candidates: [Value]
}

/// Decisions and their candidates.
extension Stater {
  /// Declares every decision of the world, in order of kinds, entities, fields.
  func declareDecisions() throws(EvaluationError) {
    for (kind, declaration) in program.kinds.enumerated() {
      for (index, field) in declaration.fields.enumerated() {
        guard case .decision = field.form else { continue }
        for entity in world.entities(of: KindID(kind)) {
          _ = try decidedField(entity, index, at: field.range)
        }
      }
    }
  }

  func declare(_ key: FieldKey, _ field: FieldDeclaration) throws(EvaluationError) -> Decision {
    if let known = decisionOf[key] { return known }
    guard case .decision(let within, let condition, let preferred) = field.form else {
      preconditionFailure("a decision is declared")
    }
    let this = Value(key.entity)
    var restrictions: [GuardedCandidates] = []
    var domain: DomainID
    if let within {
      var frame = emptyFrame(within.frame, [this])
      let list = try walk(within.expression, &frame, .always)
      if list.isDecided {
        let choices = try candidateLists(list, within.expression, field)
        domain = builder.domain(union(choices, field), type: field.type)
        restrictions = choices
      } else {
        domain = listDomain(list, within.expression.type, field)
      }
    } else {
      domain = try wholeDomain(field)
    }
    let conjuncts = condition.map { split($0.expression) } ?? []
    for conjunct in conjuncts where !facts(conjunct).readsDecisions {
      domain = try filtered(domain, by: conjunct, condition, this, field)
    }
    var runs = recordedCandidate(key, domain)
    if runs == nil { runs = try preferredCandidate(preferred, this, domain) }
    let decision = builder.addDecision(
      domain, name: "\(world.path(of: key.entity)).\(field.name)", isAuxiliary: false,
      preferred: runs)
    decisionOf[key] = decision
    principals.append(
      StatedDecision(
        decision: Int(decision.index), entity: key.entity, field: key.field, type: field.type,
        candidates: builder.domains[Int(domain.index)].candidates))
    let origin = addOrigin(OriginInfo(subject: .decision(key.entity, key.field), range: field.range))
    if builder.size(domain) == 0 { builder.post(.never, origin: origin) }
    try postRestrictions(restrictions, decision, field, origin)
    for conjunct in conjuncts where facts(conjunct).readsDecisions {
      try postCondition(conjunct, condition, this, decision, key, field, origin)
    }
    return decision
  }

  // MARK: Candidates

  private func wholeDomain(_ field: FieldDeclaration) throws(EvaluationError) -> DomainID {
    if let known = typeDomains[field.type] { return known }
    let type = field.type.wrapped
    let candidates: [Value]
    switch type {
    case .bool: candidates = [Value(false), Value(true)]
    case .entity(let kind):
      candidates = (0..<world.count(of: kind)).map {
        Value(EntityID(kind: Int32(kind.index), index: Int32($0)))
      }
    case .enumeration(let id) where !world.heap.hasPayload(id):
      candidates = program[id].cases.indices.map { world.heap.makeCase($0, payload: [], of: id) }
    default: throw EvaluationError(.endlessCandidates(field.name, at: field.range))
    }
    let domain = builder.domain(withNone(candidates, field), type: field.type)
    typeDomains[field.type] = domain
    return domain
  }

  private func optionalCount(_ field: FieldDeclaration) -> Int {
    if case .optional = field.type { return 1 }
    return 0
  }

  /// An optional decision has none as its last candidate.
  private func withNone(_ candidates: [Value], _ field: FieldDeclaration) -> [Value] {
    optionalCount(field) == 1 && !candidates.contains(.none) ? candidates + [.none] : candidates
  }

  /// Lists that are one value are one domain without a look inside.
  private func listDomain(_ list: Value, _ type: Type, _ field: FieldDeclaration) -> DomainID {
    let list = builder.canonical(list, type)
    if let known = listDomains[list], builder.domains[Int(known.index)].type == field.type { return known }
    let domain = builder.domain(
      withNone(distinct(candidates(of: list, type), field), field), type: field.type)
    listDomains[list] = domain
    return domain
  }

  private func candidates(of list: Value, _ type: Type) -> [Value] {
    if case .map = type.wrapped {
      return (0..<world.heap.count(list)).map { world.heap.key(list, $0) }
    }
    return world.heap.elements(list, type: type)
  }

  private func distinct(_ values: [Value], _ field: FieldDeclaration) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { seen.insert(builder.canonical($0, field.type)).inserted }
  }

  /// Candidates of a decision that other decisions narrow.
  struct GuardedCandidates {
    var condition: FormulaID
    var candidates: [Value]
  }

  private func candidateLists(
    _ list: Value, _ e: TypedExpression, _ field: FieldDeclaration
  ) throws(EvaluationError) -> [GuardedCandidates] {
    try alternatives(of: list, at: e.range).map {
      GuardedCandidates(
        condition: $0.condition,
        candidates: $0.value.isVoid ? [] : candidates(of: $0.value, e.type))
    }
  }

  private func union(_ lists: [GuardedCandidates], _ field: FieldDeclaration) -> [Value] {
    withNone(distinct(lists.flatMap(\.candidates), field), field)
  }

  private func postRestrictions(
    _ lists: [GuardedCandidates], _ decision: Decision, _ field: FieldDeclaration, _ origin: Origin
  ) throws(EvaluationError) {
    let identity = builder.domains[Int(builder.domain(of: decision).index)].identity
    for each in lists {
      let admitted = Set(each.candidates.map { builder.canonical($0, field.type) })
      let mask = builder.mask(identity) { $0.isNone || admitted.contains($0) }
      builder.post(builder.member(decision, mask), where: each.condition, origin: origin)
    }
  }

  // MARK: Conditions

  /// The parts of a conjunction.
  func split(_ e: TypedExpression) -> [TypedExpression] {
    if case .binary(.and, let a, let b) = e.form { return split(a) + split(b) }
    return [e]
  }

  /// Candidates that meet a condition which reads no other decision: walked as a column over them, so that
  /// entities which ask the same share the answer.
  private func filtered(
    _ domain: DomainID, by e: TypedExpression, _ body: TypedBody?, _ this: Value, _ field: FieldDeclaration
  ) throws(EvaluationError) -> DomainID {
    guard let body, builder.size(domain) > 0 else { return domain }
    let outer = builder.scratchDomain
    let outerRefusals = refusals
    builder.scratchDomain = domain
    refusals = []
    defer {
      builder.scratchDomain = outer
      refusals = outerRefusals
    }
    let identity = builder.domains[Int(domain.index)].identity
    var frame = emptyFrame(body.frame, [this, .column(.scratch, identity)])
    let noneMask = builder.mask(identity) { $0.isNone }
    let isNone = builder.member(.scratch, noneMask)
    let path = builder.negated(isNone)
    let isWithin = try formula(e, &frame, path)
    var verdict = builder.or(isNone, isWithin)
    for refusal in refusals { verdict = builder.and(verdict, builder.negated(refusal.condition)) }
    let mask: MaskID
    if verdict == .always { return domain }
    if verdict == .never {
      mask = builder.model.mask(Bitset(count: builder.size(domain)))
    } else if let literal = builder.literal(verdict), literal.decision == .scratch {
      mask = literal.mask
    } else {
      mask = try maskOneByOne(domain, e, body, this)
    }
    let key = IndicatorKey(mask: mask, domain: domain)
    if let known = filteredDomains[key] { return known }
    let bits = builder.model[mask]
    let all = builder.domains[Int(domain.index)].candidates
    let result = builder.domain(bits.members.map { all[$0] }, type: field.type)
    filteredDomains[key] = result
    return result
  }

  private func maskOneByOne(
    _ domain: DomainID, _ e: TypedExpression, _ body: TypedBody, _ this: Value
  ) throws(EvaluationError) -> MaskID {
    let all = builder.domains[Int(domain.index)].candidates
    var bits = Bitset(count: all.count)
    for (number, candidate) in all.enumerated() {
      if candidate.isNone {
        bits.insert(number)
        continue
      }
      let frame = emptyFrame(body.frame, [this, candidate])
      do {
        if try world.evaluate(e, frame: frame).bool { bits.insert(number) }
      } catch {
        guard case .refusal = error else { throw error }
      }
    }
    return builder.model.mask(bits)
  }

  /// A condition that reads other decisions is a constraint between them.
  private func postCondition(
    _ e: TypedExpression, _ body: TypedBody?, _ this: Value, _ decision: Decision, _ key: FieldKey,
    _ field: FieldDeclaration, _ origin: Origin
  ) throws(EvaluationError) {
    guard let body else { return }
    let column = builder.column(of: decision)
    let lacks = try isNone(column, at: e.range)
    let path = builder.negated(lacks)
    var frame = emptyFrame(body.frame, [this, column])
    let outer = refusals
    refusals = []
    defer { refusals = outer }
    let condition = try formula(e, &frame, path)
    builder.post(condition, where: path, origin: origin)
    for refusal in refusals { postRefusal(refusal, like: origin) }
  }

  /// What the records say that runs; nil where that is no candidate any more.
  private func recordedCandidate(_ key: FieldKey, _ domain: DomainID) -> Int? {
    guard let text = world.recorded(key.entity, field: key.field) else { return nil }
    let domain = builder.domains[Int(domain.index)]
    if namesOfCandidates[domain.identity] == nil {
      var numbers: [String: Int] = [:]
      for candidate in domain.candidates {
        let value = builder.canonical(candidate, domain.type)
        numbers[world.heap.describe(candidate, type: domain.type)] =
          builder.classNumber(domain.identity, of: value).map { Int($0) }
      }
      namesOfCandidates[domain.identity] = numbers
    }
    return namesOfCandidates[domain.identity]?[text]
  }

  private func preferredCandidate(
    _ body: TypedBody?, _ this: Value, _ domain: DomainID
  ) throws(EvaluationError) -> Int? {
    guard let body, !facts(body.expression).readsDecisions else { return nil }
    let frame = emptyFrame(body.frame, [this])
    let value: Value
    do {
      value = builder.canonical(try world.evaluate(body.expression, frame: frame), body.expression.type)
    } catch {
      if case .refusal = error { return nil }
      throw error
    }
    return builder.classNumber(builder.domains[Int(domain.index)].identity, of: value).map { Int($0) }
  }

  /// The values that a decided value can have, each with its condition.
  func alternatives(of value: Value, at range: SourceRange) throws(EvaluationError) -> [Alternative] {
    guard value.isDecided else { return [Alternative(condition: .always, value: value)] }
    switch value.reading {
    case .column(let decision, let mapping):
      let values = builder.mappings[Int(mapping.index)].values
      return values.enumerated().map { number, value in
        let mask = builder.mask(mapping, class: Int32(number))
        return Alternative(condition: builder.member(decision, mask), value: value)
      }
    case .formula(let formula):
      return [
        Alternative(condition: formula, value: Value(true)),
        Alternative(condition: builder.negated(formula), value: Value(false)),
      ]
    case .stated(let index):
      switch builder.stated[index] {
      case .choice(let all):
        var result: [Alternative] = []
        for each in all {
          for inner in try alternatives(of: each.value, at: range) {
            result.append(
              Alternative(condition: builder.and(each.condition, inner.condition), value: inner.value))
          }
        }
        return result
      case .grid(let a, let b, let grid):
        let known = builder.grids[Int(grid.index)]
        var places: [Value: [Int]] = [:]
        var order: [Value] = []
        for (place, cell) in known.cells.enumerated() {
          if places[cell] == nil { order.append(cell) }
          places[cell, default: []].append(place)
        }
        return order.map { value in
          var marks = Array(repeating: Value(false), count: known.cells.count)
          for place in places[value, default: []] { marks[place] = Value(true) }
          builder.grids.append(
            Grid(rows: known.rows, columns: known.columns, columnCount: known.columnCount, cells: marks))
          let truth = builder.allowed(a, b, GridID(builder.grids.count - 1))
          return Alternative(condition: truth, value: value)
        }
      case .composite, .linear, .lambda:
        return [Alternative(condition: .always, value: value)]
      }
    }
  }
}
