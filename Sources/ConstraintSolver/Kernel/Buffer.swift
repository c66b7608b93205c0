/// A growable array of plain values without reference counts or bounds checks, for the kernel's inner loops.
///
/// It is a handle: copies share the storage, and whoever made it calls `deallocate` once. INVARIANT: only the
/// owner appends, because a copy does not see the storage move.
struct Buffer<Element: BitwiseCopyable>: BitwiseCopyable {
  private(set) var base: UnsafeMutablePointer<Element>
  // Halves of a word: there are many more buffers than there are long ones.
  private var storedCount: Int32 = 0
  private var storedCapacity: Int32

  @inline(__always)
  var count: Int {
    get { Int(storedCount) }
    set { storedCount = Int32(truncatingIfNeeded: newValue) }
  }
  @inline(__always)
  var capacity: Int { Int(storedCapacity) }

  init(capacity: Int = 0) {
    storedCapacity = Int32(capacity)
    base =
      capacity > 0
      ? UnsafeMutablePointer<Element>.allocate(capacity: capacity)
      : emptyStorage.assumingMemoryBound(to: Element.self)
  }

  init(repeating element: Element, count: Int) {
    self.init(capacity: count)
    base.initialize(repeating: element, count: count)
    self.count = count
  }

  init(_ elements: some Collection<Element>) {
    self.init(capacity: elements.count)
    for element in elements { append(element) }
  }

  func deallocate() { if capacity > 0 { base.deallocate() } }

  @inline(__always)
  subscript(index: Int) -> Element {
    get {
      assert(index >= 0 && index < count, "a buffer is read inside its count")
      return base[index]
    }
    nonmutating set {
      assert(index >= 0 && index < count, "a buffer is written inside its count")
      base[index] = newValue
    }
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    if storedCount == storedCapacity { grow(to: count + 1) }
    (base + count).initialize(to: element)
    storedCount &+= 1
  }

  @inline(__always)
  mutating func removeLast() -> Element {
    storedCount &-= 1
    return base[count]
  }

  mutating func append(repeating element: Element, count more: Int) {
    if count + more > capacity { grow(to: count + more) }
    (base + count).initialize(repeating: element, count: more)
    count += more
  }

  @inline(never)
  private mutating func grow(to wanted: Int) {
    let larger = max(wanted, min(capacity * 2, Int(Int32.max)), 4)
    precondition(larger <= Int(Int32.max), "a buffer holds fewer than 2^31 elements")
    let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
    moved.moveInitialize(from: base, count: count)
    deallocate()
    base = moved
    storedCapacity = Int32(larger)
  }

  /// Takes the elements of a buffer of the same count.
  func copy(_ other: Buffer) { base.update(from: other.base, count: min(count, other.count)) }

  var array: [Element] { Array(UnsafeBufferPointer(start: base, count: count)) }
}

/// Where empty buffers point: most literals have no watches, and never ask for storage.
private nonisolated(unsafe) let emptyStorage = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
