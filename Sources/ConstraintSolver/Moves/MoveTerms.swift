import ConstraintModel

/// Terms of sums: literals, views, loads and positive parts.
extension MoveReader {
  /// Adds `factor` where the literal is true.
  mutating func add(_ literal: Literal, to target: Int, _ factor: Int) {
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

  mutating func addEntry(_ item: Int, _ entry: MoveNet.Entry) {
    entriesOf[item].append(entry)
    if entry.kind != .bin { sourcesOf[Int(entry.node)].append(Int32(item)) }
  }

  mutating func add(_ term: LinearTerm, to target: Int) {
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

  mutating func rampNode(_ sum: SumID) -> Int {
    if let known = rampNodes[Int(sum.index)] { return known }
    let ramp = node(.ramp)
    rampNodes[Int(sum.index)] = ramp
    net.nodes.base[ramp].sum += model[sum].constant
    for term in model[sum].terms { add(term, to: ramp) }
    return ramp
  }

  /// A bin that was its own row gives its sum to others too.
  mutating func splitRow(_ bin: Int) {
    let row = node(.hard, upper: net.nodes[bin].upper)
    net.nodes.base[bin].kind = .sum
    net.nodes.base[bin].upper = .max
    connect(bin, to: row, 1)
  }

  mutating func binNode(_ load: LoadID, _ bin: Int) -> Int {
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

  mutating func differentBins(_ views: [View], _ except: Int?) -> (node: Int, bins: [Int: Int]) {
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
}
