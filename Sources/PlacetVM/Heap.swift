package import PlacetSemantics

/// The part of a heap that the machine reads in its loop.
struct Arena {
  var slots: UnsafeMutablePointer<Value>
  var used: Int
  var capacity: Int
  /// In slots.
  var limit: Int
  var isOverLimit = false
  /// What lies below is held by the world: fields, globals, constants. Loops give back what lies above.
  var pinned = 0
  /// Form of each shape, by its number.
  var forms: UnsafeMutablePointer<UInt8>
  var formCapacity: Int
}

/// Where values live that do not fit 16 bytes: an arena of slots, freed with its world.
///
/// Values are immutable once made. A reference is the number of the object's first slot, which holds a count;
/// what follows is known from the static type:
///
/// | type | header | slots after it |
/// |---|---|---|
/// | text | number of bytes, 1 | the bytes |
/// | list, tuple, record | count, 1 | elements |
/// | set | count, index size | elements, then the index as Int32 |
/// | map | count, index size | keys and values in turn, then the index |
/// | range | 3, 1 | start, end, whether it includes the end |
/// | enumeration with payload | 1 + members, 1 | case number, members |
/// | function | 1 + captured, 1 | chunk number, captured values |
package final class Heap {
  let arena: UnsafeMutablePointer<Arena>
  let program: TypedProgram
  var shapes = ShapeTable()
  /// How an entity is written; its world knows.
  var pathOfEntity: (EntityID) -> String = { "\($0.kind)#\($0.index)" }

  package init(program: TypedProgram, budget: Budget = Budget()) {
    self.program = program
    let capacity = 1024
    let slots = UnsafeMutablePointer<Value>.allocate(capacity: capacity)
    arena = .allocate(capacity: 1)
    arena.initialize(
      to: Arena(
        slots: slots, used: 1, capacity: capacity, limit: budget.memory / MemoryLayout<Value>.stride,
        forms: .allocate(capacity: 64), formCapacity: 64))
    slots.initialize(to: Value(bits: 0, aux: 1))
  }

  /// The same values under the same numbers.
  init(copying other: Heap) {
    program = other.program
    shapes = other.shapes
    let old = other.arena.pointee
    let slots = UnsafeMutablePointer<Value>.allocate(capacity: old.capacity)
    slots.update(from: old.slots, count: old.used)
    let forms = UnsafeMutablePointer<UInt8>.allocate(capacity: old.formCapacity)
    forms.update(from: old.forms, count: min(old.formCapacity, other.shapes.shapes.count))
    arena = .allocate(capacity: 1)
    arena.initialize(to: old)
    arena.pointee.slots = slots
    arena.pointee.forms = forms
  }

  deinit {
    arena.pointee.slots.deallocate()
    arena.pointee.forms.deallocate()
    arena.deallocate()
  }

  /// Bytes in use.
  package var size: Int { arena.pointee.used * MemoryLayout<Value>.stride }
  package var isOverLimit: Bool { arena.pointee.isOverLimit }

  /// Whether so many further slots are within the budget.
  func admits(slots: Int) -> Bool { slots <= arena.pointee.limit - arena.pointee.used }

  @inline(__always)
  func allocate(_ count: Int) -> Int {
    let start = arena.pointee.used
    if start + count > arena.pointee.capacity { grow(for: count) }
    arena.pointee.used = start + count
    return start
  }

  @inline(never)
  private func grow(for count: Int) {
    var capacity = arena.pointee.capacity
    while capacity < arena.pointee.used + count { capacity *= 2 }
    let moved = UnsafeMutablePointer<Value>.allocate(capacity: capacity)
    moved.update(from: arena.pointee.slots, count: arena.pointee.used)
    arena.pointee.slots.deallocate()
    arena.pointee.slots = moved
    arena.pointee.capacity = capacity
    if arena.pointee.used + count > arena.pointee.limit { arena.pointee.isOverLimit = true }
  }

  @inline(__always)
  func slot(_ index: Int) -> Value { arena.pointee.slots[index] }

  func shape(_ type: Type) -> ShapeID {
    let known = shapes.shapes.count
    let id = shapes.intern(type, in: program)
    if shapes.shapes.count > known { copyForms() }
    return id
  }

  private func copyForms() {
    let all = shapes.shapes
    if all.count > arena.pointee.formCapacity {
      arena.pointee.forms.deallocate()
      arena.pointee.formCapacity = all.count * 2
      arena.pointee.forms = .allocate(capacity: all.count * 2)
    }
    for (index, shape) in all.enumerated() { arena.pointee.forms[index] = shape.form.rawValue }
  }

  @inline(__always)
  func form(_ id: ShapeID) -> UInt8 { arena.pointee.forms[Int(id)] }

  /// What has been made so far stays, whatever loop it was made in.
  @inline(__always)
  func pin() { arena.pointee.pinned = arena.pointee.used }

  // MARK: Text

  package func makeText(_ text: String) -> Value {
    var text = text
    return text.withUTF8 { makeText(bytes: $0) }
  }

  func makeText(bytes: UnsafeBufferPointer<UInt8>) -> Value {
    let value = makeText(byteCount: bytes.count)
    if let source = bytes.baseAddress { self.bytes(value).update(from: source, count: bytes.count) }
    return value
  }

  /// A text of so many bytes for the caller to fill in.
  @inline(__always)
  func makeText(byteCount: Int) -> Value {
    let start = allocate(1 + (byteCount + 15) >> 4)
    arena.pointee.slots[start] = Value(bits: byteCount, aux: 1)
    return Value(start)
  }

  @inline(__always)
  func bytes(_ text: Value) -> UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(arena.pointee.slots + text.bits + 1).assumingMemoryBound(to: UInt8.self)
  }

  package func text(_ value: Value) -> String {
    String(decoding: UnsafeBufferPointer(start: bytes(value), count: slot(value.bits).bits), as: UTF8.self)
  }

  // MARK: Lists, tuples, records

  /// A list, tuple, record or record without a name.
  package func makeList(_ elements: [Value]) -> Value {
    elements.withUnsafeBufferPointer { makeList($0) }
  }

  func makeList(_ elements: UnsafeBufferPointer<Value>) -> Value {
    let start = allocate(1 + elements.count)
    let slots = arena.pointee.slots + start
    slots[0] = Value(elements.count)
    if let source = elements.baseAddress { (slots + 1).update(from: source, count: elements.count) }
    return Value(start)
  }

  /// Of a list, set, map; of a tuple or record the number of members.
  @inline(__always)
  package func count(_ value: Value) -> Int { slot(value.bits).bits }

  @inline(__always)
  package func element(_ value: Value, _ index: Int) -> Value { slot(value.bits + 1 + index) }

  package func makeRange(_ start: Value, _ end: Value, includesEnd: Bool) -> Value {
    makeList([start, end, Value(includesEnd)])
  }

  /// First and last number of a range of `int`; the last is below the first where it is empty.
  package func bounds(_ range: Value) -> (first: Int, last: Int) {
    let first = element(range, 0).bits
    let end = element(range, 1).bits
    if element(range, 2).bool { return (first, end) }
    return end == .min ? (1, 0) : (first, end - 1)
  }

  // MARK: Enumerations

  package func hasPayload(_ id: EnumID) -> Bool {
    program[id].cases.contains { !$0.members.isEmpty }
  }

  package func makeCase(_ caseIndex: Int, payload: [Value], of id: EnumID) -> Value {
    hasPayload(id) ? makeList([Value(caseIndex)] + payload) : Value(caseIndex)
  }

  package func caseIndex(_ value: Value, of id: EnumID) -> Int {
    hasPayload(id) ? element(value, 0).bits : value.bits
  }

  package func payload(_ value: Value, _ index: Int) -> Value { element(value, 1 + index) }
}
