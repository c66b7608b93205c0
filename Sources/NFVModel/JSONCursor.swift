/// A JSON value that does not have the shape a reader wants, and where it stands in its document.
package struct JSONShapeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `hosts[7].memory`; empty for the document itself.
  package let path: String
  /// `expected text, found a number`.
  package let message: String

  package init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  package var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

/// A value with the path that led to it: readers of our own documents ask it for what must be there.
package struct JSONCursor: Sendable {
  package let value: JSONValue
  package let path: String

  package init(_ value: JSONValue, path: String = "") {
    self.value = value
    self.path = path
  }

  package func failure(_ message: String) -> JSONShapeError { JSONShapeError(path: path, message: message) }

  private func wanted(_ what: String) -> JSONShapeError {
    failure("expected \(what), found \(value.kindName)")
  }

  package func text() throws(JSONShapeError) -> String {
    guard let text = value.stringValue else { throw wanted("text") }
    return text
  }

  package func int() throws(JSONShapeError) -> Int {
    guard let number = value.intValue else { throw wanted("a whole number") }
    return number
  }

  package func bool() throws(JSONShapeError) -> Bool {
    guard let flag = value.boolValue else { throw wanted("true or false") }
    return flag
  }

  package func list() throws(JSONShapeError) -> [JSONCursor] {
    guard let items = value.arrayValue else { throw wanted("a list") }
    return items.enumerated().map { JSONCursor($1, path: "\(path)[\($0)]") }
  }

  package func texts() throws(JSONShapeError) -> [String] {
    var result: [String] = []
    for item in try list() { result.append(try item.text()) }
    return result
  }

  /// The members of an object, in order of their keys.
  package func members() throws(JSONShapeError) -> [(key: String, cursor: JSONCursor)] {
    guard let fields = value.objectValue else { throw wanted("an object") }
    return fields.sorted { $0.key < $1.key }.map { ($0.key, JSONCursor($0.value, path: joined($0.key))) }
  }

  /// The field that must be there.
  package func field(_ key: String) throws(JSONShapeError) -> JSONCursor {
    guard let found = try fieldIfPresent(key) else { throw failure("'\(key)' is missing") }
    return found
  }

  /// The field, or nil when it is absent or null.
  package func fieldIfPresent(_ key: String) throws(JSONShapeError) -> JSONCursor? {
    guard let fields = value.objectValue else { throw wanted("an object") }
    guard let member = fields[key], member != .null else { return nil }
    return JSONCursor(member, path: joined(key))
  }

  /// Refuses any key that is not one of these: a misspelt name is an error.
  package func allow(_ keys: Set<String>) throws(JSONShapeError) {
    for (key, cursor) in try members() where !keys.contains(key) {
      throw JSONShapeError(path: cursor.path, message: "unknown key '\(key)'")
    }
  }

  private func joined(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
