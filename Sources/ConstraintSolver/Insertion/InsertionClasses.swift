import ConstraintModel

/// Which candidates are alike, and what each item may choose from.
extension InsertionReader {
  /// Splits candidates by everything that is said of them but which one they are.
  mutating func findClasses(_ rows: LoadRows) {
    let count = result.candidateCount
    var marks = Marks(count: count)
    var seenColumns = Set<Int>()
    func mixColumn(_ id: Int) {
      guard seenColumns.insert(id).inserted, model.columns[id].count == count else { return }
      for (candidate, value) in model.columns[id].enumerated() { marks.mix(candidate, value) }
    }
    for term in objective.terms { if case .view(let view) = term.term { mixColumn(Int(view.column.index)) } }
    for column in uniformUse.keys.sorted() { mixColumn(column) }
    var masks = Set(domains)
    var seenMasks = Set<MaskID>()
    for term in objective.terms {
      guard case .literal(let literal) = term.term, itemOf[Int(literal.decision.index)] != nil,
        seenMasks.insert(literal.mask).inserted
      else { continue }
      masks.insert(model[literal.mask])
    }
    // ORDER: sums do not depend on the order of masks.
    marks.mixSums(of: masks)
    mixRoom(rows, &marks)
    var numbers: [Marks.Mark: Int32] = [:]
    for candidate in 0..<count {
      let number = numbers[marks[candidate]] ?? Int32(numbers.count)
      numbers[marks[candidate]] = number
      result.classOf.append(number)
    }
    result.classCount = numbers.count
    findRegions()
  }

  /// Room and price of the bins that a candidate names, its guests' bins among them.
  private mutating func mixRoom(_ rows: LoadRows, _ marks: inout Marks) {
    func mixBin(_ candidate: Int, _ load: Int, _ bin: Int) {
      guard bin >= 0, bin < rows.binCount(load) else { return }
      for ref in rows.refs(load, bin) {
        marks.mix(candidate, rows.upper[ref.row])
        marks.mix(candidate, ref.coefficient)
      }
      marks.mix(candidate, rows.opening[rows.base[load] + bin])
    }
    struct Seen: Hashable {
      var load, column: Int
      var map: GuestMap?
    }
    var seen = Set<Seen>()
    var lists: [GuestMap: [[Int]]] = [:]
    for (number, load) in model.loads.enumerated() where rows.hasRows[number] || rows.hasPrices[number] {
      for item in load.items {
        let decision = Int(item.view.decision.index)
        let column = Int(item.view.column.index)
        if itemOf[decision] != nil {
          guard seen.insert(Seen(load: number, column: column, map: nil)).inserted else { continue }
          roomColumns.insert(.init(load: number, column: column))
          for (candidate, bin) in model.columns[column].enumerated() {
            marks.mix(candidate, 77)
            mixBin(candidate, number, bin)
          }
        } else if let map = guestOf[decision]?.map {
          guard seen.insert(Seen(load: number, column: column, map: map)).inserted else { continue }
          roomColumns.insert(.init(load: number, column: column))
          let besides = lists[map] ?? guests(of: map)
          lists[map] = besides
          for (candidate, guests) in besides.enumerated() {
            for guest in guests {
              marks.mix(candidate, 78)
              mixBin(candidate, number, model.columns[column][guest])
            }
          }
        }
      }
    }
  }

  /// Two hashes of each candidate: what is mixed into both alike leaves candidates in one class.
  private struct Marks {
    struct Mark: Hashable {
      var a: UInt64 = 1
      var b: UInt64 = 2
    }
    private var marks: [Mark]

    init(count: Int) { marks = Array(repeating: Mark(), count: count) }

    subscript(candidate: Int) -> Mark { marks[candidate] }

    mutating func mix(_ candidate: Int, _ value: Int) {
      let bits = UInt64(bitPattern: Int64(value))
      var mark = marks[candidate]
      mark.a = (mark.a ^ bits) &* 0x9E37_79B9_7F4A_7C15
      mark.a ^= mark.a >> 29
      mark.b = (mark.b &+ bits) &* 0xC2B2_AE3D_27D4_EB4F
      mark.b ^= mark.b >> 31
      marks[candidate] = mark
    }

    mutating func mixSums(of masks: Set<Bitset>) {
      var sums = Array(repeating: Mark(), count: marks.count)
      for mask in masks {
        var word = UInt64(0x51_7C_C1B7_2722_0A95)
        for bits in mask.words { word = (word ^ bits) &* 0x9E37_79B9_7F4A_7C15; word ^= word >> 32 }
        let other = (word &* 0xC2B2_AE3D_27D4_EB4F) ^ (word >> 17)
        for candidate in mask.members {
          sums[candidate].a &+= word
          sums[candidate].b &+= other
        }
      }
      for candidate in marks.indices {
        mix(candidate, Int(truncatingIfNeeded: sums[candidate].a))
        mix(candidate, Int(truncatingIfNeeded: sums[candidate].b))
      }
    }
  }

