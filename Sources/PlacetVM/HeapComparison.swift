package import PlacetSemantics
import Quantities

/// Equality, hashes and order of values of one type.
extension Heap {
  package func equal(_ a: Value, _ b: Value, type: Type) -> Bool { equal(a, b, shape(type)) }
  package func hash(_ value: Value, type: Type) -> Int { hash(value, shape(type)) }
  /// Negative, zero or positive; of int, float, quantity, text, bool, tuples of these.
  package func compare(_ a: Value, _ b: Value, type: Type) -> Int { compare(a, b, shape(type)) }

  @inline(__always)
  func equal(_ a: Value, _ b: Value, _ shape: ShapeID) -> Bool {
    if a == b { return true }
    let form = form(shape)
    if form <= Shape.Form.quantity.rawValue { return false }
    if form == Shape.Form.text.rawValue, a.aux == 1, b.aux == 1 { return equalTexts(a, b) }
    return equalSlow(a, b, shape)
  }

  @inline(never)
  private func equalSlow(_ a: Value, _ b: Value, _ id: ShapeID) -> Bool {
    let shape = shapes[id]
    if shape.form == .scalar || shape.form == .quantity { return a == b }
    if a.isNone || b.isNone { return a.isNone && b.isNone }
    switch shape.form {
    case .scalar, .quantity, .opaque: return a == b
    case .float:
      return Double(bitPattern: UInt64(bitPattern: Int64(a.bits)))
        == Double(bitPattern: UInt64(bitPattern: Int64(b.bits)))
    case .text: return equalTexts(a, b)
    case .list:
      let count = count(a)
      guard count == self.count(b) else { return false }
      return (0..<count).allSatisfy { equal(element(a, $0), element(b, $0), shape.first) }
    case .product:
      return shape.members.indices.allSatisfy {
        equal(element(a, $0), element(b, $0), shape.members[$0])
      }
    case .set:
      guard count(a) == count(b) else { return false }
      return (0..<count(a)).allSatisfy {
        position(element(a, $0), in: b.bits, stride: 1, shape: shape.first) != nil
      }
    case .map:
      guard count(a) == count(b) else { return false }
      return (0..<count(a)).allSatisfy {
        guard let other = position(key(a, $0), in: b.bits, stride: 2, shape: shape.first)
        else { return false }
        return equal(value(a, $0), value(b, other), shape.second)
      }
    case .cases:
      let number = element(a, 0)
      guard number == element(b, 0) else { return false }
      let members = shape.caseStarts[number.bits]..<shape.caseStarts[number.bits + 1]
      return members.enumerated().allSatisfy {
        equal(payload(a, $0.offset), payload(b, $0.offset), shape.members[$0.element])
      }
    case .range:
      guard case .range(.int) = shape.type else {
        return (0..<3).allSatisfy { element(a, $0) == element(b, $0) }
      }
      let (x, y) = (bounds(a), bounds(b))
      return x == y || (x.first > x.last && y.first > y.last)
    }
  }

  @inline(__always)
  func equalTexts(_ a: Value, _ b: Value) -> Bool {
    let count = count(a)
    guard count == self.count(b) else { return false }
    let (x, y) = (UnsafeRawPointer(bytes(a)), UnsafeRawPointer(bytes(b)))
    var offset = 0
    while offset &+ 8 <= count {
      if x.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        != y.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      {
        return false
      }
      offset &+= 8
    }
    while offset < count {
      if x.load(fromByteOffset: offset, as: UInt8.self) != y.load(fromByteOffset: offset, as: UInt8.self) {
        return false
      }
      offset &+= 1
    }
    return true
  }

  @inline(__always)
  static func mix(_ a: Int, _ b: Int) -> Int {
    var h = UInt64(bitPattern: Int64(a)) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(bitPattern: Int64(b))
    h ^= h >> 32
    h = h &* 0xD6E8_FEB8_6659_FD93
    h ^= h >> 32
    return Int(truncatingIfNeeded: h)
  }

