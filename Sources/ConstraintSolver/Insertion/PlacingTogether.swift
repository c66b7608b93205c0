/// Placing what belongs together with an eye on what is still to come: an item goes only where each of the others is left
/// a site that its relations allow. Insertion by itself takes the cheapest site of the first, and the last of a chain of
/// short links finds none, however empty its hosts are.
extension InsertionSearch {
  /// Places the members of a component; false, and none of them is placed, where no way is found in some steps.
  ///
  /// - Precondition: none of them is placed.
  mutating func placeLookingAhead(_ items: [Int]) -> Bool {
    var sites = SitesLeft(items, state)
    guard sites.propagate(Array(items.indices)) else { return false }
    var steps = Self.stepsPerItem * items.count
    defer { state.confinement = .anywhere }
    return extend(sites, Array(items.indices), &steps)
  }

  private static let stepsPerItem = 12

  /// Places those that are left, the one with the fewest sites first; nothing more is placed where that fails.
  private mutating func extend(_ sites: SitesLeft, _ left: [Int], _ steps: inout Int) -> Bool {
    guard
      let next = left.min(by: { a, b in
        let (x, y) = (sites.count(a), sites.count(b))
        return x != y ? x < y : model.size[sites.items[a]] > model.size[sites.items[b]]
      })
    else { return true }
    var sites = sites
    let item = sites.items[next]
    while steps > 0, sites.count(next) > 0 {
      steps -= 1
      sites.allow(next, in: state.isAllowed, state)
      state.confinement = sites.isRoomy[next] ? .emptyOfAllowed : .allowed
      place(item, blink: 0)
      state.confinement = .anywhere
      guard state.host[item] >= 0 else { return false }
      note(item)
      let number = Int(model.classOf[Int(state.host[item])])
      var further = sites
      if further.settle(next, Int(model.areaOf[number])),
        extend(further, left.filter { $0 != next }, &steps)
      {
        return true
      }
      state.take(item, cost: own[item])
      sites.refuse(next, classNumber: number, model)
    }
    return false
  }
}

/// Where the members of a component may still go, by areas: their relations do not tell apart what is in one.
struct SitesLeft {
  let items: [Int]
  /// For each member and class whether it may be there, and for each area.
  private var isAllowed: [[Bool]]
  private var isLeft: [[Bool]]
  private var counts: [Int]
  /// A candidate of each area: its columns say what all of the area are.
  private let examples: [Int]
  private let relations: [[Relation]]
  /// Whether a member shares its host with another one.
  private let sharesHost: [Bool]
  /// Whether it is to have a host of its own, so that others find room beside it.
  private(set) var isRoomy: [Bool]

  private struct Relation {
    var other: Int
    var entry: InsertionModel.PairEntry
    var isSameHost: Bool
  }

  init(_ items: [Int], _ state: borrowing InsertionState) {
    let model = state.model
    self.items = items
    var numberOf: [Int: Int] = [:]
    for (number, item) in items.enumerated() { numberOf[item] = number }
    isAllowed = items.map { item in
      var flags = Array(repeating: false, count: model.classCount)
      for index in Int(model.choiceStart[item])..<Int(model.choiceEnd[item]) {
        flags[Int(model.choiceClass[index])] = true
      }
      return flags
    }
    relations = items.map { item in
      let range = model.pairStart[item]
      let hard = [Int(range.start)..<Int(range.soft), Int(range.softEnd)..<Int(range.end)]
      return hard.joined().compactMap { index in
        let pair = model.pairs[index]
        let isSameHost = !pair.isUniform && pair.relation == .equal && pair.column == pair.otherColumn
        guard pair.isUniform || isSameHost, let other = numberOf[Int(pair.other)] else { return nil }
        return Relation(other: other, entry: pair, isSameHost: isSameHost)
      }
    }
    sharesHost = relations.map { $0.contains(where: \.isSameHost) }
    isRoomy = items.map { _ in false }
    var examples = Array(repeating: 0, count: model.areaCount)
    for number in 0..<model.classCount {
      examples[Int(model.areaOf[number])] = Int(state.order[Int(state.classStart[number])])
    }
    self.examples = examples
    // Those on one host have the classes that all of them may be in.
    for _ in items {
      for (number, own) in relations.enumerated() {
        for relation in own where relation.isSameHost {
          for place in isAllowed[number].indices where !isAllowed[relation.other][place] {
            isAllowed[number][place] = false
          }
        }
      }
    }
    isLeft = isAllowed.map { allowed in
      var areas = Array(repeating: false, count: model.areaCount)
      for (number, isAllowed) in allowed.enumerated() where isAllowed {
        areas[Int(model.areaOf[number])] = true
      }
      return areas
    }
    counts = isLeft.map { $0.count { $0 } }
    columns = model.columns
    tables = model.tables
  }

  private let columns: Buffer<Int32>
  private let tables: Buffer<UInt8>

  /// How many areas a member is left with.
  func count(_ member: Int) -> Int { counts[member] }

  /// Marks the classes that a member may go to.
  func allow(_ member: Int, in flags: Buffer<Bool>, _ state: borrowing InsertionState) {
    for number in 0..<state.model.classCount {
      flags[number] = isAllowed[member][number] && isLeft[member][Int(state.model.areaOf[number])]
    }
  }

  /// A member is in an area; false where another one is then left without any.
  mutating func settle(_ member: Int, _ area: Int) -> Bool {
    for other in isLeft[member].indices { isLeft[member][other] = other == area }
    counts[member] = 1
    return propagate([member])
  }

  /// A member had better go elsewhere.
  mutating func refuse(_ member: Int, classNumber: Int, _ model: InsertionModel) {
    if sharesHost[member] {
      // First it is given room for the others, then another kind of host.
      if isRoomy[member] { isAllowed[member][classNumber] = false }
      isRoomy[member] = true
      let area = model.areaOf[classNumber]
      if (0..<model.classCount).contains(where: { isAllowed[member][$0] && model.areaOf[$0] == area }) {
        return
      }
    }
    isLeft[member][Int(model.areaOf[classNumber])] = false
    counts[member] -= 1
  }

  /// Takes from all members the areas that the areas of others leave no partner; false where one has none left.
  mutating func propagate(_ changed: [Int]) -> Bool {
    if counts.contains(0) { return false }
    var queue = changed
    while let member = queue.popLast() {
      for relation in relations[member] {
        let other = relation.other
        var hasChanged = false
        for area in isLeft[other].indices where isLeft[other][area] {
          let isSupported = isLeft[member].indices.contains {
            isLeft[member][$0] && holds(relation, $0, area)
          }
          if isSupported { continue }
          isLeft[other][area] = false
          counts[other] -= 1
          hasChanged = true
        }
        if counts[other] == 0 { return false }
        if hasChanged { queue.append(other) }
      }
    }
    return true
  }

  private func holds(_ relation: Relation, _ mine: Int, _ others: Int) -> Bool {
    if relation.isSameHost { return mine == others }
    let pair = relation.entry
    let first = columns[Int(pair.column) + examples[mine]]
    let second = columns[Int(pair.otherColumn) + examples[others]]
    return switch pair.relation {
    case .equal: first == second
    case .different: first != second
    case .table: tables[Int(pair.table + first * pair.step + second * pair.otherStep)] != 0
    }
  }
}

extension InsertionState {
  /// Where an item may be put besides what it asks for itself.
  enum Confinement { case anywhere, allowed, emptyOfAllowed }
}
