/// Which decision next: a heap by activity.
extension Kernel {
  mutating func bumpVariable(_ variable: Int) {
    let decision = Int(variables[variable].meaning.decision)
    if decision < 0 { return }
    activity[decision] += bump
    if heapIndex[decision] >= 0 { heapUp(Int(heapIndex[decision])) }
  }

  mutating func rescaleActivities() {
    for index in 0..<activity.count { activity[index] *= 1e-100 }
    bump *= 1e-100
  }

  @inline(__always)
  private func isBefore(_ a: Int32, _ b: Int32) -> Bool {
    let x = activity[Int(a)]
    let y = activity[Int(b)]
    return x != y ? x > y : a < b
  }

  mutating func heapInsert(_ decision: Int) {
    heapIndex[decision] = Int32(heap.count)
    heap.append(Int32(decision))
    heapUp(heap.count - 1)
  }

  mutating func heapUp(_ start: Int) {
    var index = start
    let moving = heap[index]
    while index > 0 {
      let parent = (index - 1) >> 1
      if !isBefore(moving, heap[parent]) { break }
      heap[index] = heap[parent]
      heapIndex[Int(heap[index])] = Int32(index)
      index = parent
    }
    heap[index] = moving
    heapIndex[Int(moving)] = Int32(index)
  }

  mutating func heapRemoveTop() -> Int? {
    if heap.count == 0 { return nil }
    let top = heap[0]
    heapIndex[Int(top)] = -1
    let moving = heap.removeLast()
    if heap.count == 0 { return Int(top) }
    heap[0] = moving
    heapDown(0)
    return Int(top)
  }

  mutating func heapDown(_ start: Int) {
    var index = start
    let moving = heap[index]
    while true {
      var child = 2 * index + 1
      if child >= heap.count { break }
      if child + 1 < heap.count && isBefore(heap[child + 1], heap[child]) { child += 1 }
      if !isBefore(heap[child], moving) { break }
      heap[index] = heap[child]
      heapIndex[Int(heap[index])] = Int32(index)
      index = child
    }
    heap[index] = moving
    heapIndex[Int(moving)] = Int32(index)
  }

  /// Rebuilds the heap after activities were set from outside.
  mutating func rebuildHeap() {
    heap.count = 0
    for decision in 0..<domains.count {
      heapIndex[decision] = -1
      if domains[decision].fixed < 0 { heapInsert(decision) }
    }
  }

  /// The order in which a dive takes these decisions, until conflicts say better.
  mutating func order(_ decisions: [Int], by key: (Int) -> Double) {
    for decision in decisions {
      activity[decision] = bump * key(decision)
      if heapIndex[decision] >= 0 {
        heapUp(Int(heapIndex[decision]))
        heapDown(Int(heapIndex[decision]))
      }
    }
  }
}
