import Diagnostics
package import NFVModel
package import PlacetSemantics
import PlacetVM
package import Placement

/// What a VIM of a policy says that it has, now.
package struct LiveInventory: Sendable {
  package let endpoint: Endpoint
  package let part: Inventory.Part

  package init(_ endpoint: Endpoint, _ part: Inventory.Part) {
    self.endpoint = endpoint
    self.part = part
  }
}

extension PolicyFile {
  /// The VIMs that the policy wants reached. Where no file of it can name one, nothing is evaluated.
  package func endpoints(_ inputs: RunInputs) throws(Mistakes) -> [Endpoint] {
    let own = program.modules.map(\.source).filter { !$0.name.hasPrefix("stdlib/") }
    let mayName = own.contains { $0.text.contains("endpoint") || $0.text.contains("load vim") }
    guard mayName || inputs.inventory != nil else { return [] }
    return try world(inputs).endpoints
  }
}

extension InventoryFile {
  /// Puts what VIMs say in the place of what the file says of them.
  ///
  /// Hosts are those that the VIM has: a host of the file that the VIM lacks is left out. What the file says of a host
  /// and the VIM does not (a price, a rack) is kept. Kinds and fields that the policy does not have are left out.
  package mutating func merge(_ live: [LiveInventory], program: TypedProgram) {
    for inventory in live { merge(inventory, program) }
  }

  private mutating func merge(_ live: LiveInventory, _ program: TypedProgram) {
    let names = Set(live.part.entities.filter { $0.id.kind == "host" }.map(\.id.name))
    let hasCells = live.part.entities.contains { $0.id.kind == "cell" }
    let former = forget(live.endpoint.vim, keepingParts: !hasCells)
    let byKind = Dictionary(grouping: live.part.entities, by: \.id.kind)
    for (kind, entities) in byKind.sorted(by: { $0.key < $1.key }) where kind != "vim" && kind != "site" {
      guard let declaration = program.kinds.first(where: { $0.name == kind }) else { continue }
      var added: [DataNode] = []
      for entity in entities {
        var row = Self.row(entity, declaration, site: live.endpoint.site)
        if kind == "host", let old = former[entity.id.name] {
          row += old.filter { member in !row.contains { $0.key == member.key } }
        }
        added.append(DataNode(.object(row), line: 0))
      }
      append(added, to: kind)
    }
    if !hasCells { keepParts(of: names) }
  }

  private mutating func append(_ added: [DataNode], to kind: String) {
    var rows = rows
    if let index = rows.firstIndex(where: { $0.key == kind }) {
      guard case .list(let old) = rows[index].value.form else { return }
      rows[index].value.form = .list(old + added)
    } else {
      rows.append((kind, DataNode(.list(added), line: 0)))
    }
    self.rows = rows
  }

  /// Takes the hosts of a VIM out, and what lies in them; their rows as they were, by name. Where the VIM hides the
  /// parts of its hosts, those of the file are kept.
  private mutating func forget(
    _ vim: String, keepingParts: Bool
  ) -> [String: [(key: String, value: DataNode)]] {
    var former: [String: [(key: String, value: DataNode)]] = [:]
    var rows = rows
    for index in rows.indices where rows[index].key == "host" {
      guard case .list(let entries) = rows[index].value.form else { continue }
      rows[index].value.form = .list(
        entries.filter { entry in
          guard entry.text("vim") == vim, let name = entry.text("name"),
            case .object(let members) = entry.form
          else { return true }
          former[name] = keepingParts ? members : members.filter { $0.key != "cells" }
          return false
        })
    }
    for index in rows.indices where !keepingParts && ["cell", "nic", "device"].contains(rows[index].key) {
      guard case .list(let entries) = rows[index].value.form else { continue }
      rows[index].value.form = .list(
        entries.filter { entry in
          guard let place = entry.text("in")?.split(separator: " ").last else { return true }
          return !former.keys.contains { place == $0 || place.hasPrefix($0 + ".") }
        })
    }
    self.rows = rows
    return former
  }

  /// Parts of hosts that are no longer there go with them.
  private mutating func keepParts(of names: Set<String>) {
    let hosts = Set(rows.filter { $0.key == "host" }.flatMap { Self.names($0.value) })
    var rows = rows
    for index in rows.indices where ["cell", "nic", "device"].contains(rows[index].key) {
      guard case .list(let entries) = rows[index].value.form else { continue }
      rows[index].value.form = .list(
        entries.filter { entry in
          guard let place = entry.text("in")?.split(separator: " ").last else { return true }
          return hosts.union(names).contains { place == $0 || place.hasPrefix($0 + ".") }
        })
    }
    self.rows = rows
  }

  private static func names(_ node: DataNode) -> [String] {
    guard case .list(let entries) = node.form else { return [] }
    return entries.compactMap { $0.text("name") }
  }

  /// An entity as a row of the file, less what its kind does not have.
  private static func row(
    _ entity: Entity, _ kind: KindDeclaration, site: String?
  ) -> [(key: String, value: DataNode)] {
    var row: [(key: String, value: DataNode)] = [("name", DataNode(.text(entity.id.name), line: 0))]
    if let parent = entity.parent {
      row.append(("in", DataNode(.text(parent.description), line: 0)))
    } else if entity.id.kind == "zone", let site {
      row.append(("in", DataNode(.text("site \(site)"), line: 0)))
    }
    for (name, value) in entity.attributes.sorted(by: { $0.key < $1.key }) {
      guard let field = kind.fields.first(where: { $0.name == name }), case .given = field.form else {
        continue
      }
      row.append((name, DataNode(value.json)))
    }
    return row
  }
}

extension DataNode {
  fileprivate init(_ json: JSONValue) {
    let form: Form =
      switch json {
      case .null: .null
      case .bool(let flag): .bool(flag)
      case .number(let text): .number(text)
      case .string(let text): .text(text)
      case .array(let items): .list(items.map { DataNode($0) })
      case .object(let fields):
        .object(fields.sorted { $0.key < $1.key }.map { ($0.key, DataNode($0.value)) })
      }
    self.init(form, line: 0)
  }

  fileprivate func text(_ key: String) -> String? {
    guard case .object(let members) = form, let member = members.first(where: { $0.key == key }),
      case .text(let text) = member.value.form
    else { return nil }
    return text
  }
}
