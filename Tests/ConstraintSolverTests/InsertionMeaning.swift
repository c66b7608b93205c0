import ConstraintModel

@testable import ConstraintSolver

/// What an insertion model says, in words that do not depend on how its storage is laid out: two readings of one model
/// must say the same.
struct InsertionMeaning: Equatable {
  /// By item: its decision, what each candidate costs it, its guests, its pairs and its openings.
  var items: [[String]] = []
  /// Groups that may not share a value, by their members.
  var groups: [String] = []
  /// Rows by what they hold, and who takes how much of them where.
  var rows: [String] = []
  var constant = 0
  var penalty = 0
  var cheapWhenTrue: [Int] = []

  init(_ model: InsertionModel) {
    constant = model.constant
    penalty = model.penalty
    cheapWhenTrue = model.cheapWhenTrue.array.map(Int.init)
    let candidates = 0..<model.candidateCount
    func column(_ base: Int32) -> [Int32] { candidates.map { model.columns[Int(base) + $0] } }
    var members: [Int32: [String]] = [:]
    var takes: [Int: [String]] = [:]
    var opened: [Int: [String]] = [:]
    func take(_ number: Int, _ decision: Int, _ count: Int) {
      let taker = model.takers[number]
      for candidate in 0..<count {
        for index in Int(taker.needStart)..<Int(taker.needEnd) {
          let need = model.needs[index]
          let place = Int(taker.matrix) + candidate * Int(taker.stride) + need.lane
          takes[Int(model.laneRows[place]), default: []].append("\(decision) \(candidate) \(need.amount)")
        }
        for index in Int(taker.countStart)..<Int(taker.countEnd) {
          let entry = model.counts[index]
          let bin = model.columns[Int(entry.column) + candidate]
          if bin < 0 { continue }
          for ref in Int(
            model.rowStart[Int(entry.load + bin)])..<Int(model.rowStart[Int(entry.load + bin) + 1])
          {
            let (row, weight) = (model.rowRefs[ref], entry.weight)
            takes[Int(row.row), default: []].append("\(decision) \(candidate) \(row.coefficient * weight)")
          }
        }
      }
    }
    for item in 0..<model.itemCount {
      let decision = model.decisions[item]
      var lines = ["decision \(decision)"]
      var costs: [Int32: Int] = [:]
      var last = Int.min
      for index in Int(model.choiceStart[item])..<Int(model.choiceEnd[item]) {
        costs[model.choiceClass[index]] = model.choiceCost[index]
        if model.choiceCost[index] < last { lines.append("choices are not in order") }
        last = model.choiceCost[index]
      }
      lines.append("costs \(candidates.map { costs[model.classOf[$0]].map(String.init) ?? "-" })")
      lines.append("width \(model.choiceWidth[item])")
      take(item, decision, model.candidateCount)
      for guest in Int(model.guestStart[item])..<Int(model.guestStart[item + 1]) {
        let lists = Int(model.guests[guest].lists)
        var last = 0
        let beside = candidates.map { candidate in
          (Int(model.guestLists[lists + candidate])..<Int(model.guestLists[lists + candidate + 1]))
            .map { Int(model.guestLists[$0]) }
        }
        last = (beside.joined().max() ?? -1) + 1
        lines.append("guest \(model.guestDecisions[guest]) \(beside)")
        take(model.itemCount + guest, model.guestDecisions[guest], last)
      }
      var pairs: [String] = []
      let range = model.pairStart[item]
      for index in Int(range.start)..<Int(range.end) {
        let pair = model.pairs[index]
        var text = "\(model.decisions[Int(pair.other)]) \(pair.relation) \(pair.cost) \(pair.isUniform)"
        let (mine, others) = (column(pair.column), column(pair.otherColumn))
        if pair.relation == .table {
          text +=
            " \(candidates.map { a in candidates.map { b in model.tables[Int(pair.table + mine[a] * pair.step + others[b] * pair.otherStep)] } })"
        } else {
          text += " \(mine) \(others)"
        }
        pairs.append(text)
      }
      lines += pairs.sorted()
      let groups = model.groupStart[item]
      for index in Int(groups.start)..<Int(groups.end) {
        let group = model.groups[index]
        members[group.base, default: []].append("\(decision) \(column(group.column)) \(group.except)")
      }
      for index in Int(model.openStart[item])..<Int(model.openStart[item + 1]) {
        for candidate in candidates {
          let bin = model.columns[Int(model.opens[index].column) + candidate]
          if bin >= 0 {
            opened[Int(model.opens[index].base + bin), default: []].append("\(decision) \(candidate)")
          }
        }
      }
      items.append(lines)
    }
    self.groups = members.values.map { $0.sorted().joined(separator: ", ") }.sorted()
    for (row, takes) in takes where model.upper[row] < .max / 4 {
      rows.append("\(model.upper[row]): \(takes.sorted())")
    }
    for (bin, takes) in opened where model.prices[bin] != 0 {
      rows.append("costs \(model.prices[bin]): \(takes.sorted())")
    }
    rows.sort()
  }

  /// Whether candidates of one class of a model are in one class of another.
  static func isFiner(_ a: InsertionModel, than b: InsertionModel) -> Bool {
    var of: [Int32: Int32] = [:]
    for candidate in 0..<a.candidateCount {
      let number = a.classOf[candidate]
      if let known = of[number], known != b.classOf[candidate] { return false }
      of[number] = b.classOf[candidate]
    }
    return true
  }
}
