import ConstraintModel
import Diagnostics
import PlacetSemantics
import Quantities

/// `sum count min max all any` where elements or conditions are decided.
extension Stater {
  func aggregate(
    _ aggregate: Aggregate, _ element: TypedExpression, _ sources: [TypedSource], _ e: TypedExpression,
    _ frame: inout [Value], _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    if let viaLoad = try load(aggregate, element, sources, e, &frame, path) { return viaLoad }
    switch aggregate {
    case .sum: return try sum(element, sources, e, &frame, path)
    case .count: return try sum(nil, sources, e, &frame, path)
    case .all, .any: return try quantified(aggregate, element, sources, &frame, path)
    case .min, .max: return try extreme(aggregate, element, sources, e, &frame, path)
    case .allDifferent, .allEqual:
      var members: [Alternative] = []
      try enumerate(sources, &frame, path) { (frame: inout [Value], condition) throws(EvaluationError) in
        let value = try self.walk(element, &frame, self.builder.and(path, condition))
        members.append(Alternative(condition: condition, value: value))
      }
      return truth(
        try distinctness(members, element.type, areEqual: aggregate == .allEqual, e, path))
    }
  }

  /// Evaluation stops at the first element that settles it: what an element refuses counts where none before
  /// has.
  private func quantified(
    _ aggregate: Aggregate, _ element: TypedExpression, _ sources: [TypedSource], _ frame: inout [Value],
    _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    var parts: [FormulaID] = []
    var seen = refusals.count
    func limitNewRefusals() {
      guard refusals.count > seen else { return }
      let isOpen = aggregate == .all ? builder.and(parts) : builder.negated(builder.or(parts))
      for index in seen..<refusals.count {
        refusals[index].condition = builder.and(refusals[index].condition, isOpen)
      }
      refusals.removeAll { $0.condition == .never }
      seen = refusals.count
    }
    try enumerate(sources, &frame, path) { (frame: inout [Value], condition) throws(EvaluationError) in
      let holds = try self.formula(element, &frame, self.builder.and(path, condition))
      limitNewRefusals()
      parts.append(
        aggregate == .all ? self.builder.implies(condition, holds) : self.builder.and(condition, holds))
    }
    limitNewRefusals()
    return truth(aggregate == .all ? builder.and(parts) : builder.or(parts))
  }

  func sumValue(_ linear: Linear) -> Value {
    linear.parts.isEmpty ? number(linear.constant) : builder.keep(linear)
  }

  private func add(
    _ value: Linear, where condition: FormulaID, to total: inout Linear, at range: SourceRange
  ) throws(EvaluationError) {
    let part = try product(condition, value, at: range)
    total.constant = try unwrap(total.constant.adding(part.constant), at: range)
    total.parts += part.parts
  }

  /// Of the elements, or of 1 for each of them. What reads no local is summed up once.
  private func sum(
    _ element: TypedExpression?, _ sources: [TypedSource], _ e: TypedExpression, _ frame: inout [Value],
    _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    let isClosed = path == .always && facts(e).freeLocals.isEmpty
    if isClosed, let known = closedSums[ObjectIdentifier(e)] { return sumValue(known) }
    let refused = refusals.count
    var total = Linear()
    try addTerms(of: element, sources, e, &frame, path, to: &total)
    if isClosed, refusals.count == refused { closedSums[ObjectIdentifier(e)] = total }
    return sumValue(total)
  }

  /// - Parameter extents: as for `enumerate`.
  func addTerms(
    of element: TypedExpression?, _ sources: [TypedSource], _ e: TypedExpression, _ frame: inout [Value],
    _ path: FormulaID, extents: [Range<Int>?] = [], to total: inout Linear
  ) throws(EvaluationError) {
    if element != nil, !e.type.isExactNumber { throw EvaluationError(.floatInConstraint(at: e.range)) }
    try enumerate(sources, &frame, path, extents: extents) {
      (frame: inout [Value], condition) throws(EvaluationError) in
      var part = Linear(constant: Rational(1))
      if let element {
        let value = try self.walk(element, &frame, self.builder.and(path, condition))
        part = try self.linear(value, at: element.range)
      }
      try self.add(part, where: condition, to: &total, at: e.range)
    }
  }

  /// The least or greatest of decided numbers is a decision of its own, with the values that it can have.
  private func extreme(
    _ aggregate: Aggregate, _ element: TypedExpression, _ sources: [TypedSource], _ e: TypedExpression,
    _ frame: inout [Value], _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    var members: [Alternative] = []
    try enumerate(sources, &frame, path) { (frame: inout [Value], condition) throws(EvaluationError) in
      let inside = self.builder.and(path, condition)
      for each in try self.alternatives(of: try self.walk(element, &frame, inside), at: element.range)
      where !each.value.isVoid {
        let own = self.builder.and(condition, each.condition)
        if own != .never { members.append(Alternative(condition: own, value: each.value)) }
      }
    }
    return try extreme(members, isMin: aggregate == .min, type: element.type, canBeNone: true, e)
  }

