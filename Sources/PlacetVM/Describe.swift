import PlacetSemantics
import Quantities

/// Types as an author would write them, for messages.
extension World {
  func describe(_ type: Type) -> String {
    switch type {
    case .bool: "bool"
    case .int: "int"
    case .float: "float"
    case .text: "text"
    case .quantity(let dimension): dimension.isNone ? "ratio" : program.units.name(of: dimension)
    case .enumeration(let id): program[id].name
    case .record(let id): program[id].name
    case .anonymous(let members):
      "(\(members.map { "\($0.label): \(describe($0.type))" }.joined(separator: ", ")))"
    case .tuple(let members): "(\(members.map { describe($0) }.joined(separator: ", ")))"
    case .optional(let wrapped): "\(describe(wrapped))?"
    case .list(let element): "[\(describe(element))]"
    case .set(let element): "set of \(describe(element))"
    case .map(let key, let value): "[\(describe(key)): \(describe(value))]"
    case .range(let bound): "range of \(describe(bound))"
    case .function(let parameters, let result):
      "(\(parameters.map { describe($0) }.joined(separator: ", "))) -> \(describe(result))"
    case .entity(let id): program[id].name
    case .rule: "rule"
    case .solution: "solution"
    case .never, .nothing, .error: "none"
    }
  }
}
