import ConstraintModel
import ConstraintSolver
import PlacetSemantics
import PlacetVM
import Quantities

/// Which amount would have to be another: the known side of a comparison, where it is one field of an entity.
extension PlacementProblem {
  /// `give fra-2 16 GiB more memory`, `raise max_latency of chain.fw->lb to 9 ms`, `lower seats of gold to 2`, as
  /// little as the rest of the model allows; what that is, is found by the solver.
  func otherAmount(for origin: Origin, in model: ConstraintModel, _ judge: RemedyJudge) -> Remedy? {
    let part = judge.isAtSize ? judge.part : model
    let constraints = part.constraints.filter { $0.origin == origin }
    guard let side = knownSide(of: origin), side.fields.count == 1 else { return nil }
    func rest() -> ConstraintModel { model.keepingConstraints { $0.origin != origin } }
    if let asked = settledSide(of: origin, in: part) {
      return remedy(origin, side, reaching: asked, isRoom: true, leaving: rest)
    }
    guard constraints.count == 1, constraints[0].enforcedBy.isEmpty else { return nil }
    if let measure = measure(of: constraints[0], in: model) {
      var asked = judge.isAtSize ? part : rest()
      let term = measure.term(&asked)
      guard let (best, _) = judge.least([term], in: asked, without: [origin]), best < measure.values.count
      else { return nil }
      return remedy(origin, side, reaching: measure.values[best], isRoom: false) {
        var relaxed = rest()
        let term = measure.term(&relaxed)
        relaxed.post(Constraint(.linear([term], lower: nil, upper: best), origin: origin))
        return relaxed
      }
    }
    guard case .linear(let terms, let lower, let upper) = constraints[0].form,
      (lower == nil) != (upper == nil)
    else { return nil }
    let sign = upper == nil ? -1 : 1
    let isRoom = terms.allSatisfy { if case .load = $0.term { true } else { false } }
    // A host that has nothing of an amount is given none.
    if isRoom, let upper, upper <= 0 || side.value <= Rational(0) { return nil }
    let signed = terms.map { LinearTerm(sign * $0.coefficient, $0.term) }
    guard let (best, solution) = judge.least(signed, in: judge.isAtSize ? part : rest(), without: [origin]),
      let asked = decidedSide(of: origin, where: { solution.values[$0.decision] })
    else { return nil }
    return remedy(origin, side, reaching: asked, isRoom: isRoom) {
      var relaxed = rest()
      relaxed.post(Constraint(.linear(signed, lower: nil, upper: best), origin: origin))
      return relaxed
    }
  }

  func remedy(
    _ origin: Origin, _ side: KnownSide, reaching asked: Rational, isRoom: Bool,
    leaving model: @escaping () -> ConstraintModel
  ) -> Remedy? {
    let place = side.fields[0]
    let field = program.kinds[Int(place.entity.kind)].fields[place.field]
    guard let rule = stated.rule(of: origin),
      side.comparison == .lessOrEqual || side.comparison == .greaterOrEqual,
      let more = asked.subtracting(side.value)?.divided(by: place.coefficient), more != Rational(0)
    else { return nil }
    func text(_ amount: Rational, _ isUp: Bool) -> String {
      guard case .int = field.type.unwrapped else { return shortNumber(amount, field.type, up: isUp) }
      return String(isUp ? amount.ceiling : amount.floor)
    }
    let path = world.path(of: place.entity)
    let isUp = more > Rational(0)
    if isRoom && isUp && side.isBoundedAbove {
      let text = "give \(path) \(text(more, true)) more \(field.name)"
      return Remedy(relaxation: Relaxation(text: text, rule: program[rule].name), model: model, isRoom: true)
    }
    guard let value = try? world.read(place.entity, field: place.field), !value.isNone, value.aux > 0,
      let reached = Rational(reduced: value.bits, over: value.aux).adding(more)
    else { return nil }
    return Remedy(
      relaxation: Relaxation(
        text: "\(isUp ? "raise" : "lower") \(field.name) of \(path) to \(text(reached, isUp))",
        rule: program[rule].name), model: model)
  }

  /// An amount as a person reads it, where that is shorter with three digits, rounded to the given side: `14.5 ms`.
  func shortNumber(_ value: Rational, _ type: Type, up: Bool) -> String {
    let exact = number(value, type.unwrapped)
    guard value > Rational(0) else { return exact }
    var (step, count) = (Rational(1), 0)
    while count < 18, let scaled = value.divided(by: step), scaled < Rational(100) || scaled >= Rational(1000)
    {
      let factor = scaled < Rational(100) ? Rational(1).divided(by: Rational(10)) : Rational(10)
      guard let factor, let next = step.multiplied(by: factor) else { return exact }
      (step, count) = (next, count + 1)
    }
    guard let scaled = value.divided(by: step),
      let near = step.multiplied(by: Rational(up ? scaled.ceiling : scaled.floor))
    else { return exact }
    let short = number(near, type.unwrapped)
    return short.utf8.count < exact.utf8.count ? short : exact
  }

  // MARK: What choices are worth

