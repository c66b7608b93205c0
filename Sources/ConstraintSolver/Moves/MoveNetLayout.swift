import ConstraintModel

/// Objectives as one sum, and the net in flat storage.
extension MoveReader {

  /// Ranked objectives as one sum, where 64 bits hold it; the number of those that are in it.
  mutating func readObjectives() -> Int {
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
  func range(_ objective: Objective) -> Int {
    let check = OverflowCheck(model)
    var sum = 0
    for term in objective.terms {
      let (next, overflow) = sum.addingReportingOverflow(check.peak(term))
      if overflow { return .max / 2 }
      sum = next
    }
    return min(sum, .max / 4) * 2
  }

  mutating func flatten() {
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
      // Bins last; the filter puts before them what it can.
      for isBin in [false, true] {
        for entry in entriesOf[item] where (entry.kind == .bin) == isBin { net.entries.append(entry) }
      }
    }
    net.entryStart.append(Int32(net.entries.count))
  }

  /// What flows where nothing is anywhere, by layers; false where the net has a circle.
  mutating func settle() -> Bool {
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
