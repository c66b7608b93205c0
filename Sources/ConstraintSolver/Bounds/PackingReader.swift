import ConstraintModel

/// Reads a model as a packing where it is one.
///
/// BOUND: whatever is skipped here only makes the packing looser. What is taken must hold in every solution.
struct PackingReader {
  let model: ConstraintModel
  var packing = HostPacking()
  var domains: [Bitset]
  var itemOf: [Int: Int] = [:]
  var binOf: [Int] = []
  var binCount = 0
  /// What an auxiliary boolean costs where it is false and where it is true.
  var costs: [Int: (no: Int, yes: Int)] = [:]
  var isSpent = Set<Int>()
  /// Other decisions whose candidates lie in bins, by the item that they lie with.
  var guests: [[Guest]] = []
  /// The map of each guest, by decision.
  var mapOfGuest: [Int: Int] = [:]
  var maps: [GuestMap] = []
  private var mapNumbers: [MapKey: Int] = [:]
  let memory = ColumnMemory()
  var siteColumns: [[Int]] = []
  var siteOfBin: [Int] = []
  var pairCosts: [PairKey: [Int]] = [:]
  var counts: [(members: [(item: Int, weight: Int, sites: UInt64)], limit: Int)] = []
  /// Is told each class as it is made, with a choice for each kind of items, and how many bins it has. The packing keeps
  /// no choices then: for large models they would be the largest part of it.
  var takeClass: ((BinClass, Int) -> Void)?

  struct Guest {
    var decision: Int
    var map: Int
  }
  /// The bin of each candidate of a guest, and the candidates of each bin.
  struct GuestMap {
    var binOf: [Int]
    var candidates: [[Int]]
  }
  private struct MapKey: Hashable {
    var own: ColumnID
    var other: ColumnID
  }
  /// What was found out about columns; shared, since questions do not change the reader.
  final class ColumnMemory {
    var isOneToOne: [ColumnID: Bool] = [:]
    var onSites: [ColumnID: [Int]?] = [:]
    private var tables: [[Int]: [Int]] = [:]

    /// Equal tables share their storage: most pairs of items ask one of few questions.
    func shared(_ table: [Int]) -> [Int] {
      if let known = tables[table] { return known }
      tables[table] = table
      return table
    }
  }
  struct PairKey: Hashable {
    var a: Int
    var b: Int
  }
  struct Opening {
    var load: Int
    var bin: Int
    var decision: Int
    var cost: Int
  }

  /// The packing in a model for one of its objectives, or nil where there is none worth the name.
  static func read(
    _ model: ConstraintModel, objective: Objective, takeClass: ((BinClass, Int) -> Void)? = nil
  ) -> HostPacking? {
    var reader = PackingReader(model)
    reader.takeClass = takeClass
    return reader.read(objective)
  }

  init(_ model: ConstraintModel) {
    self.model = model
    domains = model.decisions.map { Bitset(count: $0.candidateCount, filled: true) }
  }

  mutating func read(_ objective: Objective) -> HostPacking? {
    readDomains()
    readAuxiliaryCosts(objective)
    guard let openings = readOpenings(), readItems(openings) else { return nil }
    readGuests()
    guard readSites(objective) else { return nil }
    readRelations()
    readClasses(openings, readItemCosts(objective))
    // What auxiliary booleans cost at least, beyond openings and pairs that are told apart.
    for (_, cost) in costs { packing.constant += min(cost.no, cost.yes) }
    packing.constant += objective.constant
    makeComponents()
    return packing.classes.isEmpty ? nil : packing
  }

  func isBoolean(_ decision: Int) -> Bool {
    model.decisions[decision].candidateCount == 2 && model.decisions[decision].isAuxiliary
  }

  // MARK: domains and costs