  @inline(__always)
  func hash(_ value: Value, _ id: ShapeID) -> Int {
    let form = form(id)
    if form <= Shape.Form.quantity.rawValue { return Self.mix(value.bits, value.aux) }
    return form == Shape.Form.text.rawValue && !value.isNone ? hashText(value) : hashSlow(value, id)
  }

  func hashText(_ text: Value) -> Int {
    let count = count(text)
    let bytes = UnsafeRawPointer(bytes(text))
    var h = count
    var offset = 0
    while offset + 8 <= count {
      h = Self.mix(h, bytes.loadUnaligned(fromByteOffset: offset, as: Int.self))
      offset += 8
    }
    var tail = 0
    while offset < count {
      tail = tail << 8 | Int(bytes.load(fromByteOffset: offset, as: UInt8.self))
      offset += 1
    }
    return Self.mix(h, tail)
  }

  @inline(never)
  private func hashSlow(_ value: Value, _ id: ShapeID) -> Int {
    if value.isNone { return 0 }
    let shape = shapes[id]
    switch shape.form {
    case .scalar, .quantity, .opaque: return Self.mix(value.bits, value.aux)
    case .text: return hashText(value)
    case .float:
      return Double(bitPattern: UInt64(bitPattern: Int64(value.bits))) == 0 ? 0 : Self.mix(value.bits, 1)
    case .list:
      return (0..<count(value)).reduce(count(value)) {
        Self.mix($0, hash(element(value, $1), shape.first))
      }
    case .product:
      return shape.members.indices.reduce(7) {
        Self.mix($0, hash(element(value, $1), shape.members[$1]))
      }
    case .set:
      return (0..<count(value)).reduce(0) { $0 ^ hash(element(value, $1), shape.first) }
    case .map:
      return (0..<count(value)).reduce(0) {
        $0 ^ Self.mix(hash(key(value, $1), shape.first), hash(self.value(value, $1), shape.second))
      }
    case .cases:
      let number = element(value, 0).bits
      let members = shape.caseStarts[number]..<shape.caseStarts[number + 1]
      return members.enumerated().reduce(number) {
        Self.mix($0, hash(payload(value, $1.offset), shape.members[$1.element]))
      }
    case .range:
      guard case .range(.int) = shape.type else {
        return Self.mix(Self.mix(element(value, 0).bits, element(value, 1).bits), 3)
      }
      let (first, last) = bounds(value)
      return first > last ? 1 : Self.mix(first, last)
    }
  }

  func compare(_ a: Value, _ b: Value, _ id: ShapeID) -> Int {
    if a.isNone || b.isNone { return (a.isNone ? 0 : 1) - (b.isNone ? 0 : 1) }
    let shape = shapes[id]
    switch shape.form {
    case .scalar: return a.bits < b.bits ? -1 : a.bits == b.bits ? 0 : 1
    case .quantity:
      let (x, y) = (Rational(reduced: a.bits, over: a.aux), Rational(reduced: b.bits, over: b.aux))
      return x < y ? -1 : x == y ? 0 : 1
    case .float:
      let x = Double(bitPattern: UInt64(bitPattern: Int64(a.bits)))
      let y = Double(bitPattern: UInt64(bitPattern: Int64(b.bits)))
      return x < y ? -1 : x == y ? 0 : 1
    case .text: return compareTexts(a, b)
    case .product:
      for index in shape.members.indices {
        let order = compare(element(a, index), element(b, index), shape.members[index])
        if order != 0 { return order }
      }
      return 0
    case .list:
      for index in 0..<min(count(a), count(b)) {
        let order = compare(element(a, index), element(b, index), shape.first)
        if order != 0 { return order }
      }
      return count(a) - count(b)
    case .set, .map, .cases, .range, .opaque: return 0
    }
  }

  /// In order of Unicode scalars, which is the order of UTF-8 bytes.
  func compareTexts(_ a: Value, _ b: Value) -> Int {
    let (m, n) = (count(a), count(b))
    let (x, y) = (bytes(a), bytes(b))
    for index in 0..<min(m, n) where x[index] != y[index] { return x[index] < y[index] ? -1 : 1 }
    return m - n
  }
}
