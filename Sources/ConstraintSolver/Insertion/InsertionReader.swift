import ConstraintModel

/// Reads a constraint model as one of items that are inserted, where it is one.
struct InsertionReader {
  var model: ConstraintModel
  var objective: Objective
  var result = InsertionModel()
  var itemOf: [Int: Int] = [:]
  var guestOf: [Int: (item: Int, map: GuestMap)] = [:]
  /// Where each item may stand, by number in `domains`; -1 for everywhere.
  var domainOf: [Int] = []
  var domains: [Bitset] = []
  /// What an auxiliary boolean costs at one of its values, where it does.
  var priceOf: [Int: (dear: Int, price: Int)] = [:]
  var columnBase: [ColumnKey: Int32] = [:]
  var tableBase: [TableKey: (Int32, Int32)] = [:]
  var tellsApart: [Int: Bool] = [:]
  var pairsOf: [[InsertionModel.PairEntry]] = []
  var groupsOf: [[InsertionModel.GroupEntry]] = []
  /// Columns that uniform relations look through, and how many do.
  var uniformUse: [Int: Int] = [:]
  var related: [[Int]] = []
  /// Where the values of each group of a rule instance begin.
  var groupBases: [(origin: Origin, base: Int32)] = []
  var injective: [ColumnID: Bool] = [:]
  var knownTies: [GuestMap: Bool] = [:]
  /// Where the lists of guests of each kind begin.
  var guestLists: [GuestMap: Int32] = [:]
  /// What each load fills, by the numbers of rows before those of one candidate were put together.
  var rows: LoadRows
  var rowNumbers: [Int32] = []
  var lanes: [LaneMatrices.Key: [LaneMatrices.Lane]] = [:]
  /// By number of candidates: where the matrix begins, and the rows of one candidate.
  var matrixPlace: [Int: Int] = [:]
  var matrixWidth: [Int: Int] = [:]
  /// By load: where its bins begin in `rowStart` and in `prices`; -1 where they are not there.
  var countBases: [Int32] = []
  var openBases: [Int32] = []
  /// Loads and the columns that they are filled through, guests' columns among them, which tell classes apart.
  var roomColumns: Set<LaneMatrices.Key> = []
  /// Lists of choices, and the list of each item.
  var lists: [ChoiceList] = []
  var listOf: [Int32] = []
  /// How much there was when the model was read.
  var classesRead = 0
  var listsRead = 0
  var groupValuesRead = 0

  struct GuestMap: Hashable {
    var mine: Int
    var hosts: Int
  }

  struct ColumnKey: Hashable {
    var column: ColumnID
    var limit: Int
  }

  struct TableKey: Hashable {
    var table: TableID
    var coefficient, lower, upper: Int?
  }

  /// Nil where the model is not one of items over one set of candidates.
  static func read(_ model: ConstraintModel) -> InsertionModel? {
    guard let objective = guide(of: model) else { return nil }
    return reader(of: model, objective)?.result
  }

  /// The same with what is needed to keep up with changes of the model; the caller owns the `result`.
  static func reader(of model: ConstraintModel) -> InsertionReader? {
    guard let objective = guide(of: model) else { return nil }
    return reader(of: model, objective)
  }

  /// The objective that search is for: the first that says anything.
  static func guide(of model: ConstraintModel) -> Objective? {
    model.objectives.first { !$0.terms.isEmpty } ?? model.objectives.first
  }

  private static func reader(of model: ConstraintModel, _ objective: Objective) -> InsertionReader? {
    var reader = InsertionReader(model: model, objective: objective)
    if reader.read() { return reader }
    reader.result.deallocate()
    return nil
  }

  private init(model: ConstraintModel, objective: Objective) {
    self.model = model
    self.objective = objective
    rows = LoadRows()
  }

  private mutating func read() -> Bool {
    guard findItems(), readObjectivePrices() else { return false }
    pairsOf = Array(repeating: [], count: result.itemCount)
    groupsOf = Array(repeating: [], count: result.itemCount)
    readDomains()
    readRelations()
    rows = LoadRows(model, price: price(enforcer:))
    flattenGuests()
    flattenTakers(rows)
    findClasses(rows)
    findAreas()
    guard makeChoices() else { return false }
    flattenRelations()
    makeComponents()
    for (decision, price) in priceOf.sorted(by: { $0.key < $1.key }) where price.dear == 0 {
      result.cheapWhenTrue.append(Int32(decision))
    }
    result.constant += objective.constant
    (classesRead, listsRead, groupValuesRead) = (result.classCount, lists.count, result.groupValues)
    return true
  }

  // MARK: items and guests

