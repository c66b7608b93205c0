import ConstraintModel

/// A small deterministic generator of numbers, so that a seed is all a failure needs.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
  mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }
}

/// Small random models with every form, enforcement and lexicographic objectives.
struct RandomModel {
  private var random: SplitMix
  private var model = ConstraintModel()
  private var decisions: [Decision] = []
  private var loads: [LoadID] = []
  private var loadBins: [Int] = []

  static func make(seed: UInt64, withPreferred: Bool = false) -> ConstraintModel {
    var maker = RandomModel(seed: seed)
    maker.build(withPreferred: withPreferred)
    return maker.model
  }

  private init(seed: UInt64) { random = SplitMix(seed: seed) }

  private mutating func build(withPreferred: Bool) {
    for index in 0..<random.within(2...5) {
      let candidates = random.chance(30) ? 2 : random.within(1...5)
      let preferred = withPreferred && random.chance(70) ? random.below(candidates) : nil
      decisions.append(
        model.addDecision(
          candidates: candidates, name: "d\(index)", isAuxiliary: random.chance(20),
          preferred: preferred))
    }
    for _ in 0..<random.below(3) { addLoad() }
    for index in 0..<random.within(1...8) { addConstraint(Origin(index)) }
    for _ in 0..<random.below(3) {
      let terms = (0..<random.within(1...4)).map { _ in term() }
      model.objectives.append(
        Objective(
          terms: terms, constant: random.within(-3...3), origins: terms.map { _ in Origin(99) }))
    }
  }

  private mutating func view(_ range: ClosedRange<Int> = -2...3) -> View {
    let decision = random.pick(decisions)
    let values = (0..<model[decision].candidateCount).map { _ in random.within(range) }
    return View(decision, model.column(values))
  }

  private mutating func literal() -> Literal {
    let decision = random.pick(decisions)
    let count = model[decision].candidateCount
    var bits = Bitset(count: count)
    for candidate in 0..<count where random.chance(50) { bits.insert(candidate) }
    return Literal(decision, in: model.mask(bits), isNegated: random.chance(40))
  }

  private mutating func table() -> (TableID, View, View) {
    let rows = random.within(1...3)
    let columns = random.within(1...3)
    let matrix = (0..<rows).map { _ in
      (0..<columns).map { _ in random.chance(40) ? 0 : random.within(-2...3) }
    }
    return (model.table(matrix), view(0...rows - 1), view(0...columns - 1))
  }

  private mutating func addLoad() {
    let bins = random.within(1...3)
    let items = (0..<random.within(1...4)).map { _ in
      Load.Item(view(-1...bins - 1), weight: random.below(4))
    }
    loads.append(model.addLoad(Load(items: items, binCount: bins)))
    loadBins.append(bins)
  }

  private mutating func term(depth: Int = 0) -> LinearTerm {
    let coefficient = random.pick([-2, -1, 1, 1, 2, 3])
    if depth < 2, random.chance(12) {
      let inner = (0..<random.within(1...4)).map { _ in term(depth: depth + 1) }
      return LinearTerm(coefficient, .ramp(model.sum(Sum(inner, constant: random.within(-4...4)))))
    }
    switch random.below(loads.isEmpty ? 4 : 6) {
    case 0, 1: return LinearTerm(coefficient, .view(view()))
    case 2: return LinearTerm(coefficient, .literal(literal()))
    case 3:
      let (table, row, column) = table()
      return LinearTerm(coefficient, .table(table, row, column))
    default:
      let load = random.below(loads.count)
      return LinearTerm(
        coefficient, .load(loads[load], bin: Int32(random.below(loadBins[load]))))
    }
  }

  private mutating func addConstraint(_ origin: Origin) {
    let form: Constraint.Form
    switch random.below(9) {
    case 0, 1: form = .clause((0..<random.within(0...3)).map { _ in literal() })
    case 2, 3, 4:
      let terms = (0..<random.within(1...4)).map { _ in term() }
      let lower = random.chance(50) ? random.within(-3...4) : nil
      let upper = lower == nil || random.chance(30) ? random.within(-1...6) : nil
      form = .linear(terms, lower: lower, upper: upper)
    case 5: form = .equal(view(), view())
    case 6:
      form = .allDifferent(
        (0..<random.within(2...4)).map { _ in view() },
        except: random.chance(40) ? random.within(-1...1) : nil)
    case 7:
      let views = (0..<random.within(1...3)).map { _ in view(0...2) }
      let rows = (0..<random.within(0...5)).map { _ in views.map { _ in random.below(3) } }
      form = .rows(views, rows)
    default:
      let (table, row, column) = table()
      form = .allowed(table, row, column)
    }
    let enforcedBy = random.chance(35) ? (0..<random.within(1...2)).map { _ in literal() } : []
    // Some origins have several constraints.
    let shared = random.chance(15) ? Origin(0) : origin
    model.post(Constraint(form, enforcedBy: enforcedBy, origin: shared))
  }
}

extension ConstraintModel {
  /// The same decisions with only these constraints.
  func keeping(_ isKept: (Int) -> Bool) -> ConstraintModel {
    var other = ConstraintModel()
    for info in decisions {
      _ = other.addDecision(
        candidates: info.candidateCount, name: info.name, isAuxiliary: info.isAuxiliary,
        preferred: info.preferred)
    }
    for column in columns { _ = other.column(column) }
    for mask in masks { _ = other.mask(mask) }
    for table in tables { _ = other.table(table) }
    for load in loads { _ = other.addLoad(load) }
    for sum in sums { _ = other.sum(sum) }
    for (index, constraint) in constraints.enumerated() where isKept(index) { other.post(constraint) }
    other.objectives = objectives
    return other
  }

  /// Drops constraints and objectives while the failure stays.
  func shrunk(while fails: (ConstraintModel) -> Bool) -> ConstraintModel {
    var model = self
    var index = 0
    while index < model.constraints.count {
      let smaller = model.keeping { $0 != index }
      if fails(smaller) { model = smaller } else { index += 1 }
    }
    index = 0
    while index < model.objectives.count {
      var smaller = model
      smaller.objectives.remove(at: index)
      if fails(smaller) { model = smaller } else { index += 1 }
    }
    return model
  }

  func movedDecisions(_ values: [Int]) -> Int {
    zip(decisions, values).count { info, value in
      info.preferred.map { preferred in preferred != value } ?? false
    }
  }

  var summary: String {
    "decisions \(decisions.map { "\($0.candidateCount)" }) columns \(columns) "
      + "masks \(masks.map(\.members)) tables \(tables) loads \(loads)\n"
      + constraints.map { "\($0)" }.joined(separator: "\n") + "\n\(objectives)"
  }
}
