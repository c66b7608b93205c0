package import Diagnostics

import Yams

/// A YAML document as a tree in which each node knows its place; aliases are written out, merges (`<<`) done.
package struct YAMLNode: Sendable {
  package enum Form: Sendable {
    /// As written, less its quotes; `plain` when it had none, so that a number may be meant.
    case scalar(String, plain: Bool)
    case list([YAMLNode])
    /// In order of the file, each key once.
    case map([Field])
  }

  package struct Field: Sendable {
    package var key: String
    package var value: YAMLNode
    /// Of the key.
    package var line: Int
    package var column: Int
  }

  package var form: Form
  /// From 1; the column counts Unicode scalars.
  package var line: Int
  package var column: Int

  /// The one document of a file, nil when it is empty.
  ///
  /// Refused with the place: what is not UTF-8 (E0404) or not YAML (E0406), a key given twice or that is no
  /// text (E0407), nesting of more than 256 levels and aliases that grow beyond reason (E0408).
  package static func compose(name: String, bytes: [UInt8]) -> Result<YAMLNode?, Diagnostic> {
    let source = Source(name: name, bytes: bytes)
    if let offset = TextBytes.firstInvalid(bytes) { return .failure(.notUTF8(source, offset: offset)) }
    if AliasedKeys.areSuspected(in: bytes) { return .failure(.aliasedKeys(source)) }
    do {
      let text = String(
        decoding: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...], as: UTF8.self)
      guard let root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot() else {
        return .success(nil)
      }
      // Written out without an alias, a document has fewer nodes than twice its bytes.
      var composer = YAMLComposer(source: source, room: 1_000_000 + 2 * bytes.count)
      return .success(try composer.node(root, depth: 0))
    } catch let diagnostic as Diagnostic {
      return .failure(diagnostic)
    } catch let error as YamlError {
      return .failure(.badYAML(source, error))
    } catch {
      return .failure(.badYAML(source, .no))
    }
  }
}

/// From the library's nodes to ours, within limits.
private struct YAMLComposer {
  let source: Source
  /// Nodes that may still be made.
  var room: Int

  mutating func node(_ node: Node, depth: Int) throws(Diagnostic) -> YAMLNode {
    let line = node.mark?.line ?? 1
    let column = node.mark?.column ?? 1
    room -= 1
    guard room > 0 else {
      throw .yamlLimit(source, line, column, "the aliases of this file write out to too much")
    }
    guard depth < 256 else { throw .yamlLimit(source, line, column, "nested deeper than 256 levels") }
    return YAMLNode(form: try form(of: node, depth: depth), line: line, column: column)
  }

  private mutating func form(of node: Node, depth: Int) throws(Diagnostic) -> YAMLNode.Form {
    switch node {
    case .scalar(let scalar):
      return .scalar(scalar.string, plain: scalar.style == .plain)
    case .sequence(let items):
      var list: [YAMLNode] = []
      list.reserveCapacity(items.count)
      for item in items { list.append(try self.node(item, depth: depth + 1)) }
      return .list(list)
    case .mapping(let pairs):
      return .map(try fields(of: pairs, depth: depth))
    case .alias:
      throw .yamlLimit(source, node.mark?.line ?? 1, node.mark?.column ?? 1, "an alias that nothing defines")
    }
  }

  private mutating func fields(of pairs: Node.Mapping, depth: Int) throws(Diagnostic) -> [YAMLNode.Field] {
    var fields: [YAMLNode.Field] = []
    var merged: [YAMLNode.Field] = []
    var seen: Set<String> = []
    for (key, value) in pairs {
      guard case .scalar(let name) = key else {
        throw .badYAMLKey(source, key.mark, "expected a key of one word or text, found a list or a map")
      }
      let value = try node(value, depth: depth + 1)
      if name.string == "<<", name.style == .plain {
        merged += try mergedFields(value)
        continue
      }
      guard seen.insert(name.string).inserted else {
        throw .badYAMLKey(source, key.mark, "the key '\(name.string)' is given twice")
      }
      fields.append(
        YAMLNode.Field(
          key: name.string, value: value, line: key.mark?.line ?? value.line, column: key.mark?.column ?? 1))
    }
    // What is given here hides what is merged in, and an earlier merge a later one.
    for field in merged where seen.insert(field.key).inserted { fields.append(field) }
    return fields
  }

  private func mergedFields(_ value: YAMLNode) throws(Diagnostic) -> [YAMLNode.Field] {
    switch value.form {
    case .map(let fields): return fields
    case .list(let items):
      var all: [YAMLNode.Field] = []
      for item in items {
        guard case .map(let fields) = item.form else { throw .badMerge(source, item) }
        all += fields
      }
      return all
    case .scalar: throw .badMerge(source, value)
    }
  }
}

/// The YAML library compares keys by value as it reads, so aliases of aliases inside a key would take it
/// for ever before we see them. Nobody writes that; a file that could be one is refused unread.
private enum AliasedKeys {
  static func areSuspected(in bytes: [UInt8]) -> Bool {
    var aliases = 0
    var structuredKeys = false
    var previous: UInt8 = 0x0A
    for (index, byte) in bytes.enumerated() {
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0x0A
      switch byte {
      case UInt8(ascii: "*"):
        if " \n\t\r[{,:-?".utf8.contains(previous), next > 0x20 { aliases += 1 }
      case UInt8(ascii: "?"):
        if " \n\t\r[{,-".utf8.contains(previous), next <= 0x20 || "[{*&".utf8.contains(next) {
          structuredKeys = true
        }
      case UInt8(ascii: ":"):
        if previous == UInt8(ascii: "]") || previous == UInt8(ascii: "}") { structuredKeys = true }
      default: break
      }
      if byte != 0x20 || (previous != UInt8(ascii: "]") && previous != UInt8(ascii: "}")) { previous = byte }
    }
    // With 32 aliases a key writes out to some 3^10 nodes at most.
    return structuredKeys && aliases > 32
  }
}
