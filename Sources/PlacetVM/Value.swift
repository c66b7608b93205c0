/// A value of any type in 16 bytes without references; what the words mean is known from the static type.
///
/// | state | bits | aux |
/// |---|---|---|
/// | `none` of any optional | 0 | 0 |
/// | quantity, ratio | numerator | denominator (> 0), lowest terms |
/// | bool, int, float, enum case without payload, entity, rule | payload (float: bit pattern) | 1 |
/// | text, list, set, map, range, tuple, record, enum case with payload, function | heap reference | 1 |
/// | decided (in stating only) | handle of a `Stated` value | `Int.min` |
///
/// An optional is its value with no wrapping (there is no `T??`).
package struct Value: Hashable, Sendable {
  package var bits: Int
  package var aux: Int

  package init(bits: Int, aux: Int) {
    self.bits = bits
    self.aux = aux
  }

  package static let none = Value(bits: 0, aux: 0)
  package init(_ value: Int) { self.init(bits: value, aux: 1) }
  package init(_ value: Bool) { self.init(bits: value ? 1 : 0, aux: 1) }
  package init(_ entity: EntityID) {
    self.init(bits: Int(entity.kind) << 40 | Int(entity.index), aux: 1)
  }

  package var isNone: Bool { aux == 0 }
  package var isDecided: Bool { aux == Int.min }
  package var bool: Bool { bits != 0 }
  package var entity: EntityID {
    EntityID(kind: Int32(bits >> 40), index: Int32(truncatingIfNeeded: bits & 0xFF_FFFF_FFFF))
  }
}

/// An entity of a world: its kind and its place in order of making.
package struct EntityID: Hashable, Sendable {
  package var kind: Int32
  package var index: Int32
  package init(kind: Int32, index: Int32) {
    self.kind = kind
    self.index = index
  }
}
