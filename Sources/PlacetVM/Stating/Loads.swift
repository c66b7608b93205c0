import ConstraintModel
import Diagnostics
import PlacetSemantics
import Quantities

/// Where an aggregate asks what falls into one bin: `sum(i.cpu for each instance i where i.host == h)`.
///
/// The conjunct `item == bin` compares something of the loop's own with something that does not depend on it.
struct LoadPlan {
  var item: TypedExpression
  var bin: TypedExpression
  /// Where the conjunct stood: source, and place among its conditions.
  var source: Int
  var place: Int
  /// Conditions of each source but that conjunct, and of the element where it is a condition.
  var conditions: [[TypedExpression]]
  /// Slots of the frame around that the aggregate reads other than in `bin`.
  var captured: [Int]
}

struct LoadKey: Hashable {
  var aggregate: ObjectIdentifier
  var captured: [Value]
}

/// What is put where, stated once for all bins.
struct BuiltLoad {
  /// nil where nothing moves.
  var load: LoadID?
  var bins: [Value: Int32]
  /// What lies in a bin whatever is decided.
  var fixed: [Value: Rational]
  /// What a weight of 1 in the load stands for.
  var unit: Rational
}

/// Capacities stated once instead of bin by bin.
extension Stater {
  func load(
    _ aggregate: Aggregate, _ element: TypedExpression, _ sources: [TypedSource], _ e: TypedExpression,
    _ frame: inout [Value], _ path: FormulaID
  ) throws(EvaluationError) -> Value? {
    guard let plan = loadPlan(aggregate, element, sources, e) else { return nil }
    let asked = try walk(plan.bin, &frame, path)
    if asked.isDecided || asked.isVoid {
      summedUp.insert(ObjectIdentifier(e))
      return nil
    }
    let bin = builder.canonical(asked, plan.item.type)
    let key = LoadKey(aggregate: ObjectIdentifier(e), captured: plan.captured.map { frame[$0] })
    let built: BuiltLoad?
    if let known = loads[key] {
      built = known
    } else {
      built = try build(plan, aggregate, element, sources, &frame)
      loads[key] = .some(built)
    }
    guard let built else {
      summedUp.insert(ObjectIdentifier(e))
      return nil
    }
    var total = Linear(constant: built.fixed[bin] ?? Rational(0))
    if let load = built.load, let number = built.bins[bin] {
      total.parts.append(.init(coefficient: built.unit, base: .load(load, bin: number)))
    }
    if aggregate != .any { return sumValue(total) }
    return truth(try unwrap(builder.between(total, lower: Rational(1), upper: nil), at: e.range))
  }

  // MARK: Recognition

  private func loadPlan(
    _ aggregate: Aggregate, _ element: TypedExpression, _ sources: [TypedSource], _ e: TypedExpression
  ) -> LoadPlan? {
    let facts = facts(e)
    if let known = facts.loadPlan { return known }
    let plan = makeLoadPlan(aggregate, element, sources, facts)
    facts.loadPlan = .some(plan)
    return plan
  }

  private func makeLoadPlan(
    _ aggregate: Aggregate, _ element: TypedExpression, _ sources: [TypedSource], _ facts: ExpressionFacts
  ) -> LoadPlan? {
    guard aggregate == .sum || aggregate == .count || aggregate == .any else { return nil }
    var conditions = sources.map { $0.condition.map { split($0) } ?? [] }
    if aggregate == .any { conditions[conditions.count - 1] += split(element) }
    var reader = ExpressionReader(program: program)
    for source in sources { reader.bind(source.target) }
    let bound = reader.bound
    func dependsOnLoop(_ e: TypedExpression) -> Bool {
      self.facts(e).freeLocals.contains { bound.contains($0) }
    }
    for (place, all) in conditions.enumerated() {
      for (index, conjunct) in all.enumerated() {
        guard case .binary(.equal, let a, let b) = conjunct.form, a.type != .bool else { continue }
        for (item, bin) in [(a, b), (b, a)] {
          guard dependsOnLoop(item), self.facts(item).readsDecisions, !dependsOnLoop(bin) else { continue }
          conditions[place].remove(at: index)
          return LoadPlan(
            item: item, bin: bin, source: place, place: index, conditions: conditions,
            captured: captured(aggregate, element, sources, conditions, item, facts))
        }
      }
    }
    return nil
  }

