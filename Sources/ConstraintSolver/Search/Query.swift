import ConstraintModel

/// One kernel that is asked again and again which sets of retractable origins can hold together.
final class Query {
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
  /// The retractable origins that some constraint has, ascending.
  let origins: [Origin]

  init(
    _ model: ConstraintModel, constraints: [Constraint], retractable: Set<Origin>,
    expansion: Expansion = Expansion()
  ) {
    var compiler = Compiler(
      model, constraints: constraints, retractable: retractable, expansion: expansion)
    compiler.addInitialOrder()
    assumptions = compiler.assumptions
    origins = compiler.assumptions.keys.sorted()
    var reverse: [Lit: Origin] = [:]
    for (origin, literal) in compiler.assumptions { reverse[literal] = origin }
    originOf = reverse
    decisionCount = model.decisions.count
    kernel = compiler.finish()
  }

  /// Whether these origins and all hard constraints can hold together. Earlier origins are assumed first.
  func ask(_ asked: [Origin], _ budget: Budget) -> Result {
    let literals = asked.compactMap { assumptions[$0] }
    var limits = Kernel.Limits()
    limits.work = budget.remaining == .max ? .max : kernel.work + max(0, budget.remaining)
    limits.shouldStop = budget.shouldStop
    limits.countsFirst = true
    let before = kernel.work
    defer { budget.spend(kernel.work - before) }
    switch kernel.search(assuming: literals, limits: limits) {
    case .satisfied:
      return .satisfied((0..<decisionCount).map { Int(kernel.solution[$0]) })
    case .unsatisfiable: return .refuted([])
    case .refuted: return .refuted(kernel.failed.array.compactMap { originOf[$0] })
    case .limit: return .unknown
    }
  }
}

/// What one question may still use, over all the kernels that help to answer it.
final class Budget {
  private(set) var remaining: Int
  private(set) var spent = 0
  let shouldStop: () -> Bool

  init(_ options: SolverOptions) {
    remaining = options.workLimit ?? .max
    shouldStop = options.shouldStop
  }

  func spend(_ work: Int) {
    spent += work
    if remaining != .max { remaining -= work }
  }
}