  /// Of known values that are there where their conditions hold: exactly defined, by clauses.
  func extreme(
    _ members: [Alternative], isMin: Bool, type: Type, canBeNone: Bool, _ e: TypedExpression
  ) throws(EvaluationError) -> Value {
    var conditions: [Value: [FormulaID]] = [:]
    for member in members {
      guard !member.value.isDecided else {
        throw EvaluationError(
          .notStatable(
            isMin ? "the least of sums" : "the greatest of sums", decidedBy([member.value]), at: e.range))
      }
      conditions[member.value, default: []].append(member.condition)
    }
    let values = conditions.keys.sorted {
      let order = world.heap.compare($0, $1, type: type)
      return isMin ? order < 0 : order > 0
    }
    // The result is the first value of which one is there.
    var alternatives: [Alternative] = []
    var noneBefore = FormulaID.always
    for value in values {
      let isThere = builder.or(conditions[value, default: []])
      alternatives.append(Alternative(condition: builder.and(noneBefore, isThere), value: value))
      noneBefore = builder.and(noneBefore, builder.negated(isThere))
      if noneBefore == .never { break }
    }
    if noneBefore != .never, let last = canBeNone ? Value.none : values.last {
      // Without `canBeNone` this is where nobody may care; a decision has to have a value there too.
      alternatives.append(Alternative(condition: noneBefore, value: last))
    }
    alternatives.removeAll { $0.condition == .never }
    if alternatives.isEmpty { return .none }
    if alternatives.count == 1 { return alternatives[0].value }
    if let column = try oneColumn(alternatives, type: e.type, at: e.range) { return column }
    return auxiliaryChoice(merged(alternatives), type: e.type)
  }

  private func oneColumn(
    _ alternatives: [Alternative], type: Type, at range: SourceRange
  ) throws(EvaluationError) -> Value? {
    guard alternatives.allSatisfy({ builder.literal($0.condition) != nil }) else { return nil }
    let value = try combine(alternatives, type: type, path: .always, at: range)
    guard value.isDecided, case .column = value.reading else { return value.isDecided ? nil : value }
    return value
  }

  /// A new auxiliary decision among the values of a choice, tied to its conditions.
  private func auxiliaryChoice(_ alternatives: [Alternative], type: Type) -> Value {
    let domain = builder.domain(alternatives.map(\.value), type: type)
    let decision = builder.addDecision(domain, name: "_\(builder.model.decisions.count)", isAuxiliary: true)
    let identity = builder.domains[Int(domain.index)].identity
    for (number, each) in alternatives.enumerated() {
      let isChosen = builder.member(decision, builder.mask(identity, class: Int32(number)))
      builder.post(each.condition, where: isChosen, origin: ModelBuilder.definition)
    }
    return builder.column(of: decision)
  }

  // MARK: Distinctness

  /// All elements that are there differ, or are equal.
  func distinctness(
    _ members: [Alternative], _ type: Type, areEqual: Bool, _ e: TypedExpression, _ path: FormulaID
  ) throws(EvaluationError) -> FormulaID {
    let live = members.filter { $0.condition != .never && !$0.value.isVoid }
    let isPlain = live.allSatisfy { $0.condition == .always }
    if areEqual, isPlain {
      var parts: [FormulaID] = []
      for (a, b) in zip(live, live.dropFirst()) { parts.append(try equal(a.value, b.value, type, e, path)) }
      return builder.and(parts)
    }
    if isPlain, let views = views(live.map(\.value)) { return builder.allDifferent(views) }
    var parts: [FormulaID] = []
    for (index, a) in live.enumerated() {
      for b in live[(index + 1)...] {
        let both = builder.and(a.condition, b.condition)
        if both == .never { continue }
        let same = try equal(a.value, b.value, type, e, builder.and(path, both))
        parts.append(builder.implies(both, areEqual ? same : builder.negated(same)))
        if parts.last == .never { return .never }
      }
    }
    return builder.and(parts)
  }

  /// Columns that number equal values alike; nil where a value is no column.
  private func views(_ values: [Value]) -> [View]? {
    var views: [View] = []
    for value in values {
      guard value.isDecided, case .column(let decision, let mapping) = value.reading else { return nil }
      views.append(View(decision, builder.numbering(mapping)))
    }
    return views
  }
}