  private func captured(
    _ aggregate: Aggregate, _ element: TypedExpression, _ sources: [TypedSource],
    _ conditions: [[TypedExpression]], _ item: TypedExpression, _ facts: ExpressionFacts
  ) -> [Int] {
    var reader = ExpressionReader(program: program)
    for source in sources {
      if case .elements(let list) = source.form { reader.read(list) }
      reader.bind(source.target)
    }
    for condition in conditions.joined() { reader.read(condition) }
    reader.read(item)
    if aggregate == .sum { reader.read(element) }
    return reader.freeLocals
  }

  // MARK: Building

  struct Packing {
    struct Item {
      var decision: Decision
      var mapping: MappingID
      /// Candidates outside of it are in no bin.
      var mask: MaskID?
      var weight: Rational
    }
    var items: [Item] = []
    var fixed: [Value: Rational] = [:]
  }

  /// nil where it is no packing after all: weights that other decisions decide, or negative ones.
  private func build(
    _ plan: LoadPlan, _ aggregate: Aggregate, _ element: TypedExpression, _ sources: [TypedSource],
    _ frame: inout [Value]
  ) throws(EvaluationError) -> BuiltLoad? {
    try packing(plan, aggregate, element, sources, &frame).flatMap { assemble($0) }
  }

  /// What is put where, of all that the sources give or of a part of it.
  func packing(
    _ plan: LoadPlan, _ aggregate: Aggregate, _ element: TypedExpression, _ sources: [TypedSource],
    _ frame: inout [Value], extents: [Range<Int>?] = []
  ) throws(EvaluationError) -> Packing? {
    let outer = refusals
    refusals = []
    defer { refusals = outer }
    var packing = Packing()
    let bare = zip(sources, plan.conditions).map { source, conditions in
      var source = source
      source.condition = nil
      return (source, conditions)
    }
    let isPacking = try collect(
      bare[...], plan, aggregate == .sum ? element : nil, &frame, .always, extents, &packing)
    return isPacking && refusals.isEmpty ? packing : nil
  }

  private func collect(
    _ sources: ArraySlice<(TypedSource, [TypedExpression])>, _ plan: LoadPlan, _ weight: TypedExpression?,
    _ frame: inout [Value], _ condition: FormulaID, _ extents: [Range<Int>?], _ packing: inout Packing
  ) throws(EvaluationError) -> Bool {
    guard let (source, conditions) = sources.first else {
      return try addItem(plan, weight, &frame, condition, &packing)
    }
    var isPacking = true
    let isOwn = sources.startIndex == plan.source
    let extent = extents.isEmpty ? [] : [extents[sources.startIndex]]
    try enumerate([source], &frame, .always, extents: extent) {
      (frame: inout [Value], own) throws(EvaluationError) in
      guard isPacking else { return }
      var holds = self.builder.and(condition, own)
      for (place, each) in (conditions + [nil]).enumerated() {
        // Where the conjunct stood, so that it refuses where it would.
        if isOwn, place == plan.place { _ = try self.walk(plan.item, &frame, .always) }
        guard let each else { continue }
        // Not under what was met so far: the conjunct of the bin may stand before, and whatever could refuse
        // there makes this no packing.
        holds = self.builder.and(holds, try self.formula(each, &frame, .always))
        if holds == .never { return }
      }
      isPacking = try self.collect(sources.dropFirst(), plan, weight, &frame, holds, extents, &packing)
    }
    return isPacking
  }

