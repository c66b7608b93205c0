/// A JSON document as data: what files, plans, journals and product output are read from and written to.
///
/// Numbers keep their exact decimal text, so that no amount is rounded on the way; an object has each key
/// once (the parser refuses a second). Equality is by value, numbers by text.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A number as written: `1`, `-0.25`, `1e3`.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The number that an `Int` is.
  package static func int(_ value: Int) -> JSONValue { .number(String(value)) }

  /// An array of strings.
  package static func strings(_ values: some Sequence<String>) -> JSONValue {
    .array(values.map { .string($0) })
  }

  package var stringValue: String? { if case .string(let text) = self { text } else { nil } }
  package var boolValue: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  package var arrayValue: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
  package var objectValue: [String: JSONValue]? { if case .object(let fields) = self { fields } else { nil } }

  /// The number when it is written as an integer and fits 64 bits: `1.0` and `1e3` are not.
  package var intValue: Int? { if case .number(let text) = self { Int(text) } else { nil } }

  /// What it is, in a reader's words: for messages.
  package var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "text"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// The field of an object, or nil when there is none or this is no object.
  package subscript(_ key: String) -> JSONValue? { objectValue?[key] }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .int(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
  }
}
