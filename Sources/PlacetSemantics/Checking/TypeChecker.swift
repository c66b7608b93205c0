import Diagnostics
import PlacetSyntax
import Quantities

/// Binds names and gives every expression a type and a binding time.
///
/// Works on demand: a body is checked when something needs its type or whether it reads decisions. What is
/// needed while still being checked is a recursion, refused for functions and globals; for derived fields it
/// is allowed between different entities, and whether they are decided is then found by repeating the check
/// (`assumedDecided`) until nothing changes.
final class TypeChecker {
  enum Progress { case waiting, running, done }

  struct FieldKey: Hashable {
    var kind: KindID
    var index: Int
  }

  let graph: ModuleGraph
  var program = TypedProgram()
  var diagnostics: [Diagnostic] = []
  var symbols: [ModuleSymbols] = []
  var frame = Frame(module: 0, place: .topLevel)
  var depth = 0
  var world = StaticWorld()
  /// By the place of their name.
  var staticEntities: [SourceRange: StaticEntity] = [:]

  // What each declaration was written as, parallel to the arrays of the program.
  var kindSyntax: [(item: EntityItem, module: Int)] = []
  var fieldSyntax: [KindID: [(syntax: FieldSyntax?, module: Int)]] = [:]
  var recordSyntax: [(item: RecordItem, module: Int)] = []
  var enumModules: [Int] = []
  var functionSyntax: [(item: FunctionItem, module: Int)] = []
  var globalSyntax: [(form: GlobalSyntax, module: Int)] = []
  var ruleSyntax: [(item: RuleItem, module: Int)] = []
  var scenarioSyntax: [(item: ScenarioItem, module: Int)] = []
  var scenarioWorlds: [StaticWorld] = []
  var topLevel: [(statement: Statement, module: Int)] = []
  var objectives: [(goals: [Goal], range: SourceRange, module: Int)] = []

  enum GlobalSyntax {
    case binding(LetStatement)
    /// A part of the tuple that another global holds.
    case part(of: GlobalID, path: [Int], name: Name)
    case param(ParamStatement)
    case rows(LoadStatement)
    case whole(LetStatement)
  }

  /// Where dimensions, units and cases were first declared.
  var definitionRanges: [String: SourceRange] = [:]

  // Progress of bodies that are checked on demand.
  var fieldProgress: [FieldKey: Progress] = [:]
  var functionProgress: [Progress] = []
  var globalProgress: [Progress] = []
  var checkedRules: Set<RuleID> = []
  /// What is being checked, for the message about a cycle.
  var running: [String] = []
  /// Fields, functions and globals whose list has a length that depends on a decision.
  var decidedShapes: Set<String> = []
  /// Decided fields, from an earlier run of the check.
  var assumedDecided: Set<FieldKey>
  /// Fields that were read while being checked.
  var readWhileRunning: Set<FieldKey> = []

  // Facts that are judged at the end.
  var weights: [(type: Type, range: SourceRange)] = []
  var firstActivePrefer: SourceRange?
  var usedRules: Set<RuleID> = []
  var preferOfRule: [RuleID: SourceRange] = [:]

  init(graph: ModuleGraph, assumedDecided: Set<FieldKey>) {
    self.graph = graph
    self.assumedDecided = assumedDecided
  }

  func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  /// Checks everything, in the order in which later steps need earlier ones.
  func run() {
    collectSymbols()
    declareUnits()
    declareTypes()
    collectStaticEntities()
    checkInOrderOfNames()
    for index in program.kinds.indices { checkFields(of: KindID(index)) }
    for index in program.records.indices { checkFields(of: RecordID(index)) }
    for index in program.functions.indices { checkFunction(FunctionID(index)) }
    for index in program.globals.indices { checkGlobal(GlobalID(index)) }
    checkRules()
    for index in program.scenarios.indices { checkScenario(ScenarioID(index)) }
    checkTopLevel()
    judgeWeights()
    checkObjectives()
    checkTests()
    checkCandidateCycles()
    orderStatements()
    collectWrittenNames()
  }

  /// Runs `body` with another frame in place.
  func within<Result>(_ inner: Frame, _ body: () -> Result) -> Result {
    let outer = frame
    frame = inner
    defer { frame = outer }
    return body()
  }

  /// Runs `body` with names that are gone afterwards, and what it learns about none.
  func inScope<Result>(_ body: () -> Result) -> Result {
    frame.scopes.append([:])
    let narrowed = frame.narrowed
    defer {
      frame.scopes.removeLast()
      frame.narrowed = narrowed
    }
    return body()
  }

  /// Binds a name to a new slot; a name that a local already has is reported.
  @discardableResult
  func bind(
    _ name: Name, _ type: Type, decidedBy: [String] = [], hasDecidedShape: Bool = false
  ) -> LocalID {
    if let first = frame.local(name.text) { report(.shadowing(name, first: first.range)) }
    let id = frame.addSlot(name.text, type)
    frame.scopes[frame.scopes.count - 1][name.text] = LocalBinding(
      id: id, type: type, range: name.range, decidedBy: decidedBy, hasDecidedShape: hasDecidedShape)
    return id
  }
}