  private func addItem(
    _ plan: LoadPlan, _ weightExpression: TypedExpression?, _ frame: inout [Value], _ condition: FormulaID,
    _ packing: inout Packing
  ) throws(EvaluationError) -> Bool {
    let item = try walk(plan.item, &frame, .always)
    let weight =
      try weightExpression.map { (e) throws(EvaluationError) in
        try self.walk(e, &frame, .always)
      } ?? Value(1)
    if item.isVoid || weight.isVoid { return false }
    guard item.isDecided else {
      guard condition == .always, !weight.isDecided,
        let sum = (packing.fixed[place(item, plan)] ?? Rational(0)).adding(exactNumber(weight))
      else { return false }
      packing.fixed[place(item, plan)] = sum
      return exactNumber(weight) >= Rational(0)
    }
    guard case .column(let decision, let mapping) = item.reading else { return false }
    var mask: MaskID?
    if condition != .always {
      guard let literal = builder.literal(condition), literal.decision == decision else { return false }
      mask = literal.mask
    }
    for each in try alternatives(of: weight, at: plan.item.range) {
      if each.value.isDecided || each.value.isVoid { return false }
      let amount = exactNumber(each.value)
      if amount < Rational(0) { return false }
      if amount.isZero { continue }
      var own = mask
      if each.condition != .always {
        guard let literal = builder.literal(each.condition), literal.decision == decision else {
          return false
        }
        let bits = builder.model[literal.mask]
        own = mask.map { builder.model.mask(builder.model[$0].intersection(bits)) } ?? literal.mask
      }
      packing.items.append(.init(decision: decision, mapping: mapping, mask: own, weight: amount))
    }
    return true
  }

  private func place(_ item: Value, _ plan: LoadPlan) -> Value { builder.canonical(item, plan.item.type) }

  private func assemble(_ packing: Packing) -> BuiltLoad? {
    var scale = 1
    for item in packing.items {
      guard let next = ModelBuilder.leastCommonMultiple(scale, item.weight.denominator) else { return nil }
      scale = next
    }
    var bins: [Value: Int32] = [:]
    var items: [Load.Item] = []
    items.reserveCapacity(packing.items.count)
    var columns: [ColumnKey: ColumnID] = [:]
    var total = 0
    for item in packing.items {
      let key = ColumnKey(mapping: item.mapping, mask: item.mask)
      let column: ColumnID
      if let known = columns[key] {
        column = known
      } else {
        column = binColumn(item.mapping, item.mask, &bins)
        columns[key] = column
      }
      guard let weight = item.weight.multiplied(by: Rational(scale)), weight.isInteger else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(weight.numerator)
      if overflow { return nil }
      total = sum
      items.append(Load.Item(View(item.decision, column), weight: weight.numerator))
    }
    let divisor = max(items.reduce(0) { ModelBuilder.greatestCommonDivisor($0, $1.weight) }, 1)
    for index in items.indices { items[index].weight /= divisor }
    total /= divisor
    guard let unit = Rational(divisor, over: scale) else { return nil }
    var result = BuiltLoad(load: nil, bins: bins, fixed: packing.fixed, unit: unit)
    if !items.isEmpty {
      result.load = builder.model.addLoad(Load(items: items, binCount: bins.count))
      builder.loadTotals.append(total)
    }
    return result
  }

  private struct ColumnKey: Hashable {
    var mapping: MappingID
    var mask: MaskID?
  }

  func binColumn(_ mapping: MappingID, _ mask: MaskID?, _ bins: inout [Value: Int32]) -> ColumnID {
    let known = builder.mappings[Int(mapping.index)]
    var numbers: [Int] = []
    for value in known.values {
      if value.isVoid {
        numbers.append(-1)
      } else if let bin = bins[value] {
        numbers.append(Int(bin))
      } else {
        numbers.append(bins.count)
        bins[value] = Int32(bins.count)
      }
    }
    let bits = mask.map { builder.model[$0] }
    let column = known.classOf.enumerated().map { candidate, number in
      bits?.contains(candidate) ?? true ? numbers[Int(number)] : -1
    }
    return builder.model.column(column)
  }
}
