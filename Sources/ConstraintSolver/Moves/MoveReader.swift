import ConstraintModel

/// Reads a constraint model as a net of sums; nil where it has something that such a net cannot say.
struct MoveReader {
  let model: ConstraintModel
  var net = MoveNet()
  var edgesOf: [[MoveNet.Edge]] = []
  var sourcesOf: [[Int32]] = []
  var entriesOf: [[MoveNet.Entry]] = []
  var itemOf: [Int: Int] = [:]
  var columnStart: [Int: Int] = [:]
  var maskColumn: [Int: Int] = [:]
  var tableStart: [Int: (start: Int, width: Int)] = [:]
  var loadNode: [Int: Int] = [:]
  var rampNodes: [Int: Int] = [:]
  /// Constraints that say what an auxiliary boolean is, by decision.
  var definitions: [Int: [Int]] = [:]
  var isDefinition: [Bool]
  var truthOf: [Int: Int] = [:]
  var inProgress: Set<Int> = []
  var isReadable = true
  let costNode: Int

  /// The net, and the number of objectives that its cost is made of.
  static func read(_ model: ConstraintModel) -> (net: MoveNet, costNode: Int, tiers: Int)? {
    var reader = MoveReader(model)
    guard let tiers = reader.read() else {
      reader.net.deallocate()
      return nil
    }
    return (reader.net, reader.costNode, tiers)
  }

  init(_ model: ConstraintModel) {
    self.model = model
    isDefinition = Array(repeating: false, count: model.constraints.count)
    costNode = 0
    _ = node(.cost)
  }

  mutating func node(_ kind: MoveNet.Kind, lower: Int = .min, upper: Int = .max) -> Int {
    net.nodes.append(MoveNet.Node(lower: lower, upper: upper, kind: kind))
    edgesOf.append([])
    sourcesOf.append([])
    return net.nodes.count - 1
  }

  mutating func connect(_ from: Int, to target: Int, _ coefficient: Int) {
    if coefficient == 0 { return }
    edgesOf[from].append(MoveNet.Edge(node: Int32(target), coefficient: coefficient))
    sourcesOf[target].append(Int32(-1 - from))
  }

  mutating func read() -> Int? {
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

  func isUnary(_ constraint: Constraint) -> Bool {
    guard case .clause(let literals) = constraint.form, literals.count == 1, constraint.enforcedBy.isEmpty
    else { return false }
    return itemOf[Int(literals[0].decision.index)] != nil
  }

  mutating func readDomains() {
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

  mutating func column(_ id: ColumnID) -> Int {
    let number = Int(id.index)
    if let known = columnStart[number] { return known }
    let start = net.columns.count
    for value in model[id] { net.columns.append(value) }
    columnStart[number] = start
    return start
  }

  mutating func column(ofMask number: Int) -> Int {
    if let known = maskColumn[number] { return known }
    let start = net.columns.count
    let mask = model.masks[number]
    for candidate in 0..<mask.count { net.columns.append(mask.contains(candidate) ? 1 : 0) }
    maskColumn[number] = start
    return start
  }
}
