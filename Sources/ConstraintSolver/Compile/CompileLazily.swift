import ConstraintModel

/// What is too large to be written out candidate by candidate: propagators that name literals when needed.
extension Compiler {
  /// `Σ load[bin] >= 1` in effect, for a load whose items lie in each bin with one candidate. False where the
  /// load is small or not like that.
  mutating func postDemand(_ load: LoadID, bin: Int, lower: Int, _ enforcement: Lit) -> Bool {
    let number = Int(load.index)
    if demandSupport[number] == nil { demandSupport[number] = support(number) }
    guard let least = demandSupport[number] ?? nil, lower <= least, bin >= 0,
      bin < model.loads[number].binCount
    else { return false }
    pendingDemands[number].append((bin, enforcement))
    return true
  }

  /// The least weight of the load's items, where it can be asked for demands.
  private func support(_ load: Int) -> Int? {
    let items = model.loads[load].items.filter { $0.weight > 0 }
    var pairs = 0
    for item in items { pairs += kernel.domains[Int(item.view.decision.index)].size }
    guard pairs >= expansion.pairs, let least = items.map(\.weight).min() else { return nil }
    for column in Set(items.map(\.view.column)) {
      var isTaken = [Bool](repeating: false, count: model.loads[load].binCount)
      for bin in model[column] where bin >= 0 && bin < isTaken.count {
        if isTaken[bin] { return nil }
        isTaken[bin] = true
      }
    }
    return least
  }

  /// After the load is in the kernel.
  mutating func finishDemands(_ load: Int, inKernel number: Int) {
    let demands = pendingDemands[load]
    if demands.isEmpty { return }
    let state = kernel.loads[number]
    var inverses: [Int: Int] = [:]
    for index in state.items..<state.items + state.itemCount {
      let item = kernel.items[index]
      if let known = inverses[item.column] {
        kernel.items.base[index].inverse = known
        continue
      }
      let offset = kernel.columnValues.count
      kernel.columnValues.append(repeating: -1, count: state.binCount)
      for candidate in 0..<kernel.domains[Int(item.decision)].candidateCount {
        let bin = kernel.columnValues[item.column + candidate]
        if bin >= 0 && bin < state.binCount { kernel.columnValues[offset + bin] = candidate }
      }
      inverses[item.column] = offset
      kernel.items.base[index].inverse = offset
    }
    for (bin, enforcement) in demands { kernel.addDemand(load: number, bin: bin, enforcement: enforcement) }
  }

  /// `a == b` where one of them has a value for each candidate. False where both are small or neither has.
  mutating func postChannel(_ a: View, _ b: View, _ enforcement: Lit) -> Bool {
    let size = max(model[a.column].count, model[b.column].count)
    guard size >= expansion.candidates else { return false }
    if isOneToOne(b) { return addChannel(many: a, one: b, enforcement) }
    if isOneToOne(a) { return addChannel(many: b, one: a, enforcement) }
    return false
  }

  private mutating func isOneToOne(_ view: View) -> Bool {
    if let known = oneToOne[view.column] { return known }
    let column = model[view.column]
    let answer = Set(column).count == column.count
    oneToOne[view.column] = answer
    return answer
  }

  private mutating func addChannel(many: View, one: View, _ enforcement: Lit) -> Bool {
    let pair = ColumnPair(many: many.column, one: one.column)
    let layout: ChannelLayout
    if let known = channelLayouts[pair] {
      layout = known
    } else {
      let values = model[one.column]
      var candidateOf: [Int: Int] = [:]
      for (candidate, value) in values.enumerated() { candidateOf[value] = candidate }
      let column = model[many.column].map { candidateOf[$0] ?? -1 }
      layout = ChannelLayout(
        column: column, lists: addLists(column, count: values.count), offset: addColumn(column))
      channelLayouts[pair] = layout
    }
    kernel.addChannel(
      Channel(
        enforcement: enforcement, many: Int(many.decision.index), one: Int(one.decision.index),
        column: layout.offset, starts: layout.lists.starts, lists: layout.lists.members))
    if enforcement == .yes { confine(layout.column, many.decision, one.decision) }
    return true
  }

