import NFVModel
import PlacetSemantics
import PlacetVM
import Quantities

/// Reads a solved world by the names of the vocabulary: what is placed where, and which hosts there are.
///
/// The language knows no VNF; this does. What it looks for by name: on a placed entity `host` (decided), `cells`,
/// `cpu`, `memory`; on a host `vim`, `site`; on a VIM `site`. What is absent is left out.
struct WorldReader {
  let world: World
  var program: TypedProgram { world.program }

  func kind(of entity: EntityID) -> KindDeclaration { program.kinds[Int(entity.kind)] }

  /// The value and type of a field by name; nil where the kind has none, it is none, or it cannot be read.
  func field(_ entity: EntityID, _ name: String) -> (value: Value, type: Type)? {
    guard let index = kind(of: entity).fieldIndex(name) else { return nil }
    return field(entity, index)
  }

  func field(_ entity: EntityID, _ index: Int) -> (value: Value, type: Type)? {
    guard let value = try? world.read(entity, field: index), !value.isNone else { return nil }
    let type = kind(of: entity).fields[index].type
    if case .optional(let wrapped) = type { return (value, wrapped) }
    return (value, type)
  }

  func entity(_ entity: EntityID, _ name: String) -> EntityID? {
    guard let (value, type) = field(entity, name), case .entity = type else { return nil }
    return value.entity
  }

  func name(_ entity: EntityID, _ field: String) -> String? { self.entity(entity, field).map(world.name) }

  /// The site of a host: its own field, else its VIM's.
  func site(of host: EntityID) -> String? {
    name(host, "site") ?? entity(host, "vim").flatMap { name($0, "site") }
  }

  /// Cells as numbers: places in the host's own list.
  func cells(of instance: EntityID) -> [Int]? {
    guard let (value, type) = field(instance, "cells"), case .list(let element) = type else { return nil }
    let wrapped = if case .optional(let inner) = element { inner } else { element }
    guard case .entity = wrapped else { return nil }
    let cells = world.heap.elements(value, type: type).filter { !$0.isNone }.map(\.entity)
    return cells.compactMap(placeAmongSiblings).sorted()
  }

  private func placeAmongSiblings(_ entity: EntityID) -> Int? {
    guard let parent = world.parent(of: entity) else { return nil }
    let kind = KindID(Int(entity.kind))
    for (index, field) in self.kind(of: parent).fields.enumerated() {
      guard case .children(kind) = field.form, let (value, type) = self.field(parent, index) else { continue }
      return world.heap.elements(value, type: type).firstIndex { $0.entity == entity }
    }
    return nil
  }

  /// A value as plain data of a plan or inventory; nil for what has no such form.
  func attribute(_ value: Value, _ type: Type) -> AttributeValue? {
    if value.isNone { return nil }
    switch type {
    case .bool: return .bool(value.bool)
    case .int: return .int(value.bits)
    case .text: return .text(world.heap.text(value))
    case .quantity: return .amount(world.heap.describe(value, type: type))
    case .optional(let wrapped): return attribute(value, wrapped)
    case .entity(let kind):
      return .reference(kind: program[kind].name, name: world.name(of: value.entity))
    case .enumeration: return .text(world.heap.describe(value, type: type))
    case .list(let element), .set(let element):
      let items = world.heap.elements(value, type: type).compactMap { attribute($0, element) }
      return .list(items)
    default: return nil
    }
  }

  /// Bytes of an amount of data; nil for anything else.
  func bytes(_ value: Value, _ type: Type) -> Int? {
    guard case .quantity(let dimension) = type, dimension == program.units.dimensions["data"],
      let byte = program.units.unit(written: "B"), let amount = value.rational.divided(by: byte.factor)
    else { return nil }
    return amount.ceiling
  }
}
