import ConstraintModel

/// Reads a constraint model as a net of sums; nil where it has something that such a net cannot say.
struct MoveReader {
  private let model: ConstraintModel
  private var net = MoveNet()
  private var edgesOf: [[MoveNet.Edge]] = []
  private var sourcesOf: [[Int32]] = []
  private var entriesOf: [[MoveNet.Entry]] = []
  private var itemOf: [Int: Int] = [:]
  private var columnStart: [Int: Int] = [:]
  private var maskColumn: [Int: Int] = [:]
  private var tableStart: [Int: (start: Int, width: Int)] = [:]
  private var loadNode: [Int: Int] = [:]
  private var rampNodes: [Int: Int] = [:]
  /// Constraints that say what an auxiliary boolean is, by decision.
  private var definitions: [Int: [Int]] = [:]
  private var isDefinition: [Bool]
  private var truthOf: [Int: Int] = [:]
  private var inProgress: Set<Int> = []
  private var isReadable = true
  private let costNode: Int

  /// The net, and the number of objectives that its cost is made of.
  static func read(_ model: ConstraintModel) -> (net: MoveNet, costNode: Int, tiers: Int)? {
    var reader = MoveReader(model)
    guard let tiers = reader.read() else {
      reader.net.deallocate()
      return nil
    }
    return (reader.net, reader.costNode, tiers)
  }

  private init(_ model: ConstraintModel) {
    self.model = model
    isDefinition = Array(repeating: false, count: model.constraints.count)
    costNode = 0
    _ = node(.cost)
  }

  private mutating func node(_ kind: MoveNet.Kind, lower: Int = .min, upper: Int = .max) -> Int {
    net.nodes.append(MoveNet.Node(lower: lower, upper: upper, kind: kind))
    edgesOf.append([])
    sourcesOf.append([])
    return net.nodes.count - 1
  }

  private mutating func connect(_ from: Int, to target: Int, _ coefficient: Int) {
    if coefficient == 0 { return }
    edgesOf[from].append(MoveNet.Edge(node: Int32(target), coefficient: coefficient))
    sourcesOf[target].append(Int32(-1 - from))
  }

  private mutating func read() -> Int? {
    for (decision, info) in model.decisions.enumerated() where !info.isAuxiliary {
      itemOf[decision] = net.decisions.count
      net.decisions.append(decision)
      net.candidateCount.append(Int32(info.candidateCount))
    }
    guard net.itemCount > 0,
      model.decisions.allSatisfy({ $0.candidateCount > 0 && (!$0.isAuxiliary || $0.candidateCount == 2) })
    else { return nil }
    entriesOf = Array(repeating: [], count: net.itemCount)
    readDomains()
    findDefinitions()
    for (index, constraint) in model.constraints.enumerated() where isReadable {
      if isDefinition[index] || isUnary(constraint) { continue }
      post(constraint)
    }
    let tiers = readObjectives()
    guard isReadable else { return nil }
    flatten()
    return settle() ? tiers : nil
  }

  // MARK: what restricts one item

  private func isUnary(_ constraint: Constraint) -> Bool {
    guard case .clause(let literals) = constraint.form, literals.count == 1, constraint.enforcedBy.isEmpty
    else { return false }
    return itemOf[Int(literals[0].decision.index)] != nil
  }

  private mutating func readDomains() {
    var masksOf: [Int: [Literal]] = [:]
    for constraint in model.constraints where isUnary(constraint) {
      guard case .clause(let literals) = constraint.form else { continue }
      masksOf[Int(literals[0].decision.index), default: []].append(literals[0])
    }
    var known: [[Int]: Int] = [:]
    for item in 0..<net.itemCount {
      let decision = net.decisions[item]
      let count = model.decisions[decision].candidateCount
      let literals = masksOf[decision] ?? []
      let key = [count] + literals.map { Int($0.mask.index) * 2 + ($0.isNegated ? 1 : 0) }.sorted()
      if let start = known[key] {
        net.domain.append(start)
      } else {
        var bits = Bitset(count: count, filled: true)
        for literal in literals {
          let mask = model[literal.mask]
          bits = literal.isNegated ? bits.subtracting(mask) : bits.intersection(mask)
        }
        if bits.isEmpty { isReadable = false }
        known[key] = net.maskWords.count
        net.domain.append(net.maskWords.count)
        for word in bits.words { net.maskWords.append(word) }
      }
      var preferred = model.decisions[decision].preferred ?? -1
      if preferred < 0 || preferred >= count || !net.allows(item, preferred) { preferred = -1 }
      net.preferred.append(Int32(preferred))
    }
  }