  mutating func readDomains() {
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      guard case .clause(let literals) = constraint.form, literals.count == 1 else { continue }
      let decision = Int(literals[0].decision.index)
      let mask = model[literals[0].mask]
      domains[decision] =
        literals[0].isNegated ? domains[decision].subtracting(mask) : domains[decision].intersection(mask)
    }
  }

  mutating func readAuxiliaryCosts(_ objective: Objective) {
    for term in objective.terms {
      guard case .literal(let literal) = term.term, isBoolean(Int(literal.decision.index)) else { continue }
      let mask = model[literal.mask]
      var cost = costs[Int(literal.decision.index)] ?? (0, 0)
      if mask.contains(0) != literal.isNegated { cost.no += term.coefficient }
      if mask.contains(1) != literal.isNegated { cost.yes += term.coefficient }
      costs[Int(literal.decision.index)] = cost
    }
  }

  /// What it costs that a literal is false rather than as one likes, or nil where nothing.
  func price(ofFailing literal: Literal) -> Int? {
    let decision = Int(literal.decision.index)
    guard isBoolean(decision), !isSpent.contains(decision), let cost = costs[decision] else { return nil }
    let mask = model[literal.mask]
    let holds = (mask.contains(0) != literal.isNegated, mask.contains(1) != literal.isNegated)
    guard holds.0 != holds.1 else { return nil }
    let failing = holds.0 ? cost.yes : cost.no
    let price = failing - min(cost.no, cost.yes)
    return price > 0 ? price : nil
  }

  // MARK: items and bins

  /// Items times bins beyond which reading alone would take seconds.
  static let mostPairs = 40_000_000

  /// Bins that are empty unless a literal fails which is dear to fail, of the load that most items are in.
  mutating func readOpenings() -> [Opening]? {
    var byLoad: [Int: [Opening]] = [:]
    for constraint in model.constraints {
      guard constraint.enforcedBy.count == 1, case .linear(let terms, _, let upper?) = constraint.form,
        terms.count == 1, upper >= 0, case .load(let load, let bin) = terms[0].term,
        terms[0].coefficient > 0, upper / terms[0].coefficient == 0,
        bin >= 0, Int(bin) < model[load].binCount,
        let price = price(ofFailing: constraint.enforcedBy[0])
      else { continue }
      let decision = Int(constraint.enforcedBy[0].decision.index)
      byLoad[Int(load.index), default: []]
        .append(Opening(load: Int(load.index), bin: Int(bin), decision: decision, cost: price))
    }
    let best = byLoad.max { a, b in
      let (x, y) = (
        model.loads[a.key].items.count * a.value.count, model.loads[b.key].items.count * b.value.count
      )
      return x != y ? x < y : a.key > b.key
    }
    return best?.value
  }

  mutating func readItems(_ openings: [Opening]) -> Bool {
    let load = model.loads[openings[0].load]
    guard let first = load.items.first?.view.column else { return false }
    binOf = model[first]
    binCount = load.binCount
    guard load.items.count * binCount <= Self.mostPairs else { return false }
    packing.candidateOfBin = Array(repeating: -1, count: binCount)
    for (candidate, bin) in binOf.enumerated() {
      guard bin >= 0, bin < binCount, packing.candidateOfBin[bin] < 0 else { return false }
      packing.candidateOfBin[bin] = candidate
    }
    for item in load.items where item.weight > 0 {
      let decision = Int(item.view.decision.index)
      guard item.view.column == first, itemOf[decision] == nil else { return false }
      itemOf[decision] = packing.decisions.count
      packing.decisions.append(decision)
    }
    guests = Array(repeating: [], count: packing.itemCount)
    packing.bundles = Array(0..<packing.itemCount)
    packing.conflicts = Array(repeating: [], count: packing.itemCount)
    packing.cliqueOf = Array(repeating: -1, count: packing.itemCount)
    packing.componentOf = Array(repeating: -1, count: packing.itemCount)
    return packing.itemCount > 1
  }

  /// Decisions that an equality ties to the bin of an item, such as its cells.
  mutating func readGuests() {
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      guard case .equal(let a, let b) = constraint.form else { continue }
      for (own, other) in [(a, b), (b, a)] {
        guard let item = itemOf[Int(own.decision.index)] else { continue }
        let decision = Int(other.decision.index)
        guard itemOf[decision] == nil, mapOfGuest[decision] == nil,
          let map = map(own.column, other.column)
        else { continue }
        mapOfGuest[decision] = map
        guests[item].append(Guest(decision: decision, map: map))
      }
    }
  }

  /// The number of the map from a guest's candidates to bins, or nil where a value names several bins.
  private mutating func map(_ own: ColumnID, _ other: ColumnID) -> Int? {
    let key = MapKey(own: own, other: other)
    if let known = mapNumbers[key] { return known >= 0 ? known : nil }
    var binOfValue: [Int: Int] = [:]
    for (candidate, value) in model[own].enumerated() {
      if binOfValue.updateValue(binOf[candidate], forKey: value) != nil {
        mapNumbers[key] = -1
        return nil
      }
    }
    var made = GuestMap(binOf: [], candidates: Array(repeating: [], count: binCount))
    for (candidate, value) in model[other].enumerated() {
      let bin = binOfValue[value] ?? -1
      made.binOf.append(bin)
      if bin >= 0 { made.candidates[bin].append(candidate) }
    }
    mapNumbers[key] = maps.count
    maps.append(made)
    return maps.count - 1
  }
}
