import Diagnostics
import PlacetSyntax

/// What a name of a type may mean.
enum TypeSymbol: Hashable {
  case enumeration(EnumID)
  case record(RecordID)
  case kind(KindID)
}

/// What a name of a value at the top of a module may mean.
enum ValueSymbol: Hashable {
  case function(FunctionID)
  case global(GlobalID)
}

/// The names that one module declares, and how it sees those of others.
struct ModuleSymbols {
  var types: [String: TypeSymbol] = [:]
  var values: [String: ValueSymbol] = [:]
  var rules: [String: RuleID] = [:]
  var scenarios: [String: ScenarioID] = [:]
  /// Modules whose names are visible without a prefix.
  var open: [Int] = []
  /// Modules by prefix.
  var prefixes: [String: [Int]] = [:]
}

/// An entity that the text makes by a written name, and those nested in it.
final class StaticEntity {
  let name: Name
  let kind: KindID
  /// Weak, since parents hold their children; whoever made both holds both.
  weak private(set) var parent: StaticEntity?
  /// Those nested in it, by name.
  var children: [String: [StaticEntity]] = [:]

  init(name: Name, kind: KindID, parent: StaticEntity?) {
    self.name = name
    self.kind = kind
    self.parent = parent
  }

  /// `vepc.sgw`
  var path: String { parent.map { "\($0.path).\(name.text)" } ?? name.text }
}

/// The entities that are known by name in a policy, a scenario or a test.
final class StaticWorld {
  var roots: [String: [StaticEntity]] = [:]
  var byName: [String: [StaticEntity]] = [:]
  /// Names nested somewhere under a parent kind, whether or not the parent has a written name.
  var nested: [KindID: [String: Set<KindID>]] = [:]
  /// Kinds of which the text makes entities by computed names or loads them.
  var openKinds: Set<KindID> = []
}

/// A name that a body binds.
struct LocalBinding {
  var id: LocalID
  var type: Type
  var range: SourceRange
  var decidedBy: [String] = []
  /// Whether the length of the list would depend on a decision.
  var hasDecidedShape = false
}

/// Where a body stands: what may be said in it.
enum Place {
  case field, function, global, rule, topLevel, scenario, test, objective
}

/// One body under construction: its slots, the names in scope and what is known about them.
final class Frame {
  let module: Int
  let place: Place
  var info = FrameInfo()
  var scopes: [[String: LocalBinding]] = [[:]]
  /// Local 0 of a body inside the declaration of an entity or record; its fields are in scope by their names.
  var this: Type?
  /// Paths that are not none here: see `path(of:)`.
  var narrowed: Set<String> = []
  /// Entities known by name besides those of the policy.
  var worlds: [StaticWorld] = []
  /// Makes that enclose this point, outermost first.
  var makes: [(kind: KindID, owner: LocalID, entity: StaticEntity?)] = []
  /// In tests: whether decisions read as known values here.
  var decisionsAreKnown = false
  /// Inside `always`, `possible`, `never`.
  var isQuantified = false

  init(module: Int, place: Place) {
    self.module = module
    self.place = place
  }

  func local(_ name: String) -> LocalBinding? {
    for scope in scopes.reversed() {
      if let binding = scope[name] { return binding }
    }
    return nil
  }

  func addSlot(_ name: String, _ type: Type) -> LocalID {
    info.localNames.append(name)
    info.localTypes.append(type)
    return LocalID(info.count - 1)
  }

  var localNames: [String] { scopes.flatMap(\.keys).sorted() }
}
