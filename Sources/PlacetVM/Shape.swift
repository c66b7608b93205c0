import PlacetSemantics

/// What the machine needs to know of a type to compare and hash values: a number into a table, so that no
/// type is walked while values are.
typealias ShapeID = Int32

struct Shape {
  enum Form: UInt8 {
    /// Both words equal means equal: bool, int, quantity, enumeration without payload, entity, rule.
    case scalar
    case quantity
    case float
    case text
    case list
    case set
    case map
    /// Tuple or record: `members` in order.
    case product
    /// Enumeration where some case has a payload.
    case cases
    case range
    case opaque
  }
  var form: Form
  var type: Type
  /// Element of a list, set, range; key of a map.
  var first: ShapeID = 0
  /// Value of a map.
  var second: ShapeID = 0
  /// Members of a product; of `cases`, those of case i from `caseStarts[i]`.
  var members: [ShapeID] = []
  var caseStarts: [Int] = []
}

/// Interns types as shapes.
struct ShapeTable {
  private(set) var shapes: [Shape] = []
  private var ids: [Type: ShapeID] = [:]

  subscript(id: ShapeID) -> Shape { shapes[Int(id)] }
  func contains(_ id: ShapeID) -> Bool { shapes.indices.contains(Int(id)) }

  mutating func intern(_ type: Type, in program: TypedProgram) -> ShapeID {
    if let id = ids[type] { return id }
    if case .optional(let wrapped) = type {
      let id = intern(wrapped, in: program)
      ids[type] = id
      return id
    }
    let id = ShapeID(shapes.count)
    ids[type] = id
    shapes.append(Shape(form: .opaque, type: type))
    var shape = Shape(form: .opaque, type: type)
    switch type {
    case .bool, .int, .entity, .rule, .nothing, .never, .error: shape.form = .scalar
    case .quantity: shape.form = .quantity
    case .float: shape.form = .float
    case .text: shape.form = .text
    case .list(let element):
      shape.form = .list
      shape.first = intern(element, in: program)
    case .set(let element):
      shape.form = .set
      shape.first = intern(element, in: program)
    case .map(let key, let value):
      shape.form = .map
      shape.first = intern(key, in: program)
      shape.second = intern(value, in: program)
    case .range(let bound):
      shape.form = .range
      shape.first = intern(bound, in: program)
    case .tuple(let members):
      shape.form = .product
      shape.members = members.map { intern($0, in: program) }
    case .anonymous(let members):
      shape.form = .product
      shape.members = members.map { intern($0.type, in: program) }
    case .record(let record):
      shape.form = .product
      shape.members = program[record].fields.map { intern($0.type, in: program) }
    case .enumeration(let enumeration):
      let cases = program[enumeration].cases
      shape.form = cases.allSatisfy(\.members.isEmpty) ? .scalar : .cases
      for each in cases {
        shape.caseStarts.append(shape.members.count)
        shape.members += each.members.map { intern($0.type, in: program) }
      }
      shape.caseStarts.append(shape.members.count)
    case .function, .solution: shape.form = .opaque
    case .optional: break
    }
    shapes[Int(id)] = shape
    return id
  }
}