  /// Both ways, what is gone from one at the start is gone from the other.
  private mutating func confine(_ column: [Int], _ many: Decision, _ one: Decision) {
    let (a, b) = (Int(many.index), Int(one.index))
    var inMany: [Int] = []
    var inOne: [Int] = []
    for candidate in kernel.candidates(a) {
      let target = column[Int(candidate)]
      guard target >= 0, kernel.contains(b, target) else { continue }
      inMany.append(Int(candidate))
      inOne.append(target)
    }
    if inMany.count < kernel.domains[a].size {
      kernel.addClause([kernel.maskLiteral(a, Self.words(column.count, inMany))])
    }
    if kernel.isContradictory { return }
    let words = Self.words(kernel.domains[b].candidateCount, inOne)
    if words.reduce(0, { $0 + $1.nonzeroBitCount }) < kernel.domains[b].size {
      kernel.addClause([kernel.maskLiteral(b, words)])
    }
  }

  /// Whether the load is too large to list who could enter each bin, and plain enough to do without.
  func isLazy(_ items: [CompiledItem], binCount: Int) -> Bool {
    var pairs = 0
    for item in items { pairs += kernel.domains[Int(item.decision.index)].size }
    guard pairs >= expansion.entries else { return false }
    var lastColumn: [Int] = []
    for item in items {
      if kernel.domains[Int(item.decision.index)].boolean != 0 { return false }
      if item.column == lastColumn { continue }
      lastColumn = item.column
      var isTaken = [Bool](repeating: false, count: binCount)
      for bin in item.column where bin >= 0 && bin < binCount {
        if isTaken[bin] { return false }
        isTaken[bin] = true
      }
    }
    return true
  }

  /// The candidates of each number of a column, in the kernel: begins of starts and of members.
  mutating func addLists(_ column: [Int], count: Int) -> CandidateLists {
    var lists = [[Int]](repeating: [], count: count)
    for (candidate, number) in column.enumerated() where number >= 0 { lists[number].append(candidate) }
    let starts = kernel.columnValues.count
    var place = 0
    for list in lists {
      kernel.columnValues.append(place)
      place += list.count
    }
    kernel.columnValues.append(place)
    let members = kernel.columnValues.count
    for list in lists { for candidate in list { kernel.columnValues.append(candidate) } }
    return CandidateLists(starts: starts, members: members)
  }

  /// All different over many values. False where they are few.
  mutating func postDistinct(_ views: [View], except: Int?, _ enforcement: Lit) -> Bool {
    let size = views.reduce(0) { max($0, model[$1.column].count) }
    guard size >= expansion.candidates else { return false }
    let key = DistinctKey(columns: Set(views.map(\.column)).sorted { $0.index < $1.index }, except: except)
    let layouts: [ColumnID: DistinctLayout]
    if let known = distinctLayouts[key] {
      layouts = known
    } else {
      var numbers: [Int: Int] = [:]
      for column in key.columns {
        for value in model[column] where value != except && numbers[value] == nil {
          numbers[value] = numbers.count
        }
      }
      var made: [ColumnID: DistinctLayout] = [:]
      for column in key.columns {
        let numbered = model[column].map { numbers[$0] ?? -1 }
        made[column] = DistinctLayout(
          numbers: addColumn(numbered), lists: addLists(numbered, count: numbers.count))
      }
      distinctLayouts[key] = made
      layouts = made
    }
    kernel.addDistinct(
      views.compactMap { view in
        layouts[view.column].map {
          DistinctView(
            decision: Int(view.decision.index), numbers: $0.numbers, starts: $0.lists.starts,
            lists: $0.lists.members)
        }
      }, enforcement: enforcement)
    return true
  }
}

/// From what size on forms are propagated lazily instead of being written out.
struct Expansion {
  /// Candidates of a decision.
  var candidates = 512
  /// Candidates of all items of a load together.
  var pairs = 200_000
  /// Candidates of all items of a load together, from which on its bins do not know who could enter.
  var entries = 2_000_000
}

struct CandidateLists {
  var starts: Int
  var members: Int
}

struct ColumnPair: Hashable {
  var many: ColumnID
  var one: ColumnID
}

struct ChannelLayout {
  var column: [Int]
  var lists: CandidateLists
  var offset: Int
}

struct DistinctKey: Hashable {
  var columns: [ColumnID]
  var except: Int?
}

struct DistinctLayout {
  var numbers: Int
  var lists: CandidateLists
}
