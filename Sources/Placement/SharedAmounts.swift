import ConstraintModel
import ConstraintSolver
import PlacetSemantics
import PlacetVM
import Quantities

/// An amount that is written once and compared with many times: `chain.max_latency` of all links of a chain.
extension PlacementProblem {
  /// Beyond this many statements of a rule, those that share a field are looked for in the conflict alone.
  private var mostSharing: Int { 200 }

  /// The statements that compare the same field of the same entity, this one among them.
  func sharing(_ origin: Origin, _ side: KnownSide, _ core: [Origin], isAtSize: Bool) -> [Origin] {
    guard let rule = stated.rule(of: origin), side.fields.count == 1 else { return [origin] }
    let all = isAtSize ? [] : origins(of: rule)
    let others = isAtSize || all.count > mostSharing ? core : all.sorted()
    return others.filter { other in
      if other == origin { return true }
      guard stated.rule(of: other) == rule, let its = knownSide(of: other), its.fields.count == 1 else {
        return false
      }
      return its.fields[0].entity == side.fields[0].entity && its.fields[0].field == side.fields[0].field
        && its.fields[0].coefficient == side.fields[0].coefficient && its.comparison == side.comparison
        && its.isRight == side.isRight && its.value == side.value
    }
  }

  /// The least change of the field that suffices for all of them: `raise max_latency of chain to 9 ms`.
  ///
  /// Each for itself would have to go further, as long as the others keep to what is written.
  func sharedAmount(
    of origins: [Origin], _ side: KnownSide, in model: ConstraintModel, _ judge: RemedyJudge
  ) -> Remedy? {
    let part = judge.isAtSize ? judge.part : model
    let dropped = Set(origins)
    var measures: [(origin: Origin, measure: Measure)] = []
    for origin in origins {
      let constraints = part.constraints.filter { $0.origin == origin }
      // What always holds says nothing.
      if constraints.isEmpty { continue }
      guard constraints.count == 1, constraints[0].enforcedBy.isEmpty,
        let measure = measure(of: constraints[0], in: model)
      else { return nil }
      measures.append((origin, measure))
    }
    guard measures.count > 1, let first = measures.first?.origin else { return nil }
    let isUpper = side.isBoundedAbove
    let values = Set(measures.flatMap(\.measure.values)).sorted { isUpper ? $0 < $1 : $1 < $0 }
    func rest() -> ConstraintModel { model.keepingConstraints { !dropped.contains($0.origin) } }
    var asked = judge.isAtSize ? part : rest()
    let terms = measures.map { $0.measure.term(&asked) }
    func bounds(_ number: Int) -> [RemedyJudge.Bound] {
      zip(terms, measures).map { term, each in
        let kept = each.measure.values.prefix { isUpper ? $0 <= values[number] : $0 >= values[number] }
        return RemedyJudge.Bound(terms: [term], most: kept.count - 1)
      }
    }
    var (low, high) = (0, values.count)
    while low < high {
      let middle = (low + high) / 2
      if judge.isPossible(without: dropped, in: asked, keeping: bounds(middle)) {
        high = middle
      } else {
        low = middle + 1
      }
    }
    guard low < values.count, judge.isEnough(without: dropped, in: asked, keeping: bounds(low)) else {
      return nil
    }
    return remedy(first, side, reaching: values[low], isRoom: false) {
      var relaxed = rest()
      for (each, bound) in zip(measures, bounds(low)) {
        let term = each.measure.term(&relaxed)
        relaxed.post(Constraint(.linear([term], lower: nil, upper: bound.most), origin: each.origin))
      }
      return relaxed
    }
  }
}
