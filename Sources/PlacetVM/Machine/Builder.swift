/// A list that grows while a comprehension runs.
struct Builder {
  var elements: UnsafeMutablePointer<Value>
  var count: Int
  var capacity: Int

  @inline(never)
  mutating func grow() {
    let moved = UnsafeMutablePointer<Value>.allocate(capacity: capacity * 2)
    moved.update(from: elements, count: count)
    elements.deallocate()
    elements = moved
    capacity *= 2
  }
}

/// Builders by number, a stack: those above the count are free, with their room for the next.
struct BuilderPool {
  private(set) var items: UnsafeMutablePointer<Builder>
  private var made = 0
  private var capacity = 16
  var count = 0

  init() { items = .allocate(capacity: 16) }

  func deallocate() {
    for index in 0..<made { items[index].elements.deallocate() }
    items.deallocate()
  }

  /// Slots in use by all that are being built.
  var size: Int { (0..<count).reduce(0) { $0 + items[$1].count } }

  /// The number of a new one.
  mutating func start() -> Int {
    if count == made { make() }
    items[count].count = 0
    count += 1
    return count - 1
  }

  /// What it holds, until it is started again.
  mutating func finish(_ number: Int) -> UnsafeBufferPointer<Value> {
    count = number
    return UnsafeBufferPointer(start: items[number].elements, count: items[number].count)
  }

  @inline(never)
  private mutating func make() {
    if made == capacity {
      let moved = UnsafeMutablePointer<Builder>.allocate(capacity: capacity * 2)
      moved.update(from: items, count: made)
      items.deallocate()
      items = moved
      capacity *= 2
    }
    (items + made).initialize(to: Builder(elements: .allocate(capacity: 16), count: 0, capacity: 16))
    made += 1
  }
}