  // MARK: auxiliary booleans

  /// A boolean is what the constraints say that hold where it is true; where there are none, the opposite of what those
  /// say that hold where it is false.
  private mutating func findDefinitions() {
    var whereTrue: [Int: [Int]] = [:]
    var whereFalse: [Int: [Int]] = [:]
    func isAuxiliary(_ literal: Literal) -> Bool { model[literal.decision].isAuxiliary }
    func value(_ literal: Literal) -> Bool { model[literal.mask].contains(1) != literal.isNegated }
    for (index, constraint) in model.constraints.enumerated() {
      var conditions = constraint.enforcedBy
      if case .clause(let literals) = constraint.form { conditions += literals.map { !$0 } }
      // Booleans are made after those that they are part of: what says what one is has it as its latest.
      var latest: Literal?
      for literal in conditions where isAuxiliary(literal) {
        if value(literal) {
          if latest.map({ $0.decision < literal.decision }) ?? true { latest = literal }
        } else {
          whereFalse[Int(literal.decision.index), default: []].append(index)
        }
      }
      if let latest { whereTrue[Int(latest.decision.index), default: []].append(index) }
    }
    for (decision, info) in model.decisions.enumerated() where info.isAuxiliary {
      definitions[decision] = whereTrue[decision] ?? whereFalse[decision] ?? []
    }
    for (decision, info) in model.decisions.enumerated() where info.isAuxiliary {
      guard whereTrue[decision] != nil else { continue }
      for index in definitions[decision] ?? [] { isDefinition[index] = true }
    }
  }

  /// The node that is 1 where an auxiliary boolean is true.
  private mutating func truth(ofAuxiliary decision: Int) -> Int {
    if let known = truthOf[decision] { return known }
    guard inProgress.insert(decision).inserted else {
      isReadable = false
      return costNode
    }
    defer { inProgress.remove(decision) }
    let own = definitions[decision] ?? []
    var parts: [Int] = []
    var isTrueSide = true
    for index in own {
      let constraint = model.constraints[index]
      var conditions = constraint.enforcedBy
      var clause: [Literal] = []
      if case .clause(let literals) = constraint.form { clause = literals } else { clause = [] }
      let mine = (conditions + clause.map { !$0 }).first { Int($0.decision.index) == decision }
      if let mine { isTrueSide = model[mine.mask].contains(1) != mine.isNegated }
      conditions.removeAll { Int($0.decision.index) == decision }
      clause.removeAll { Int($0.decision.index) == decision }
      // One of: a condition fails, or the form holds.
      let any = node(.truth, lower: 1)
      for condition in conditions { add(!condition, to: any, 1) }
      if case .clause = constraint.form {
        for literal in clause { add(literal, to: any, 1) }
      } else {
        connect(holds(constraint.form), to: any, 1)
      }
      parts.append(any)
      if !isReadable { return costNode }
    }
    let result: Int
    if isTrueSide {
      if parts.count == 1 {
        result = parts[0]
      } else {
        result = node(.truth, lower: parts.count)
        for part in parts { connect(part, to: result, 1) }
      }
    } else {
      result = node(.truth, upper: parts.count - 1)
      for part in parts { connect(part, to: result, 1) }
    }
    truthOf[decision] = result
    return result
  }

  // MARK: constraints

  /// Adds `factor` where the literal is true.
  private mutating func add(_ literal: Literal, to target: Int, _ factor: Int) {
    if factor == 0 { return }
    let decision = Int(literal.decision.index)
    if let item = itemOf[decision] {
      if literal.isNegated { net.nodes.base[target].sum += factor }
      addEntry(
        item,
        MoveNet.Entry(
          kind: .value, column: column(ofMask: Int(literal.mask.index)), node: Int32(target),
          factor: literal.isNegated ? -factor : factor))
      return
    }
    let isTrue = model[literal.mask].contains(1)
    let isFalse = model[literal.mask].contains(0)
    if isTrue == isFalse {
      if isTrue != literal.isNegated { net.nodes.base[target].sum += factor }
      return
    }
    let node = truth(ofAuxiliary: decision)
    if !isReadable { return }
    if isTrue != literal.isNegated {
      connect(node, to: target, factor)
    } else {
      net.nodes.base[target].sum += factor
      connect(node, to: target, -factor)
    }
  }

  private mutating func addEntry(_ item: Int, _ entry: MoveNet.Entry) {
    entriesOf[item].append(entry)
    if entry.kind != .bin { sourcesOf[Int(entry.node)].append(Int32(item)) }
  }