  /// Items are the principal decisions with most candidates to share a load; every other principal decision is tied
  /// to one of them.
  private mutating func findItems() -> Bool {
    let principal = model.principalDecisions.map { Int($0.index) }
    guard !principal.isEmpty else { return false }
    var hostOf: [Int: (host: Int, map: GuestMap)] = [:]
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      guard case .equal(let a, let b) = constraint.form else { continue }
      for (host, guest) in [(a, b), (b, a)] {
        let map = GuestMap(mine: Int(guest.column.index), hosts: Int(host.column.index))
        guard ties(map) else { continue }
        let decision = Int(guest.decision.index)
        if hostOf[decision] != nil { return false }
        hostOf[decision] = (Int(host.decision.index), map)
      }
    }
    let items = principal.filter { hostOf[$0] == nil }
    guard let first = items.first else { return false }
    result.candidateCount = model.decisions[first].candidateCount
    guard result.candidateCount > 1,
      items.allSatisfy({ model.decisions[$0].candidateCount == result.candidateCount })
    else { return false }
    result.decisions = Buffer(items)
    for (number, decision) in items.enumerated() { itemOf[decision] = number }
    for decision in principal {
      guard let found = hostOf[decision] else { continue }
      guard let item = itemOf[found.host] else { return false }
      guestOf[decision] = (item, found.map)
    }
    return true
  }

  private mutating func injects(_ column: ColumnID) -> Bool {
    if let known = injective[column] { return known }
    let answer = Set(model[column]).count == model[column].count
    injective[column] = answer
    return answer
  }

  /// Whether an equality through these columns leaves a guest several candidates beside each of its item's.
  mutating func ties(_ map: GuestMap) -> Bool {
    if let known = knownTies[map] { return known }
    let (mine, hosts) = (ColumnID(map.mine), ColumnID(map.hosts))
    let answer = injects(hosts) && !injects(mine) && Set(model[mine]).isSubset(of: Set(model[hosts]))
    knownTies[map] = answer
    return answer
  }

  // MARK: objective

  /// Unary terms are read where choices are made; here the prices of auxiliary booleans.
  private mutating func readObjectivePrices() -> Bool {
    for term in objective.terms {
      switch term.term {
      case .view(let view): guard itemOf[Int(view.decision.index)] != nil else { return false }
      case .literal(let literal):
        let decision = Int(literal.decision.index)
        guard model.decisions[decision].isAuxiliary else {
          guard itemOf[decision] != nil else { return false }
          continue
        }
        let mask = model[literal.mask]
        guard mask.count == 2, mask.contains(0) != mask.contains(1) else { return false }
        // What is earned at one value is a price of the other.
        let value = mask.contains(1) != literal.isNegated ? 1 : 0
        let dear = term.coefficient >= 0 ? value : 1 - value
        if term.coefficient < 0 { result.constant += term.coefficient }
        let known = priceOf[decision] ?? (dear, 0)
        guard known.dear == dear else { return false }
        priceOf[decision] = (dear, known.price + abs(term.coefficient))
      case .table, .load, .ramp: return false
      }
    }
    return true
  }

  /// What it costs that a constraint which the literal enforces does not hold; nil where that has no price.
  func price(enforcer literal: Literal) -> Int? {
    let decision = Int(literal.decision.index)
    let mask = model[literal.mask]
    guard model.decisions[decision].isAuxiliary, mask.count == 2, mask.contains(0) != mask.contains(1),
      let known = priceOf[decision]
    else { return nil }
    let value = mask.contains(1) != literal.isNegated ? 1 : 0
    return value == known.dear ? nil : known.price
  }

  // MARK: what restricts one item

  /// Intersects the masks that stand alone; items with the same ones share a domain.
  private mutating func readDomains() {
    struct Step: Hashable {
      var domain: Int
      var mask: MaskID
      var isNegated: Bool
    }
    var steps: [Step: Int] = [:]
    var numbers: [Bitset: Int] = [:]
    domainOf = Array(repeating: -1, count: result.itemCount)
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      guard case .clause(let literals) = constraint.form, literals.count == 1,
        let item = itemOf[Int(literals[0].decision.index)]
      else { continue }
      let step = Step(domain: domainOf[item], mask: literals[0].mask, isNegated: literals[0].isNegated)
      if let known = steps[step] {
        domainOf[item] = known
        continue
      }
      let old = step.domain < 0 ? Bitset(count: result.candidateCount, filled: true) : domains[step.domain]
      let mask = model[step.mask]
      let domain = step.isNegated ? old.subtracting(mask) : old.intersection(mask)
      let number = numbers[domain] ?? domains.count
      if number == domains.count {
        numbers[domain] = number
        domains.append(domain)
      }
      steps[step] = number
      domainOf[item] = number
    }
  }

  // MARK: columns

  /// Whether a column tells more than half of its candidates apart: a matter of the single candidate.
  mutating func isSingle(_ column: ColumnID) -> Bool {
    if let known = tellsApart[Int(column.index)] { return known }
    let answer = Set(model[column]).count * 2 > model[column].count
    tellsApart[Int(column.index)] = answer
    return answer
  }

  /// Where a column begins in the model's columns; a number beyond the last bin is no bin.
  mutating func column(_ id: ColumnID, bins: Int = .max) -> Int32 {
    let key = ColumnKey(column: id, limit: bins)
    if let known = columnBase[key] { return known }
    let values = model[id]
    let isWithin = bins == .max || !values.contains { $0 >= bins }
    if bins < .max && isWithin {
      let base = column(id)
      columnBase[key] = base
      return base
    }
    let base = Int32(result.columns.count)
    for value in values { result.columns.append(value < bins ? Int32(truncatingIfNeeded: value) : -1) }
    columnBase[key] = base
    return base
  }
}
