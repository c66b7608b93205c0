package import PlacetSemantics
package import Quantities

/// Values as an author would write them.
extension Heap {
  /// `64 GiB`, `vepc.mme[0]`, `"x"`, `[1, 2]`.
  package func describe(_ value: Value, type: Type) -> String {
    if case .optional(let wrapped) = type {
      return value.isNone ? "none" : describe(value, type: wrapped)
    }
    switch type {
    case .nothing: return "none"
    case .never, .error, .solution: return "?"
    case .bool: return value.bool ? "true" : "false"
    case .int: return String(value.bits)
    case .float: return "\(value.float)"
    case .text: return Self.quoted(text(value))
    case .quantity(let dimension): return program.units.text(value.rational, of: dimension)
    case .entity: return pathOfEntity(value.entity)
    case .rule: return program.rules.indices.contains(value.bits) ? program.rules[value.bits].name : "?"
    case .function: return "a function"
    case .enumeration(let id):
      let each = program[id].cases[caseIndex(value, of: id)]
      if each.members.isEmpty { return each.name }
      let members = each.members.enumerated().map { offset, member in
        "\(member.label): \(describe(payload(value, offset), type: member.type))"
      }
      return "\(each.name)(\(members.joined(separator: ", ")))"
    case .record(let id):
      let members = program[id].fields.enumerated().map { offset, field in
        "\(field.name): \(describe(element(value, offset), type: field.type))"
      }
      return "\(program[id].name)(\(members.joined(separator: ", ")))"
    case .anonymous(let labelled):
      let members = labelled.enumerated().map { offset, member in
        "\(member.label): \(describe(element(value, offset), type: member.type))"
      }
      return "(\(members.joined(separator: ", ")))"
    case .tuple(let types):
      let members = types.enumerated().map { describe(element(value, $0.offset), type: $0.element) }
      return "(\(members.joined(separator: ", ")))"
    case .list(let element): return "[\(list(value, element))]"
    case .set(let element): return "set [\(list(value, element))]"
    case .map(let key, let mapped):
      let pairs = (0..<count(value)).map {
        "\(describe(self.key(value, $0), type: key)): \(describe(self.value(value, $0), type: mapped))"
      }
      return pairs.isEmpty ? "[:]" : "[\(pairs.joined(separator: ", "))]"
    case .range(let bound):
      let dots = element(value, 2).bool ? ".." : "..<"
      return describe(element(value, 0), type: bound) + dots + describe(element(value, 1), type: bound)
    case .optional(let wrapped): return describe(value, type: wrapped)
    }
  }

  /// As it stands in a text: `\(v)`. A text without its quotes, an entity by its name.
  package func interpolated(_ value: Value, type: Type) -> String {
    switch type {
    case .text: text(value)
    case .optional(let wrapped): value.isNone ? "none" : interpolated(value, type: wrapped)
    default: describe(value, type: type)
    }
  }

  private func list(_ value: Value, _ element: Type) -> String {
    (0..<count(value)).map { describe(self.element(value, $0), type: element) }.joined(separator: ", ")
  }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension Value {
  package init(_ rational: Rational) {
    self.init(bits: rational.numerator, aux: rational.denominator)
  }
  package init(_ float: Double) {
    self.init(bits: Int(truncatingIfNeeded: float.bitPattern), aux: 1)
  }
  package var rational: Rational { Rational(reduced: bits, over: aux) }
  package var float: Double { Double(bitPattern: UInt64(bitPattern: Int64(bits))) }
}
