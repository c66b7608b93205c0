import PlacetSemantics

/// What is otherwise in a world than in the one before it.
struct WorldChange {
  /// Kinds that have more entities, with the number of the first new one.
  var grown: [KindID: Int] = [:]
  /// Columns in which entities that were there have another value.
  var columns: Set<Int> = []
  var globals: Set<GlobalID> = []
  /// Rules of which other instances are waived.
  var waived: Set<RuleID> = []
  /// Rules that read otherwise.
  var rewritten: Set<RuleID> = []
  /// How many uses of rules and how many constraints of a test were there before.
  var oldUses = 0
  var oldLocals = 0
}

/// Whether a value can be another one after a change: by what evaluation may read, whichever way it goes.
///
/// An entity that is found by its name is the same one, however many others there are; who asks for all of a kind, or
/// for the children of an entity, asks again.
struct Dependence {
  let program: TypedProgram
  let change: WorldChange
  private let firstColumn: [Int]
  /// Expressions of which it is known that they are what they were, whatever is inside.
  private let settled: Set<ObjectIdentifier>
  /// What was looked into and led nowhere.
  private var barren = Barren()

  private struct Barren {
    var columns: Set<Int> = []
    var functions: Set<FunctionID> = []
    var globals: Set<GlobalID> = []
  }

  init(
    _ program: TypedProgram, _ change: WorldChange, firstColumn: [Int],
    settled: Set<ObjectIdentifier> = []
  ) {
    self.program = program
    self.change = change
    self.firstColumn = firstColumn
    self.settled = settled
  }

  // MARK: Questions

  mutating func reaches(_ expression: TypedExpression) -> Bool { look { $0.visit(expression) } }
  mutating func reaches(_ kind: KindID, _ field: Int) -> Bool { look { $0.visit(kind, field) } }
  mutating func reaches(_ function: FunctionID) -> Bool { look { $0.visit(function) } }
  mutating func reaches(_ global: GlobalID) -> Bool { look { $0.visit(global) } }
  /// With all that stands inside, and the rules that it uses.
  mutating func reaches(_ statement: TypedStatement) -> Bool { look { $0.visit(statement) } }

  /// Whether the source ranges over a kind that has grown.
  func ranges(_ source: TypedSource) -> Bool {
    if case .allOf(let kind) = source.form { change.grown[kind] != nil } else { false }
  }

  /// Whether at most the sources range over other entities: what was found of combinations of old ones stands.
  mutating func onlyRangesGrow(_ sources: [TypedSource], _ others: [TypedExpression]) -> Bool {
    !(sources.flatMap(\.expressions) + others).contains { reaches($0) }
  }

  mutating func onlyRangesGrow(_ sources: [TypedSource], around body: [TypedStatement]) -> Bool {
    onlyRangesGrow(sources, []) && !body.contains { reaches($0) }
  }

  /// Parts of the product of the sources that together hold each combination with a new entity once: for each source
  /// that has grown, its new entities with old ones before and all after.
  func growth(of sources: [TypedSource], count: (KindID) -> Int) -> [[Range<Int>?]] {
    sources.indices.filter { ranges(sources[$0]) }.map { growing in
      sources.enumerated().map { place, source in
        guard case .allOf(let kind) = source.form, let first = change.grown[kind] else { return nil }
        return place < growing ? 0..<first : place == growing ? first..<count(kind) : nil
      }
    }
  }

  // MARK: The look

  /// What a look passed by without an end is barren only where the whole look was: paths may go in circles.
  private mutating func look(_ visit: (inout Self) -> Bool) -> Bool {
    let before = barren
    guard visit(&self) else { return false }
    barren = before
    return true
  }

  private mutating func visit(_ expression: TypedExpression) -> Bool {
    if settled.contains(ObjectIdentifier(expression)) { return false }
    switch expression.form {
    case .allOf(let kind): return change.grown[kind] != nil
    case .field(let owner, let field):
      if case .entity(let kind) = owner.type.unwrapped, visit(kind, field) { return true }
    case .call(let function, _): if visit(function) { return true }
    case .global(let global): if visit(global) { return true }
    case .listEach(_, let sources), .setEach(_, let sources), .mapEach(_, _, let sources),
      .aggregate(_, _, let sources):
      if sources.contains(where: ranges) { return true }
    // Who asks the solver, or what stood before, asks again.
    case .preferences, .planMoves, .always, .possible, .never, .inSolution, .why: return true
    default: break
    }
    return expression.children.contains { visit($0) }
  }

  private mutating func visit(_ kind: KindID, _ field: Int) -> Bool {
    let column = firstColumn[kind.index] + field
    if change.columns.contains(column) { return true }
    guard barren.columns.insert(column).inserted else { return false }
    return switch program[kind].fields[field].form {
    case .children(let child): change.grown[child] != nil
    case .derived(let body): visit(body.expression)
    case .name, .parent, .given, .decision: false
    }
  }

  private mutating func visit(_ id: FunctionID) -> Bool {
    guard barren.functions.insert(id).inserted else { return false }
    let function = program[id]
    return function.lets.contains { visit($0.1) } || visit(function.body)
  }

  private mutating func visit(_ id: GlobalID) -> Bool {
    if change.globals.contains(id) { return true }
    guard barren.globals.insert(id).inserted, case .derived(let body) = program[id].form else { return false }
    return visit(body.expression)
  }

  private mutating func visit(_ statement: TypedStatement) -> Bool {
    if statement.sources.contains(where: ranges) { return true }
    switch statement {
    case .use(let rule, _, _): if program[rule].body.contains(where: { visit($0) }) { return true }
    case .scenario(let id, _, _): if program[id].body.contains(where: { visit($0) }) { return true }
    case .waive(let waiver):
      if case .each(let sources, _) = waiver.scope, sources.contains(where: ranges) { return true }
    default: break
    }
    return statement.expressions.contains { visit($0) } || statement.inner.contains { visit($0) }
  }
}
