import Diagnostics
import PlacetSemantics
import PlacetSyntax
import PlacetVM
import Quantities

/// What `:doc` shows of a name: its doc comment, its declaration, where it stands.
struct Documentation {
  let program: TypedProgram
  /// For entities; nil where there is none.
  let world: World?

  /// A page for each thing of that name; `kind.field` and `enum.case` name what is inside.
  func pages(of name: String) -> [String] {
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    var pages: [String] = []
    for kind in program.kinds where kind.name == name { pages.append(page(of: kind)) }
    for item in program.records where item.name == name { pages.append(page(item.doc, item.range)) }
    for item in program.enums where item.name == name { pages.append(page(item.doc, item.range)) }
    for item in program.functions where item.name == name { pages.append(page(item.doc, item.range)) }
    for item in program.globals where item.name == name { pages.append(page(item.doc, item.range)) }
    for item in program.rules where item.name == name { pages.append(page(item.doc, item.range)) }
    for item in program.scenarios where item.name == name { pages.append(page(nil, item.range)) }
    if let unit = program.units.units[name] {
      let base = program.units.unitNames.first {
        program.units.units[$0]?.dimension == unit.dimension && program.units.units[$0]?.factor == Rational(1)
      }
      let amount = base.map { $0 == name ? "" : "\n  1 \(name) = \(unit.factor) \($0)" } ?? ""
      pages.append("unit \(name), of \(program.units.name(of: unit.dimension))\(amount)\n")
    }
    if let dimension = program.units.dimensions[name] {
      let units = program.units.unitNames.filter { program.units.units[$0]?.dimension == dimension }
      let list = units.isEmpty ? "no unit of its own" : "units: \(units.joined(separator: ", "))"
      pages.append("dimension \(name)\n  \(list)\n")
    }
    pages += BuiltInFunction.all.filter { $0.name == name }.map { "/// \($0.doc)\n\($0.signature)\n" }
    pages += entities(name)
    if parts.count == 2 { pages += member(parts[1], of: parts[0]) }
    return pages.isEmpty ? members(name) : pages
  }

  /// Every name that has a page, for suggestions and completion.
  var names: [String] {
    var names = program.kinds.map(\.name) + program.records.map(\.name) + program.enums.map(\.name)
    names += program.functions.map(\.name) + program.globals.map(\.name) + program.rules.map(\.name)
    names += program.scenarios.map(\.name) + program.units.unitNames + program.units.dimensionNames
    names += program.enums.flatMap { $0.cases.map(\.name) } + program.kinds.flatMap { $0.fields.map(\.name) }
    names += BuiltInFunction.all.map(\.name)
    return Set(names).sorted()
  }

  private func page(_ doc: String?, _ range: SourceRange) -> String {
    var lines = (doc ?? "").split(separator: "\n", omittingEmptySubsequences: false).map {
      "/// \($0)".trimmingEnd
    }
    if doc == nil || doc?.isEmpty == true { lines = [] }
    lines += Self.dedented(Self.declaration(around: range))
    return lines.joined(separator: "\n") + "\n  // \(range.source.name):\(range.line)\n"
  }

  private func page(of kind: KindDeclaration) -> String {
    var text = page(kind.doc, kind.range)
    for field in kind.fields where isAdded(field, to: kind) {
      text +=
        "  \(Self.declaration(around: field.range).text.onOneLine)  // \(field.range.source.name):\(field.range.line)\n"
    }
    return text
  }

  /// Whether an `extend` declared the field.
  private func isAdded(_ field: FieldDeclaration, to kind: KindDeclaration) -> Bool {
    switch field.form {
    case .name, .parent, .children: return false
    default: return !Self.declaration(around: kind.range).covers(field.range)
    }
  }

  /// The whole of the item or field whose name stands at a place.
  private static func declaration(around name: SourceRange) -> SourceRange {
    let items = Parser.parse(name.source).tree.items
    guard let item = items.first(where: { $0.range.covers(name) }) else { return name }
    let fields: [FieldSyntax] =
      switch item {
      case .entity(let entity): entity.fields
      case .record(let record): record.fields
      case .extend(let extended): if case .fields(let fields) = extended.body { fields } else { [] }
      default: []
      }
    return fields.first { $0.range.covers(name) }?.range ?? item.range
  }

  private func member(_ name: String, of owner: String) -> [String] {
    var pages: [String] = []
    for kind in program.kinds where kind.name == owner {
      pages += kind.fields.filter { $0.name == name }.map { page(of: $0, in: owner) }
    }
    for record in program.records where record.name == owner {
      pages += record.fields.filter { $0.name == name }.map { page(of: $0, in: owner) }
    }
    for item in program.enums where item.name == owner && item.cases.contains(where: { $0.name == name }) {
      pages.append(page(item.doc, item.range))
    }
    return pages
  }

  /// Fields and cases of a name, wherever they are.
  private func members(_ name: String) -> [String] {
    var pages: [String] = []
    for kind in program.kinds {
      pages += kind.fields.filter { $0.name == name }.compactMap { field in
        switch field.form {
        case .name, .parent: nil
        default: page(of: field, in: kind.name)
        }
      }
    }
    for record in program.records {
      pages += record.fields.filter { $0.name == name }.map { page(of: $0, in: record.name) }
    }
    for item in program.enums {
      for each in item.cases where each.name == name {
        let doc = each.doc.map { "/// \($0)\n" } ?? ""
        pages.append(
          "\(doc)\(name): a case of \(item.name)\n  // \(item.range.source.name):\(item.range.line)\n")
      }
    }
    return pages
  }

  private func page(of field: FieldDeclaration, in owner: String) -> String {
    var head = "\(owner).\(field.name): \(program.describe(field.type))"
    if field.isDecided { head += ", decided" }
    if case .name = field.form { return head + "\n" }
    return head + "\n" + page(field.doc, field.range)
  }

  private func entities(_ name: String) -> [String] {
    guard let world else { return [] }
    return program.kinds.indices.flatMap { kind in
      world.entities(of: KindID(kind)).filter { world.name(of: $0) == name || world.path(of: $0) == name }
        .prefix(5).map { entity in
          let (range, place) = world.origin(of: entity)
          let head = "\(program.kinds[kind].name) \(world.path(of: entity))\n"
          if let place { return head + "  // \(place)\n" }
          guard let range else { return head }
          return head + page(nil, range)
        }
    }
  }

  /// The text with its later lines moved as far left as its first.
  private static func dedented(_ range: SourceRange) -> [String] {
    let column = range.source.position(of: range.start).column - 1
    let lines = range.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return lines.prefix(1)
      + lines.dropFirst().map { line in
        let blanks = line.prefix { $0 == " " }.count
        return String(line.dropFirst(min(blanks, column)))
      }
  }
}

extension SourceRange {
  fileprivate func covers(_ other: SourceRange) -> Bool {
    source == other.source && start <= other.start && other.end <= end
  }
}

extension String {
  var trimmingEnd: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
