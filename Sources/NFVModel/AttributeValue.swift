/// What a field of an entity holds, typed but without the field's declaration: the compiler knows no VNF,
/// so neither does this vocabulary.
package indirect enum AttributeValue: Hashable, Sendable {
  case bool(Bool)
  case int(Int)
  case text(String)
  /// An amount with its unit, as written: `64 GiB`.
  case amount(String)
  case list([AttributeValue])
  case map([String: AttributeValue])
  /// Another entity, by kind and whole name.
  case reference(EntityReference)

  package static func reference(kind: String, name: String) -> AttributeValue {
    .reference(EntityReference(kind: kind, name: name))
  }

  /// The plain form that files hold: amounts, references and text are all text; the kind's declaration
  /// says which is which. Two values with the same plain form say the same thing.
  package var json: JSONValue {
    switch self {
    case .bool(let flag): .bool(flag)
    case .int(let number): .int(number)
    case .text(let text), .amount(let text): .string(text)
    case .list(let items): .array(items.map(\.json))
    case .map(let fields): .object(fields.mapValues(\.json))
    case .reference(let entity): .string(entity.name)
    }
  }

  /// Reads the plain form; all text becomes `.text`, a number that is no integer an `.amount`.
  /// Nil for `null`, which is absence.
  package init?(_ json: JSONValue) {
    switch json {
    case .null: return nil
    case .bool(let flag): self = .bool(flag)
    case .number(let text): self = Int(text).map { .int($0) } ?? .amount(text)
    case .string(let text): self = .text(text)
    case .array(let items): self = .list(items.compactMap { AttributeValue($0) })
    case .object(let fields): self = .map(fields.compactMapValues { AttributeValue($0) })
    }
  }
}

/// An entity by its kind and its whole name, parents first: `vnf vepc.mme`, `cell sto-1.c0`.
package struct EntityReference: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let kind: String
  package let name: String

  package init(kind: String, name: String) {
    self.kind = kind
    self.name = name
  }

  package var description: String { "\(kind) \(name)" }

  package static func < (a: Self, b: Self) -> Bool {
    a.kind == b.kind ? naturallyPrecedes(a.name, b.name) : a.kind < b.kind
  }
}

/// Orders names as people count: `mme[2]` before `mme[10]`; all else by bytes. A total order.
package func naturallyPrecedes(_ a: String, _ b: String) -> Bool {
  let (a, b) = (Array(a.utf8), Array(b.utf8))
  var (i, j) = (0, 0)
  while i < a.count, j < b.count {
    let (runA, runB) = (digits(a, from: i), digits(b, from: j))
    if runA.isEmpty || runB.isEmpty {
      if a[i] != b[j] { return a[i] < b[j] }
      (i, j) = (i + 1, j + 1)
    } else {
      let (x, y) = (a[runA].drop { $0 == 0x30 }, b[runB].drop { $0 == 0x30 })
      if x.count != y.count { return x.count < y.count }
      if !x.elementsEqual(y) { return x.lexicographicallyPrecedes(y) }
      (i, j) = (runA.upperBound, runB.upperBound)
    }
  }
  if i == a.count, j == b.count { return a.lexicographicallyPrecedes(b) }
  return i == a.count
}

private func digits(_ bytes: [UInt8], from start: Int) -> Range<Int> {
  var end = start
  while end < bytes.count, (0x30...0x39).contains(bytes[end]) { end += 1 }
  return start..<end
}
