package import PlacetSemantics
package import PlacetVM

/// Copies a value from one world's heap into another's, so that what a test bound in one solve can be compared
/// with what it sees in the next.
///
/// Entities keep their kind and number: both worlds were made from the same facts, in the same order.
package struct ValueTransfer {
  private let source: Heap
  private let target: Heap
  private let program: TypedProgram

  package init(from source: World, to target: World) {
    self.source = source.heap
    self.target = target.heap
    self.program = source.program
  }

  package func copy(_ value: Value, type: Type) -> Value {
    if value.isNone { return value }
    switch type {
    case .bool, .int, .float, .quantity, .entity, .rule, .solution, .never, .nothing, .error, .function:
      return value
    case .text: return target.makeText(source.text(value))
    case .optional(let wrapped): return copy(value, type: wrapped)
    case .list(let element): return list(value, source.elements(value, type: type).map { _ in element })
    case .set(let element):
      return target.makeSet(
        source.elements(value, type: type).map { copy($0, type: element) }, of: element)
    case .map(let key, let element):
      let pairs = source.elements(value, type: type)
      let keys = pairs.map { copy(source.element($0, 0), type: key) }
      let values = pairs.map { copy(source.element($0, 1), type: element) }
      return target.makeMap(keys, values, key: key) ?? .none
    case .range:
      let bounds = source.bounds(value)
      return target.makeRange(Value(bounds.first), Value(bounds.last), includesEnd: true)
    case .tuple(let types): return list(value, types)
    case .anonymous(let fields): return list(value, fields.map(\.type))
    case .record(let id): return list(value, program[id].fields.map(\.type))
    case .enumeration(let id):
      let index = source.caseIndex(value, of: id)
      let members = program[id].cases[index].members
      let payload = members.indices.map { copy(source.payload(value, $0), type: members[$0].type) }
      return target.makeCase(index, payload: payload, of: id)
    }
  }

  private func list(_ value: Value, _ types: [Type]) -> Value {
    target.makeList(types.indices.map { copy(source.element(value, $0), type: types[$0]) })
  }
}
