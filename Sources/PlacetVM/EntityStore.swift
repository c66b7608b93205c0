import PlacetSemantics

/// A field that has no value yet says why in the second word of its slot; all of these are far below zero.
enum Waiting {
  /// No value was given.
  static let unset = Int.min + 1
  /// The field's own body (derived or default) gives it on demand.
  static let body = Int.min + 2
  /// What was written for this entity gives it on demand: chunk and captured frame in `bits`.
  static let thunk = Int.min + 3
  /// On demand, and demanded now: needing it again is a cycle.
  static let computing = Int.min + 4
  /// Chosen by the solver, and no choice is at hand.
  static let undecided = Int.min + 5
  /// The list of children, on demand.
  static let children = Int.min + 6
  /// What stood in a data file, by number, is read on demand.
  static let data = Int.min + 7
  static let last = Int.min + 7
}

extension Value {
  /// Whether this is a slot's reason to have no value.
  @inline(__always)
  var isWaiting: Bool { aux <= Waiting.last && aux > Int.min }
}

/// The entities of a world as columns: one array of values per field of a kind.
struct EntityStore {
  /// Columns of all kinds, one after the other; `firstColumn[kind] + field`.
  let firstColumn: [Int]
  let columnCount: Int
  /// Where the machine finds them.
  let columns: UnsafeMutablePointer<UnsafeMutablePointer<Value>>
  let counts: UnsafeMutablePointer<Int>
  private(set) var capacities: [Int]
  private let fresh: [[Value]]

  /// Names within a kind and parent.
  struct Key: Hashable {
    var kind: Int32
    var parent: EntityID?
    var name: String
  }
  private(set) var byName: [Key: EntityID] = [:]
  /// All of one name, for kinds with a parent.
  private(set) var byBareName: [Key: [EntityID]] = [:]
  private(set) var children: [EntityID: [Int32: [EntityID]]] = [:]

  init(program: TypedProgram) {
    var first: [Int] = []
    var total = 0
    for kind in program.kinds {
      first.append(total)
      total += kind.fields.count
    }
    firstColumn = first
    columnCount = total
    columns = .allocate(capacity: max(total, 1))
    counts = .allocate(capacity: max(program.kinds.count, 1))
    counts.initialize(repeating: 0, count: max(program.kinds.count, 1))
    capacities = Array(repeating: 4, count: program.kinds.count)
    fresh = program.kinds.map { $0.fields.map(Self.initial) }
    for index in 0..<total { columns[index] = .allocate(capacity: 4) }
  }

  /// The same entities and values in columns of their own.
  func copy() -> EntityStore { EntityStore(copying: self) }

  private init(copying other: EntityStore) {
    firstColumn = other.firstColumn
    columnCount = other.columnCount
    columns = .allocate(capacity: max(other.columnCount, 1))
    counts = .allocate(capacity: max(other.capacities.count, 1))
    counts.initialize(from: other.counts, count: max(other.capacities.count, 1))
    capacities = other.capacities
    fresh = other.fresh
    byName = other.byName
    byBareName = other.byBareName
    children = other.children
    for kind in fresh.indices {
      for column in firstColumn[kind]..<firstColumn[kind] + fresh[kind].count {
        columns[column] = .allocate(capacity: capacities[kind])
        columns[column].update(from: other.columns[column], count: counts[kind])
      }
    }
  }

  func deallocate() {
    for index in 0..<columnCount { columns[index].deallocate() }
    columns.deallocate()
    counts.deallocate()
  }

  /// What a field of a new entity waits for.
  static func initial(_ field: FieldDeclaration) -> Value {
    let reason =
      switch field.form {
      case .name, .parent, .given(defaultValue: nil, condition: _): Waiting.unset
      case .given, .derived: Waiting.body
      case .children: Waiting.children
      case .decision: Waiting.undecided
      }
    return Value(bits: 0, aux: reason)
  }

  func initial(kind: Int, field: Int) -> Value { fresh[kind][field] }

  mutating func make(_ kind: KindID, named name: String, text: Value, parent: EntityID?, hasParent: Bool)
    -> EntityID
  {
    let index = counts[kind.index]
    if index == capacities[kind.index] { grow(kind) }
    let entity = EntityID(kind: Int32(kind.index), index: Int32(index))
    for (field, value) in fresh[kind.index].enumerated() {
      columns[firstColumn[kind.index] + field][index] = value
    }
    columns[firstColumn[kind.index]][index] = text
    counts[kind.index] = index + 1
    byBareName[Key(kind: Int32(kind.index), parent: nil, name: name), default: []].append(entity)
    if !hasParent { byName[Key(kind: Int32(kind.index), parent: nil, name: name)] = entity }
    if let parent { adopt(entity, named: name, by: parent) }
    return entity
  }

  /// Gives an entity the parent that it was made in or that its field names.
  mutating func adopt(_ entity: EntityID, named name: String, by parent: EntityID) {
    byName[Key(kind: entity.kind, parent: parent, name: name)] = entity
    columns[firstColumn[Int(entity.kind)] + 1][Int(entity.index)] = Value(parent)
    children[parent, default: [:]][entity.kind, default: []].append(entity)
  }

  func named(_ name: String, kind: KindID, parent: EntityID?) -> EntityID? {
    byName[Key(kind: Int32(kind.index), parent: parent, name: name)]
  }

  func allNamed(_ name: String, kind: KindID) -> [EntityID] {
    byBareName[Key(kind: Int32(kind.index), parent: nil, name: name)] ?? []
  }

  func children(of parent: EntityID, kind: KindID) -> [EntityID] {
    children[parent]?[Int32(kind.index)] ?? []
  }

  @inline(__always)
  subscript(entity: EntityID, field: Int) -> Value {
    get { columns[firstColumn[Int(entity.kind)] + field][Int(entity.index)] }
    nonmutating set { columns[firstColumn[Int(entity.kind)] + field][Int(entity.index)] = newValue }
  }

  private mutating func grow(_ kind: KindID) {
    let old = capacities[kind.index]
    capacities[kind.index] = old * 2
    let first = firstColumn[kind.index]
    for column in first..<first + fresh[kind.index].count {
      let moved = UnsafeMutablePointer<Value>.allocate(capacity: old * 2)
      moved.update(from: columns[column], count: old)
      columns[column].deallocate()
      columns[column] = moved
    }
  }
}