  private mutating func post(_ constraint: Constraint) {
    if case .clause(let literals) = constraint.form {
      let row = node(.hard, lower: 1)
      for condition in constraint.enforcedBy { add(!condition, to: row, 1) }
      for literal in literals { add(literal, to: row, 1) }
      return
    }
    if !constraint.enforcedBy.isEmpty {
      let row = node(.hard, lower: 1)
      for condition in constraint.enforcedBy { add(!condition, to: row, 1) }
      connect(holds(constraint.form), to: row, 1)
      return
    }
    switch constraint.form {
    case .clause: break
    case .linear(let terms, let lower, let upper):
      if terms.count == 1, terms[0].coefficient > 0, case .load(let load, let bin) = terms[0].term,
        lower ?? 0 <= 0, let upper, bin >= 0, Int(bin) < model[load].binCount
      {
        // A bin with one limit is its own row.
        let node = binNode(load, Int(bin))
        let limit = upper >= 0 ? upper / terms[0].coefficient : -1
        if net.nodes[node].kind == .sum, edgesOf[node].isEmpty {
          net.nodes.base[node].kind = .hard
          net.nodes.base[node].upper = limit
          return
        }
      }
      let row = node(.hard, lower: lower ?? .min, upper: upper ?? .max)
      for term in terms { add(term, to: row) }
    case .equal(let a, let b):
      let row = node(.hard, upper: 0)
      addPair(a, b, to: row)
    case .allDifferent(let views, let except):
      let first = differentBins(views, except)
      for (bin, _) in first.bins.enumerated() {
        net.nodes.base[first.node + bin].kind = .hard
        net.nodes.base[first.node + bin].upper = 1
      }
    case .rows: isReadable = false
    case .allowed(let table, let a, let b):
      let row = node(.hard, upper: 0)
      addTable(model[table].map { $0.map { $0 == 0 ? 1 : 0 } }, key: -1 - Int(table.index), a, b, to: row, 1)
    }
  }

  /// A node that is 1 where the form holds.
  private mutating func holds(_ form: Constraint.Form) -> Int {
    switch form {
    case .clause(let literals):
      let truth = node(.truth, lower: 1)
      for literal in literals { add(literal, to: truth, 1) }
      return truth
    case .linear(let terms, let lower, let upper):
      let truth = node(.truth, lower: lower ?? .min, upper: upper ?? .max)
      for term in terms { add(term, to: truth) }
      return truth
    case .equal(let a, let b):
      let truth = node(.truth, upper: 0)
      addPair(a, b, to: truth)
      return truth
    case .allDifferent(let views, let except):
      let first = differentBins(views, except)
      let all = node(.truth, lower: first.bins.count)
      for (bin, _) in first.bins.enumerated() {
        net.nodes.base[first.node + bin].kind = .truth
        net.nodes.base[first.node + bin].upper = 1
        connect(first.node + bin, to: all, 1)
      }
      return all
    case .rows:
      isReadable = false
      return costNode
    case .allowed(let table, let a, let b):
      let truth = node(.truth, upper: 0)
      addTable(
        model[table].map { $0.map { $0 == 0 ? 1 : 0 } }, key: -1 - Int(table.index), a, b, to: truth, 1)
      return truth
    }
  }

  private mutating func add(_ term: LinearTerm, to target: Int) {
    switch term.term {
    case .literal(let literal): add(literal, to: target, term.coefficient)
    case .view(let view):
      let decision = Int(view.decision.index)
      if let item = itemOf[decision] {
        addEntry(
          item,
          MoveNet.Entry(
            kind: .value, column: column(view.column), node: Int32(target), factor: term.coefficient))
        return
      }
      let values = model[view.column]
      net.nodes.base[target].sum += term.coefficient * values[0]
      let truth = truth(ofAuxiliary: decision)
      if isReadable { connect(truth, to: target, term.coefficient * (values[1] - values[0])) }
    case .load(let load, let bin):
      guard bin >= 0, Int(bin) < model[load].binCount else { return }
      let own = binNode(load, Int(bin))
      if net.nodes[own].kind == .hard { splitRow(own) }
      connect(own, to: target, term.coefficient)
    case .table(let table, let a, let b):
      addTable(model[table], key: Int(table.index), a, b, to: target, term.coefficient)
    case .ramp(let sum): connect(rampNode(sum), to: target, term.coefficient)
    }
  }

