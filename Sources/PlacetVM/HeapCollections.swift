package import PlacetSemantics

/// Sets and maps: elements in insertion order, above eight with an open-addressed index behind them.
extension Heap {
  static let indexThreshold = 8

  static func indexSize(for count: Int) -> Int {
    guard count > indexThreshold else { return 0 }
    var size = 32
    while size < count * 2 { size *= 2 }
    return size
  }

  /// Without repeated elements: the first of each is kept.
  package func makeSet(_ elements: [Value], of type: Type) -> Value {
    let shape = shape(type)
    return elements.withUnsafeBufferPointer { makeSet($0, shape: shape) }
  }

  func makeSet(_ elements: UnsafeBufferPointer<Value>, shape: ShapeID) -> Value {
    let start = makeKeyed(count: elements.count, stride: 1)
    var kept = 0
    for element in elements {
      if insert(element, at: kept, into: start, stride: 1, shape: shape) { kept += 1 }
    }
    return closeKeyed(start, kept: kept, room: elements.count, stride: 1, shape: shape)
  }

  /// nil where a key is repeated.
  package func makeMap(_ keys: [Value], _ values: [Value], key type: Type) -> Value? {
    let shape = shape(type)
    var pairs: [Value] = []
    pairs.reserveCapacity(keys.count * 2)
    for (key, value) in zip(keys, values) {
      pairs.append(key)
      pairs.append(value)
    }
    return pairs.withUnsafeBufferPointer { makeMap(pairs: $0, shape: shape) }
  }

  func makeMap(pairs: UnsafeBufferPointer<Value>, shape: ShapeID) -> Value? {
    let count = pairs.count / 2
    let start = makeKeyed(count: count, stride: 2)
    for index in 0..<count {
      guard insert(pairs[index * 2], at: index, into: start, stride: 2, shape: shape) else { return nil }
      arena.pointee.slots[start + 2 + index * 2] = pairs[index * 2 + 1]
    }
    return Value(start)
  }

  /// Position of a key, or nil; stride 1 for sets, 2 for maps.
  @inline(__always)
  func position(_ key: Value, in start: Int, stride: Int, shape: ShapeID) -> Int? {
    let slots = arena.pointee.slots + start
    let header = slots[0]
    if header.aux <= 0 {
      for index in 0..<header.bits where equal(slots[1 + index * stride], key, shape) { return index }
      return nil
    }
    let mask = header.aux &- 1
    let index = indexTable(start, count: header.bits, stride: stride)
    if form(shape) <= Shape.Form.quantity.rawValue {
      // Keys are often consecutive numbers, in order: then the first one says where another is.
      let guess = key.bits &- slots[1].bits
      if UInt(bitPattern: guess) < UInt(bitPattern: header.bits), slots[1 &+ guess &* stride] == key {
        return guess
      }
      var place = Self.mix(key.bits, key.aux) & mask
      while true {
        let entry = Int(index[place])
        if entry < 0 { return nil }
        if slots[1 &+ entry &* stride] == key { return entry }
        place = (place &+ 1) & mask
      }
    }
    var place = hash(key, shape) & mask
    while true {
      let entry = Int(index[place])
      if entry < 0 { return nil }
      if equal(slots[1 + entry * stride], key, shape) { return entry }
      place = (place &+ 1) & mask
    }
  }

  package func lookUp(_ map: Value, _ key: Value, key type: Type) -> Value? {
    let shape = shape(type)
    return position(key, in: map.bits, stride: 2, shape: shape).map { slot(map.bits + 2 + $0 * 2) }
  }

  package func contains(_ set: Value, _ value: Value, of type: Type) -> Bool {
    position(value, in: set.bits, stride: 1, shape: shape(type)) != nil
  }

  package func key(_ map: Value, _ index: Int) -> Value { slot(map.bits + 1 + index * 2) }
  package func value(_ map: Value, _ index: Int) -> Value { slot(map.bits + 2 + index * 2) }

  /// Of a list, set, range of int, or map (as tuples of key and value), in order.
  package func elements(_ value: Value, type: Type) -> [Value] {
    switch type {
    case .optional(let wrapped): return value.isNone ? [] : elements(value, type: wrapped)
    case .range:
      let (first, last) = bounds(value)
      return first <= last ? (first...last).map { Value($0) } : []
    case .map: return (0..<count(value)).map { makeList([key(value, $0), self.value(value, $0)]) }
    default: return (0..<count(value)).map { element(value, $0) }
    }
  }

  // MARK: Making

  /// Room for so many keys; the header holds the index size, and 0 keys.
  private func makeKeyed(count: Int, stride: Int) -> Int {
    let size = Self.indexSize(for: count)
    let start = allocate(1 + count * stride + size / 4)
    arena.pointee.slots[start] = Value(bits: count, aux: size == 0 ? -1 : size)
    if size > 0 { indexTable(start, count: count, stride: stride).update(repeating: -1, count: size) }
    return start
  }

  @inline(__always)
  private func indexTable(_ start: Int, count: Int, stride: Int) -> UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(arena.pointee.slots + start + 1 + count * stride)
      .assumingMemoryBound(to: Int32.self)
  }

  /// Puts a key at the place `at`, unless it is there already.
  @inline(__always)
  private func insert(_ key: Value, at kept: Int, into start: Int, stride: Int, shape: ShapeID) -> Bool {
    let slots = arena.pointee.slots + start
    let header = slots[0]
    if header.aux <= 0 {
      for index in 0..<kept where equal(slots[1 + index * stride], key, shape) { return false }
    } else {
      let mask = header.aux &- 1
      let index = indexTable(start, count: header.bits, stride: stride)
      var place = hash(key, shape) & mask
      while index[place] >= 0 {
        if equal(slots[1 + Int(index[place]) * stride], key, shape) { return false }
        place = (place &+ 1) & mask
      }
      index[place] = Int32(kept)
    }
    slots[1 + kept * stride] = key
    return true
  }

  /// Where fewer were kept than there was room for, the object is made anew in its right size.
  private func closeKeyed(_ start: Int, kept: Int, room: Int, stride: Int, shape: ShapeID) -> Value {
    if kept == room { return Value(start) }
    let keys = Array(UnsafeBufferPointer(start: arena.pointee.slots + start + 1, count: kept))
    arena.pointee.used = start
    let again = makeKeyed(count: kept, stride: stride)
    for (index, key) in keys.enumerated() {
      _ = insert(key, at: index, into: again, stride: stride, shape: shape)
    }
    return Value(again)
  }
}
