import ConstraintModel
import PlacetSemantics

/// Builds a constraint model out of stated values: domains and mappings of decisions, formulas, linear sums,
/// loads. It knows values and their types, and nothing of the language.
///
/// Everything is interned, so that ten thousand instances that go through the same attributes of the same
/// candidates share what is computed of them.
final class ModelBuilder {
  let heap: Heap
  var model = ConstraintModel()
  /// Where posted constraints go while something is added for the moment: nil is the model itself.
  var extras: [Constraint]?
  /// Of what only says what auxiliary decisions mean; always in force.
  static let definition = Origin(0)

  // Domains
  var domains: [Domain] = []
  var domainOf: [DomainID] = []
  var scratchDomain = DomainID(0)
  var mappings: [Mapping] = []
  var grids: [Grid] = []
  var domainIDs: [DomainKey: DomainID] = [:]
  var refinements: [[MappingID]: (partition: MappingID, classes: [[Int32]])] = [:]
  var indicators: [IndicatorKey: MappingID] = [:]
  var canonicalOf: [Value: Value] = [:]
  var canonicalBuckets: [CanonicalKey: [Value]] = [:]
  var valueNumbers: [Value: Int] = [:]

  // Stated values
  var stated: [Stated] = []
  var pointwise: [PointwiseKey: PointwiseResult] = [:]

  // Formulas
  var formulas: [FormulaNode] = []
  var formulaIDs: [FormulaNode: FormulaID] = [:]
  var negations: [FormulaID: FormulaID] = [:]
  /// Auxiliary booleans that imply a formula, and those that equal one.
  var implying: [FormulaID: Literal] = [:]
  var equalling: [FormulaID: Literal] = [:]
  var loadTotals: [Int] = []
  /// Loads of which something was dropped, or found impossible, because of what lies in them altogether.
  var loadsJudgedByTotal: Set<LoadID> = []
  /// The most that the positive part of a sum comes to.
  var rampHeights: [SumID: Int] = [:]
  let boolean: DomainID

  init(heap: Heap) {
    self.heap = heap
    boolean = DomainID(0)
    formulas = [.constant(false), .constant(true)]
    formulaIDs = [.constant(false): .never, .constant(true): .always]
    _ = domain([Value(false), Value(true)], type: .bool)
  }

  /// A builder of its own that goes on from what another has built.
  init(copying other: ModelBuilder, heap: Heap) {
    self.heap = heap
    model = other.model
    extras = other.extras
    domains = other.domains
    domainOf = other.domainOf
    scratchDomain = other.scratchDomain
    mappings = other.mappings
    grids = other.grids
    domainIDs = other.domainIDs
    refinements = other.refinements
    indicators = other.indicators
    canonicalOf = other.canonicalOf
    canonicalBuckets = other.canonicalBuckets
    valueNumbers = other.valueNumbers
    stated = other.stated
    pointwise = other.pointwise
    formulas = other.formulas
    formulaIDs = other.formulaIDs
    negations = other.negations
    implying = other.implying
    equalling = other.equalling
    loadTotals = other.loadTotals
    loadsJudgedByTotal = other.loadsJudgedByTotal
    rampHeights = other.rampHeights
    boolean = other.boolean
  }

  func addDecision(_ domain: DomainID, name: String, isAuxiliary: Bool, preferred: Int? = nil) -> Decision {
    domainOf.append(domain)
    return model.addDecision(
      candidates: size(domain), name: name, isAuxiliary: isAuxiliary, preferred: preferred)
  }

  /// Puts more items into the bins of a load.
  func join(_ items: [Load.Item], to load: LoadID) {
    model.join(items, to: load)
    loadTotals[Int(load.index)] += items.reduce(0) { $0 + $1.weight }
  }

  func keep(_ value: Stated) -> Value {
    stated.append(value)
    return .stated(stated.count - 1)
  }

  func keep(_ linear: Linear) -> Value { keep(.linear(linear)) }
}

struct DomainKey: Hashable {
  var candidates: [Value]
  var type: Type
}

struct CanonicalKey: Hashable {
  var hash: Int
  var type: Type
}

struct IndicatorKey: Hashable {
  var mask: MaskID
  var domain: DomainID
}