  /// Regions are the values of the column that most relations look through; classes where there is none.
  mutating func findRegions() {
    let best = uniformUse.filter { model.columns[$0.key].count == result.candidateCount }
      .max { $0.value != $1.value ? $0.value < $1.value : $0.key > $1.key }
    guard let best else {
      result.regionOf = Buffer(result.classOf.array)
      result.regionCount = result.classCount
      return
    }
    var numbers: [Int: Int32] = [:]
    for value in model.columns[best.key] {
      let number = numbers[value] ?? Int32(numbers.count)
      numbers[value] = number
      result.regionOf.append(number)
    }
    result.regionCount = numbers.count
  }

  /// Classes with the same values in all columns that uniform relations look through.
  mutating func findAreas() {
    let columns = uniformUse.keys.sorted().map { model.columns[$0] }
      .filter { $0.count == result.candidateCount }
    var numbers: [[Int]: Int32] = [:]
    for candidate in representatives {
      let values = columns.map { $0[candidate] }
      let number = numbers[values] ?? Int32(numbers.count)
      numbers[values] = number
      result.areaOf.append(number)
    }
    result.areaCount = numbers.count
  }

  /// The first candidate of each class.
  var representatives: [Int] {
    var first = Array(repeating: -1, count: result.classCount)
    for candidate in (0..<result.candidateCount).reversed() {
      first[Int(result.classOf[candidate])] = candidate
    }
    return first
  }

  // MARK: choices

  struct ChoiceKey: Hashable {
    var domain: Int
    var terms: [LinearTerm]
  }

  struct ChoiceList {
    var key: ChoiceKey
    var start, end: Int32
    var width: Int32
    /// By how much the dearest choice is dearer than the cheapest.
    var spread: Int
  }

  /// For each item its classes by cost; false where an item has none.
  mutating func makeChoices() -> Bool {
    var unary: [[LinearTerm]] = Array(repeating: [], count: result.itemCount)
    for term in objective.terms {
      if let item = itemOf[Self.decision(of: term)] { unary[item].append(detached(term)) }
    }
    let representatives = representatives
    var members = Array(repeating: Int32(0), count: result.classCount)
    for candidate in 0..<result.candidateCount { members[Int(result.classOf[candidate])] += 1 }
    var numbers: [ChoiceKey: Int32] = [:]
    listOf.reserveCapacity(result.itemCount)
    for item in 0..<result.itemCount {
      let key = ChoiceKey(domain: domainOf[item], terms: unary[item])
      if let known = numbers[key] {
        listOf.append(known)
        continue
      }
      guard let list = makeList(key, representatives, members) else { return false }
      numbers[key] = Int32(lists.count)
      listOf.append(Int32(lists.count))
      lists.append(list)
    }
    assignLists()
    return true
  }

  /// Gives items their lists, and what has no place its price.
  mutating func assignLists() {
    var dearest = 0
    for item in 0..<result.itemCount {
      let list = lists[Int(listOf[item])]
      result.choiceStart.append(list.start)
      result.choiceEnd.append(list.end)
      result.choiceWidth.append(list.width)
      let soft = pairsOf[item].reduce(0) { $0 + max(0, $1.cost) }
      dearest = max(dearest, list.spread + soft)
    }
    let price = result.prices.array.max() ?? 0
    result.penalty = 2 * (dearest + price) + 1
  }

  /// The decision that a term of a readable objective is about.
  static func decision(of term: LinearTerm) -> Int {
    switch term.term {
    case .view(let view): Int(view.decision.index)
    case .literal(let literal): Int(literal.decision.index)
    case .table, .load, .ramp: preconditionFailure("prices of other terms are not read: please report it")
    }
  }

  /// The same term of a decision that stands for all: what it says of a candidate is what counts.
  func detached(_ term: LinearTerm) -> LinearTerm {
    var term = term
    switch term.term {
    case .view(let view): term.term = .view(View(Decision(0), view.column))
    case .literal(let literal):
      term.term = .literal(Literal(Decision(0), in: literal.mask, isNegated: literal.isNegated))
    case .table, .load, .ramp: break
    }
    return term
  }

  mutating func makeList(
    _ key: ChoiceKey, _ representatives: [Int], _ members: [Int32]
  ) -> ChoiceList? {
    var costs = Array(repeating: 0, count: representatives.count)
    for term in key.terms {
      switch term.term {
      case .view(let view):
        let column = model[view.column]
        for (number, candidate) in representatives.enumerated() {
          costs[number] += term.coefficient * column[candidate]
        }
      case .literal(let literal):
        let mask = model[literal.mask]
        for (number, candidate) in representatives.enumerated()
        where mask.contains(candidate) != literal.isNegated { costs[number] += term.coefficient }
      case .table, .load, .ramp: break
      }
    }
    let domain = key.domain < 0 ? nil : domains[key.domain]
    var choices: [(cost: Int, number: Int32)] = []
    for (number, candidate) in representatives.enumerated() where domain?.contains(candidate) ?? true {
      choices.append((costs[number], Int32(number)))
    }
    choices.sort { $0.cost != $1.cost ? $0.cost < $1.cost : $0.number < $1.number }
    guard let first = choices.first, let last = choices.last else { return nil }
    let start = Int32(result.choiceClass.count)
    var width: Int32 = 0
    for choice in choices {
      result.choiceClass.append(choice.number)
      result.choiceCost.append(choice.cost)
      width += members[Int(choice.number)]
    }
    return ChoiceList(
      key: key, start: start, end: Int32(result.choiceClass.count), width: width,
      spread: last.cost - first.cost)
  }
}
