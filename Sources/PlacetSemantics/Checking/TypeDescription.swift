import Quantities

/// Types in the author's words.
extension TypeChecker {
  func describe(_ type: Type) -> String { program.describe(type) }

  /// `a host`, `an instance`
  func article(_ kind: KindID) -> String {
    let name = program[kind].name
    return "\("aeiou".contains(name.first ?? "x") ? "an" : "a") \(name)"
  }
}

extension TypedProgram {
  /// `data`, `[host]`, `set of text`, `site?`: a type as the author would write it.
  package func describe(_ type: Type) -> String {
    switch type {
    case .bool: "bool"
    case .int: "int"
    case .float: "float"
    case .text: "text"
    case .quantity(let dimension): dimension.isNone ? "ratio" : units.name(of: dimension)
    case .enumeration(let id): self[id].name
    case .record(let id): self[id].name
    case .entity(let id): self[id].name
    case .anonymous(let fields):
      "(\(fields.map { "\($0.label): \(describe($0.type))" }.joined(separator: ", ")))"
    case .tuple(let types): "(\(types.map(describe).joined(separator: ", ")))"
    case .optional(let inner): "\(describe(inner))?"
    case .list(let inner): "[\(describe(inner))]"
    case .set(let inner): "set of \(describe(inner))"
    case .map(let key, let value): "[\(describe(key)): \(describe(value))]"
    case .range(let inner): "range of \(describe(inner))"
    case .function(let parameters, let result):
      "(\(parameters.map(describe).joined(separator: ", "))) -> \(describe(result))"
    case .rule: "rule"
    case .solution: "solution"
    case .never: "refusal"
    case .nothing: "none"
    case .error: "unknown"
    }
  }
}

extension Type {
  /// Without one `?`.
  var unwrapped: Type {
    if case .optional(let inner) = self { return inner }
    return self
  }

  var isOptional: Bool {
    switch self {
    case .optional, .nothing: true
    default: false
    }
  }

  /// Whether an error was reported for some part of it.
  var hasError: Bool {
    switch self {
    case .error: true
    case .optional(let t), .list(let t), .set(let t), .range(let t): t.hasError
    case .map(let k, let v): k.hasError || v.hasError
    case .tuple(let ts): ts.contains(where: \.hasError)
    case .anonymous(let fields): fields.contains { $0.type.hasError }
    case .function(let ps, let r): r.hasError || ps.contains(where: \.hasError)
    default: false
    }
  }

  /// Whether the two are equal but for parts that were already reported.
  func matches(_ other: Type) -> Bool {
    switch (self, other) {
    case (.error, _), (_, .error): true
    case (.optional(let a), .optional(let b)), (.list(let a), .list(let b)), (.set(let a), .set(let b)),
      (.range(let a), .range(let b)):
      a.matches(b)
    case (.map(let k, let v), .map(let l, let w)): k.matches(l) && v.matches(w)
    case (.tuple(let a), .tuple(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.matches($1) }
    case (.anonymous(let a), .anonymous(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.label == $1.label && $0.type.matches($1.type) }
    case (.function(let a, let r), .function(let b, let s)):
      a.count == b.count && zip(a, b).allSatisfy { $0.matches($1) } && r.matches(s)
    default: self == other
    }
  }

  /// Numbers that can be added and compared.
  var isNumber: Bool {
    switch self {
    case .int, .float, .quantity: true
    default: false
    }
  }

  var isOrdered: Bool { isNumber || self == .text }

  /// Whether values can be compared with `==`.
  var isEquatable: Bool {
    switch self {
    case .function, .solution: false
    case .optional(let t), .list(let t), .set(let t), .range(let t): t.isEquatable
    case .map(let k, let v): k.isEquatable && v.isEquatable
    case .tuple(let ts): ts.allSatisfy(\.isEquatable)
    case .anonymous(let fields): fields.allSatisfy(\.type.isEquatable)
    default: true
    }
  }
}