  /// What the decided side of a condition on one decision, or on two through a table, can be worth.
  struct Measure {
    /// From best to worst, each once.
    var values: [Rational]
    /// The place in `values` as a term; one beyond them all where the choice is refused.
    var term: (inout ConstraintModel) -> LinearTerm
    /// The place in `values` for these candidates of the decisions.
    var place: ([Int]) -> Int
    var decisions: [Decision]
  }

  /// nil for other forms, and where there are too many choices to look at each.
  func measure(of constraint: Constraint, in model: ConstraintModel) -> Measure? {
    guard constraint.enforcedBy.isEmpty, let side = knownSide(of: constraint.origin) else { return nil }
    switch constraint.form {
    case .allowed(_, let first, let second) where first.decision != second.decision:
      let (rows, columns) = (model[first.column], model[second.column])
      guard let rowCount = rows.max().map({ $0 + 1 }), let columnCount = columns.max().map({ $0 + 1 }),
        rowCount * columnCount <= 400
      else { return nil }
      let (a, b) = (Int(first.decision.index), Int(second.decision.index))
      let choices = (0..<rowCount * columnCount).map { cell -> (StatedDecision) -> Int in
        let row = rows.firstIndex(of: cell / columnCount) ?? -1
        let column = columns.firstIndex(of: cell % columnCount) ?? -1
        return { $0.decision == a ? row : $0.decision == b ? column : 0 }
      }
      let (values, ranks) = ranked(
        decidedSides(of: constraint.origin, choices: choices, varying: [first.decision, second.decision]),
        side)
      let matrix = (0..<rowCount).map { row in Array(ranks[row * columnCount..<(row + 1) * columnCount]) }
      return Measure(
        values: values, term: { LinearTerm(1, .table($0.table(matrix), first, second)) },
        place: { matrix[rows[$0[0]]][columns[$0[1]]] }, decisions: [first.decision, second.decision])
    case .clause(let literals) where literals.isEmpty: return measureOfImpossible(constraint, side, in: model)
    case .clause:
      guard let (decision, _) = ConflictReader.restriction(constraint, model),
        model[decision].candidateCount <= 400
      else { return nil }
      let number = Int(decision.index)
      let choices = (0..<model[decision].candidateCount).map { candidate -> (StatedDecision) -> Int in
        { $0.decision == number ? candidate : 0 }
      }
      let (values, ranks) = ranked(
        decidedSides(of: constraint.origin, choices: choices, varying: [decision]), side)
      return Measure(
        values: values, term: { LinearTerm(1, .view(View(decision, $0.column(ranks)))) },
        place: { ranks[$0[0]] }, decisions: [decision])
    default: return nil
    }
  }

  /// The same where no choice will do, which the model has only as a contradiction: the choices that are read.
  private func measureOfImpossible(
    _ constraint: Constraint, _ side: KnownSide, in model: ConstraintModel
  ) -> Measure? {
    guard case .binary(_, let left, let right)? = stated[constraint.origin].constraint?.condition.form else {
      return nil
    }
    let entries = decisionsRead(by: side.isRight ? left : right, constraint.origin)
    guard let first = entries.first, entries.count <= 2 else { return nil }
    let second = entries.count == 2 ? entries[1] : nil
    let columnCount = second?.candidates.count ?? 1
    guard first.candidates.count * columnCount <= 400 else { return nil }
    let choices = (0..<first.candidates.count * columnCount).map { cell -> (StatedDecision) -> Int in
      {
        $0.decision == first.decision
          ? cell / columnCount : $0.decision == second?.decision ? cell % columnCount : 0
      }
    }
    let (values, ranks) = ranked(
      decidedSides(of: constraint.origin, choices: choices, varying: entries.map { Decision($0.decision) }),
      side)
    let matrix = first.candidates.indices.map { Array(ranks[$0 * columnCount..<($0 + 1) * columnCount]) }
    let one = Decision(first.decision)
    guard let second else {
      return Measure(
        values: values, term: { LinearTerm(1, .view(View(one, $0.column(ranks)))) }, place: { ranks[$0[0]] },
        decisions: [one])
    }
    let other = Decision(second.decision)
    return Measure(
      values: values,
      term: {
        let rows = View(one, $0.column(Array(matrix.indices)))
        return LinearTerm(1, .table($0.table(matrix), rows, View(other, $0.column(Array(0..<columnCount)))))
      }, place: { matrix[$0[0]][$0[1]] }, decisions: [one, other])
  }

  private func ranked(_ all: [Rational?], _ side: KnownSide) -> ([Rational], [Int]) {
    let wantsLittle = side.isBoundedAbove
    let values = Set(all.compactMap { $0 }).sorted { wantsLittle ? $0 < $1 : $1 < $0 }
    var places: [Rational: Int] = [:]
    for (place, value) in values.enumerated() { places[value] = place }
    return (values, all.map { $0.flatMap { places[$0] } ?? values.count })
  }
}

extension KnownSide {
  /// Whether the decided side is to be at most the known one.
  var isBoundedAbove: Bool {
    switch comparison {
    case .less, .lessOrEqual: isRight
    default: !isRight
    }
  }
}
