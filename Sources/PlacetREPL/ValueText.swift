import PlacetSemantics
import PlacetVM

/// A value as its author would write it, on one line where it fits, else an element a line.
struct ValueText {
  let world: World
  var width = 80

  /// Elements of one collection that are shown.
  private static let limit = 200

  func text(_ value: Value, _ type: Type) -> String { text(value, type, indent: 0, head: 2) }

  private func text(_ value: Value, _ type: Type, indent: Int, head: Int) -> String {
    let line = world.heap.describe(value, type: type)
    if indent + head + line.count <= width || value.isNone { return line }
    guard let parts = parts(of: value, type) else { return line }
    let margin = String(repeating: " ", count: indent + 2)
    let shown = parts.elements.prefix(Self.limit).map { element in
      let label = element.label.map { $0 + ": " } ?? ""
      return label + text(element.value, element.type, indent: indent + 2, head: label.count + 1) + ","
    }
    var lines = filled(shown, margin)
    if parts.elements.count > Self.limit {
      lines.append(margin + "// and \(parts.elements.count - Self.limit) more")
    }
    return ([parts.open] + lines + [String(repeating: " ", count: indent) + parts.close]).joined(separator: "\n")
  }

  /// Short elements share lines; others have one each.
  private func filled(_ elements: [String], _ margin: String) -> [String] {
    guard elements.allSatisfy({ $0.count <= 24 && !$0.contains("\n") }) else { return elements.map { margin + $0 } }
    var lines: [String] = []
    var line = ""
    for element in elements {
      if !line.isEmpty, margin.count + line.count + 1 + element.count > width {
        lines.append(margin + line)
        line = ""
      }
      line += line.isEmpty ? element : " " + element
    }
    return line.isEmpty ? lines : lines + [margin + line]
  }

  private struct Part {
    var label: String?
    var value: Value
    var type: Type
  }

  private func parts(of value: Value, _ type: Type) -> (open: String, elements: [Part], close: String)? {
    let heap = world.heap
    switch type {
    case .optional(let wrapped): return parts(of: value, wrapped)
    case .list(let element):
      return ("[", heap.elements(value, type: type).map { Part(value: $0, type: element) }, "]")
    case .set(let element):
      return ("set [", heap.elements(value, type: type).map { Part(value: $0, type: element) }, "]")
    case .map(let key, let mapped):
      let pairs = heap.elements(value, type: type).map { pair in
        Part(
          label: heap.describe(heap.element(pair, 0), type: key), value: heap.element(pair, 1), type: mapped)
      }
      return ("[", pairs, "]")
    case .record(let id):
      let fields = world.program[id].fields.enumerated().map {
        Part(label: $0.element.name, value: heap.element(value, $0.offset), type: $0.element.type)
      }
      return ("\(world.program[id].name)(", fields, ")")
    case .anonymous(let labelled):
      let fields = labelled.enumerated().map {
        Part(label: $0.element.label, value: heap.element(value, $0.offset), type: $0.element.type)
      }
      return ("(", fields, ")")
    default: return nil
    }
  }
}