  private mutating func rampNode(_ sum: SumID) -> Int {
    if let known = rampNodes[Int(sum.index)] { return known }
    let ramp = node(.ramp)
    rampNodes[Int(sum.index)] = ramp
    net.nodes.base[ramp].sum += model[sum].constant
    for term in model[sum].terms { add(term, to: ramp) }
    return ramp
  }

  /// A bin that was its own row gives its sum to others too.
  private mutating func splitRow(_ bin: Int) {
    let row = node(.hard, upper: net.nodes[bin].upper)
    net.nodes.base[bin].kind = .sum
    net.nodes.base[bin].upper = .max
    connect(bin, to: row, 1)
  }

  private mutating func binNode(_ load: LoadID, _ bin: Int) -> Int {
    let number = Int(load.index)
    if let first = loadNode[number] { return first + bin }
    let own = model[load]
    let first = net.nodes.count
    for _ in 0..<own.binCount { _ = node(.sum) }
    loadNode[number] = first
    var packing = MoveNet.Packing(node: Int32(first), start: Int32(net.packed.count), end: 0)
    for each in own.items where each.weight != 0 {
      guard let item = itemOf[Int(each.view.decision.index)] else {
        isReadable = false
        return first + bin
      }
      let column = column(each.view.column)
      net.packed.append(MoveNet.Packed(item: Int32(item), weight: each.weight, column: column))
      addEntry(
        item, MoveNet.Entry(kind: .bin, column: column, node: Int32(first), factor: each.weight))
    }
    packing.end = Int32(net.packed.count)
    for bin in 0..<own.binCount { net.nodes.base[first + bin].packing = Int32(net.packings.count) }
    net.packings.append(packing)
    return first + bin
  }

  private mutating func differentBins(_ views: [View], _ except: Int?) -> (node: Int, bins: [Int: Int]) {
    var bins: [Int: Int] = [:]
    for view in views {
      for value in model[view.column] where value != except && bins[value] == nil { bins[value] = bins.count }
    }
    let first = net.nodes.count
    for _ in 0..<bins.count { _ = node(.sum) }
    var starts: [Int: Int] = [:]
    var packing = MoveNet.Packing(node: Int32(first), start: Int32(net.packed.count), end: 0)
    for view in views {
      guard let item = itemOf[Int(view.decision.index)] else {
        isReadable = false
        continue
      }
      let key = Int(view.column.index)
      let start: Int
      if let known = starts[key] {
        start = known
      } else {
        start = net.columns.count
        for value in model[view.column] { net.columns.append(bins[value] ?? -1) }
        starts[key] = start
      }
      net.packed.append(MoveNet.Packed(item: Int32(item), weight: 1, column: start))
      addEntry(item, MoveNet.Entry(kind: .bin, column: start, node: Int32(first), factor: 1))
    }
    packing.end = Int32(net.packed.count)
    for bin in 0..<bins.count { net.nodes.base[first + bin].packing = Int32(net.packings.count) }
    net.packings.append(packing)
    return (first, bins)
  }

  /// Adds 1 where the views differ.
  private mutating func addPair(_ a: View, _ b: View, to target: Int) {
    guard let x = itemOf[Int(a.decision.index)], let y = itemOf[Int(b.decision.index)] else {
      isReadable = false
      return
    }
    let (mine, theirs) = (column(a.column), column(b.column))
    if x == y {
      let start = net.columns.count
      for (p, q) in zip(model[a.column], model[b.column]) { net.columns.append(p != q ? 1 : 0) }
      addEntry(x, MoveNet.Entry(kind: .value, column: start, node: Int32(target), factor: 1))
      return
    }
    for (item, own, other, column) in [(x, mine, y, theirs), (y, theirs, x, mine)] {
      addEntry(
        item,
        MoveNet.Entry(
          kind: .differs, column: own, node: Int32(target), factor: 1, other: Int32(other),
          otherColumn: column))
    }
  }

  private mutating func addTable(
    _ rows: [[Int]], key: Int, _ a: View, _ b: View, to target: Int, _ factor: Int
  ) {
    guard let x = itemOf[Int(a.decision.index)], let y = itemOf[Int(b.decision.index)] else {
      isReadable = false
      return
    }
    if x == y {
      let start = net.columns.count
      for (p, q) in zip(model[a.column], model[b.column]) { net.columns.append(rows[p][q]) }
      addEntry(x, MoveNet.Entry(kind: .value, column: start, node: Int32(target), factor: factor))
      return
    }
    let place: (start: Int, width: Int)
    if let known = tableStart[key] {
      place = known
    } else {
      place = (net.tables.count, rows.first?.count ?? 0)
      for row in rows { for value in row { net.tables.append(value) } }
      tableStart[key] = place
    }
    let (mine, theirs) = (column(a.column), column(b.column))
    addEntry(
      x,
      MoveNet.Entry(
        kind: .table, column: mine, node: Int32(target), factor: factor, other: Int32(y),
        otherColumn: theirs, table: place.start, step: place.width, otherStep: 1))
    addEntry(
      y,
      MoveNet.Entry(
        kind: .table, column: theirs, node: Int32(target), factor: factor, other: Int32(x),
        otherColumn: mine, table: place.start, step: 1, otherStep: place.width))
  }

