import Diagnostics
import Foundation
import NFVModel
package import PlacetSemantics
package import PlacetVM

/// The file that `--inventory` names: entities by kind, read as if the policy loaded each kind from it.
package struct InventoryFile {
  /// The name under which the rows are handed to the world; no file can have it.
  package static let marker = "\u{0}inventory"

  /// All rows of a kind of all parts, by kind.
  package private(set) var data: DataFile
  private var kinds: [(name: String, line: Int)]

  /// One without a row: what VIMs say is merged into it.
  package static var empty: InventoryFile {
    InventoryFile(rows: [], of: DataFile(name: "inventory.json", root: DataNode(.null, line: 0)))
  }

  private init(rows: [(key: String, value: DataNode)], of file: DataFile) {
    data = DataFile(name: file.name, root: DataNode(.object(rows), line: 1), source: file.source)
    kinds = rows.map { ($0.key, $0.value.line) }
  }

  /// All rows by kind, to be read or replaced.
  var rows: [(key: String, value: DataNode)] {
    get { if case .object(let rows) = data.root.form { rows } else { [] } }
    set { self = InventoryFile(rows: newValue, of: data) }
  }

  package static func read(_ path: String) throws(Mistakes) -> InventoryFile {
    let file: DataFile
    switch DataFileReader.load(path: path) {
    case .success(let read): file = read
    case .failure(let problems): throw Mistakes(problems.diagnostics)
    }
    return try InventoryFile(file)
  }

  init(_ file: DataFile) throws(Mistakes) {
    func wrong(_ message: String, _ node: DataNode) -> Mistakes {
      Mistakes([InventoryFile.diagnostic(file, node.line, message)])
    }
    guard case .object(let top) = file.root.form,
      let version = top.first(where: { $0.key == "placet-inventory" })
    else { throw wrong("this is no inventory: it lacks \"placet-inventory\": 1", file.root) }
    guard case .number("1") = version.value.form else {
      throw wrong("this inventory has a version that is not known here; 1 is", version.value)
    }
    guard let parts = top.first(where: { $0.key == "parts" }), case .list(let list) = parts.value.form else {
      throw wrong("an inventory has a list of \"parts\"", file.root)
    }
    if let other = top.first(where: { !["placet-inventory", "parts"].contains($0.key) }) {
      throw wrong("an inventory has no '\(other.key)'", other.value)
    }
    var rows: [(key: String, value: DataNode)] = []
    for part in list {
      guard case .object(let fields) = part.form,
        let entities = fields.first(where: { $0.key == "entities" }),
        case .object(let byKind) = entities.value.form
      else { throw wrong("each part has \"source\", \"date\" and \"entities\"", part) }
      if let other = fields.first(where: { !["source", "date", "entities"].contains($0.key) }) {
        throw wrong("a part of an inventory has no '\(other.key)'", other.value)
      }
      for (kind, node) in byKind {
        guard case .list(let entries) = node.form else { throw wrong("'\(kind)' wants a list of rows", node) }
        if let index = rows.firstIndex(where: { $0.key == kind }),
          case .list(let earlier) = rows[index].value.form
        {
          rows[index].value.form = .list(earlier + entries)
        } else {
          rows.append((kind, node))
        }
      }
    }
    self = InventoryFile(rows: rows, of: file)
  }

  private static func diagnostic(_ file: DataFile, _ line: Int, _ message: String) -> Diagnostic {
    let source = file.source ?? Source(name: file.name, text: "")
    let start = line > 0 && line <= source.lineStarts.count ? source.lineStarts[line - 1] : 0
    let length = line > 0 && line <= source.lineStarts.count ? source.line(line).utf8.count : 0
    return Diagnostic("E0421", message, at: .init(SourceRange(source, start, start + length), "here"))
  }

  /// Rows as inventories name what lies in something else, `"name": "sto-1.c0", "in": "host sto-1"`, as a policy
  /// does: by the name in its parent, and a field that names the parent.
  private static func withParents(_ node: DataNode, of kind: String, in program: TypedProgram) -> DataNode {
    guard case .list(let entries) = node.form,
      let declaration = program.kinds.first(where: { $0.name == kind }),
      let field = declaration.fields.first(where: { if case .parent = $0.form { true } else { false } })
    else { return node }
    let changed = entries.map { entry -> DataNode in
      guard case .object(var members) = entry.form, let index = members.firstIndex(where: { $0.key == "in" }),
        case .text(let place) = members[index].value.form, let space = place.firstIndex(of: " ")
      else { return entry }
      let parent = String(place[place.index(after: space)...])
      members[index] = (field.name, DataNode(.text(parent), line: members[index].value.line))
      if let own = members.firstIndex(where: { $0.key == "name" }),
        case .text(let name) = members[own].value.form,
        name.hasPrefix(parent + ".")
      {
        members[own].value.form = .text(String(name.dropFirst(parent.count + 1)))
      }
      return DataNode(.object(members), line: entry.line)
    }
    return DataNode(.list(changed), line: node.line)
  }

  /// Adds one load for each kind before everything else of the program.
  package mutating func addLoads(to program: inout TypedProgram) throws(Mistakes) {
    var loads: [TypedTopLevel] = []
    var lateLoads: [TypedTopLevel] = []
    let main = program.modules.firstIndex { $0.name.isEmpty } ?? 0
    let range = SourceRange(program.modules[main].source, 0, 0)
    var late: Set<String> = []
    for (name, line) in kinds.sorted(by: { program.depth(ofKind: $0.name) < program.depth(ofKind: $1.name) })
    {
      guard let index = program.kinds.firstIndex(where: { $0.name == name }) else {
        var diagnostic = Self.diagnostic(data, line, "the policy has no kind '\(name)'")
        if let near = nearestName(to: name, among: program.kinds.map(\.name)) {
          diagnostic.notes = ["help: did you mean '\(near)'?"]
        }
        throw Mistakes([diagnostic])
      }
      func text(_ value: String) -> TypedExpression {
        TypedExpression(.text(value), type: .text, range: range)
      }
      let kind = KindID(index)
      // What lies in something that the policy makes itself comes after it: a zone in a site.
      let parent = program.kinds[index].parent.map { program[$0].name }
      let isLate =
        parent.map { parent in late.contains(parent) || !kinds.contains { $0.name == parent } } ?? false
      if isLate { late.insert(name) }
      let load =
        TypedTopLevel(
          module: main, frame: FrameInfo(),
          statement: .load(
            TypedLoad(
              target: .entities(kind), type: .list(.entity(kind)), file: text(Self.marker), path: text(name),
              range: range)))
      if isLate { lateLoads.append(load) } else { loads.append(load) }
    }
    if case .object(let rows) = data.root.form {
      data.root.form = .object(rows.map { ($0.key, Self.withParents($0.value, of: $0.key, in: program)) })
    }
    program.statements = loads + program.statements + lateLoads
  }
}

extension TypedProgram {
  /// How many kinds a kind lies in, one inside the other: what is above is loaded first.
  fileprivate func depth(ofKind name: String) -> Int {
    var depth = 0
    var kind = kinds.first { $0.name == name }
    while let parent = kind?.parent, depth <= kinds.count {
      depth += 1
      kind = self[parent]
    }
    return depth
  }
}
