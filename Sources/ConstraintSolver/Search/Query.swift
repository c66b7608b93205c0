import ConstraintModel

/// One kernel that is asked again and again which sets of retractable origins can hold together.
struct Query: ~Copyable {
  enum Result {
    case satisfied([Int])
    /// The asked origins that the refutation rests on.
    case refuted([Origin])
    case unknown
  }

  private var kernel: Kernel
  private let assumptions: [Origin: Lit]
  private let originOf: [Lit: Origin]
  private let decisionCount: Int
  private let options: SolverOptions
  /// The retractable origins that some constraint has, ascending.
  let origins: [Origin]

  init(
    _ model: ConstraintModel, constraints: [Constraint], retractable: Set<Origin>,
    options: SolverOptions
  ) {
    var compiler = Compiler(model, constraints: constraints, retractable: retractable)
    compiler.addInitialOrder()
    assumptions = compiler.assumptions
    origins = compiler.assumptions.keys.sorted()
    var reverse: [Lit: Origin] = [:]
    for (origin, literal) in compiler.assumptions { reverse[literal] = origin }
    originOf = reverse
    decisionCount = model.decisions.count
    self.options = options
    kernel = compiler.finish()
  }

  var work: Int { kernel.work }

  /// Whether these origins and all hard constraints can hold together. Earlier origins are assumed first.
  mutating func ask(_ asked: [Origin], conflictLimit: Int = .max) -> Result {
    let literals = asked.compactMap { assumptions[$0] }
    var limits = Kernel.Limits()
    limits.conflicts = conflictLimit
    limits.work = options.workLimit ?? .max
    limits.shouldStop = options.shouldStop
    limits.countsFirst = true
    switch kernel.search(assuming: literals, limits: limits) {
    case .satisfied:
      return .satisfied((0..<decisionCount).map { Int(kernel.solution[$0]) })
    case .unsatisfiable: return .refuted([])
    case .refuted: return .refuted(kernel.failed.array.compactMap { originOf[$0] })
    case .limit: return .unknown
    }
  }
}