  private mutating func column(_ id: ColumnID) -> Int {
    let number = Int(id.index)
    if let known = columnStart[number] { return known }
    let start = net.columns.count
    for value in model[id] { net.columns.append(value) }
    columnStart[number] = start
    return start
  }

  private mutating func column(ofMask number: Int) -> Int {
    if let known = maskColumn[number] { return known }
    let start = net.columns.count
    let mask = model.masks[number]
    for candidate in 0..<mask.count { net.columns.append(mask.contains(candidate) ? 1 : 0) }
    maskColumn[number] = start
    return start
  }

  // MARK: objectives

  /// Ranked objectives as one sum, where 64 bits hold it; the number of those that are in it.
  private mutating func readObjectives() -> Int {
    var factors: [Int] = []
    let live = model.objectives.enumerated().filter { !$0.element.terms.isEmpty }.map(\.offset)
    var used = live.count
    while used > 0 {
      factors = Array(repeating: 1, count: used)
      var fits = true
      for place in stride(from: used - 2, through: 0, by: -1) {
        let (span, tooWide) = range(model.objectives[live[place + 1]]).addingReportingOverflow(1)
        let (factor, overflow) = factors[place + 1].multipliedReportingOverflow(by: span)
        if overflow || tooWide { fits = false; break }
        factors[place] = factor
      }
      if fits {
        let (most, overflow) = factors[0].multipliedReportingOverflow(by: range(model.objectives[live[0]]))
        if !overflow && most < Int.max / 16 { break }
      }
      used -= 1
    }
    for place in 0..<used {
      for term in model.objectives[live[place]].terms {
        add(LinearTerm(term.coefficient * factors[place], term.term), to: costNode)
      }
    }
    return used < live.count ? live[used] : model.objectives.count
  }

  /// More than the difference of any two values of an objective.
  private func range(_ objective: Objective) -> Int {
    let check = OverflowCheck(model)
    var sum = 0
    for term in objective.terms {
      let (next, overflow) = sum.addingReportingOverflow(check.peak(term))
      if overflow { return .max / 2 }
      sum = next
    }
    return min(sum, .max / 4) * 2
  }

  // MARK: flat storage

  private mutating func flatten() {
    for number in 0..<net.nodes.count {
      net.nodes.base[number].start = Int32(net.edges.count)
      for edge in edgesOf[number] { net.edges.append(edge) }
      net.nodes.base[number].end = Int32(net.edges.count)
      let node = net.nodes[number]
      let bound = node.upper != .max ? node.upper : node.lower != .min ? node.lower : 1
      net.nodes.base[number].share = Double(1 << 16) / Double(max(1, abs(bound)))
      net.sourceStart.append(Int32(net.sources.count))
      for source in sourcesOf[number] { net.sources.append(source) }
    }
    net.sourceStart.append(Int32(net.sources.count))
    for item in 0..<net.itemCount {
      net.entryStart.append(Int32(net.entries.count))
      // Bins come last: until then nothing is counted twice.
      for isBin in [false, true] {
        for entry in entriesOf[item] where (entry.kind == .bin) == isBin { net.entries.append(entry) }
      }
    }
    net.entryStart.append(Int32(net.entries.count))
  }

  /// What flows where nothing is anywhere, by layers; false where the net has a circle.
  private mutating func settle() -> Bool {
    var waiting = Array(repeating: 0, count: net.nodes.count)
    for index in 0..<net.edges.count { waiting[Int(net.edges[index].node)] += 1 }
    var queue = waiting.indices.filter { waiting[$0] == 0 }
    var head = 0
    while head < queue.count {
      let node = net.nodes[queue[head]]
      head += 1
      let output = node.output
      for index in Int(node.start)..<Int(node.end) {
        let edge = net.edges[index]
        net.nodes.base[Int(edge.node)].sum += edge.coefficient * output
        waiting[Int(edge.node)] -= 1
        if waiting[Int(edge.node)] == 0 { queue.append(Int(edge.node)) }
      }
    }
    return head == net.nodes.count
  }
}
