/// A kernel literal: twice the number of a propositional variable, plus one where negated.
///
/// Variable 0 is the constant: `Lit.yes` is always true.
struct Lit: Hashable, BitwiseCopyable {
  var code: Int32

  @inline(__always) init(code: Int32) { self.code = code }
  @inline(__always) init(variable: Int, isNegated: Bool = false) {
    code = Int32(truncatingIfNeeded: variable << 1 | (isNegated ? 1 : 0))
  }

  @inline(__always) var variable: Int { Int(code >> 1) }
  @inline(__always) var index: Int { Int(code) }
  @inline(__always) var isNegated: Bool { code & 1 != 0 }

  @inline(__always) static prefix func ! (literal: Lit) -> Lit { Lit(code: literal.code ^ 1) }
  static var yes: Lit { Lit(code: 0) }
  static var no: Lit { Lit(code: 1) }
}

/// Why a literal is true.
struct Reason: BitwiseCopyable {
  enum Kind: Int32 {
    /// Decided, or true from the start.
    case none
    /// All other literals of the clause at `payload` are false.
    case clause
    /// The literal with code `payload` is true.
    case literal
    /// All literals of the body at `payload` are true.
    case body
    /// The candidates that the domain has lost leave nothing else.
    case support
  }
  var kind: Kind
  var payload: Int32

  static var none: Reason { Reason(kind: .none, payload: 0) }
  static var support: Reason { Reason(kind: .support, payload: 0) }
  @inline(__always) static func clause(_ reference: Int) -> Reason {
    Reason(kind: .clause, payload: Int32(truncatingIfNeeded: reference))
  }
  @inline(__always) static func literal(_ literal: Lit) -> Reason {
    Reason(kind: .literal, payload: literal.code)
  }
  @inline(__always) static func body(_ offset: Int) -> Reason {
    Reason(kind: .body, payload: Int32(truncatingIfNeeded: offset))
  }
}

/// An entry of a watch list: the clause, or -1 for the binary clause whose other literal is the blocker.
struct Watcher: BitwiseCopyable {
  var clause: Int32
  var blocker: Lit
}

/// Whom to tell of an event, and what to remind it of.
struct Subscription: BitwiseCopyable {
  enum Target: Int32 {
    /// Linear `owner`: its term `a` has reached step `b`.
    case linearStep
    /// Linear `owner` is now asked for.
    case linearEnforced
    /// Load `owner`: item `a` is now in bin `b`; where `b` is negative the decision's value names the bin.
    case loadItem
    /// Capacity `owner` is now asked for.
    case capacityEnforced
    /// Hall check `owner` may have news.
    case hall
    /// Demand `owner` is now asked for.
    case demandEnforced
    /// One of the decisions of channel `owner` is fixed, or it is now asked for.
    case channel
    /// A view of distinct `owner` is fixed, or it is now asked for.
    case distinct
  }
  var target: Target
  var owner: Int32
  var a: Int32
  var b: Int32
}

/// What a variable says: `decision` is -1 for a plain variable; `what` is a candidate number, or -1 - slot for
/// the mask in that slot of the decision.
struct Meaning: BitwiseCopyable {
  var decision: Int32
  var what: Int32
  static var plain: Meaning { Meaning(decision: -1, what: 0) }
}

/// What the kernel keeps about a variable, in one place: whoever makes its literal true, asks why it is, or takes it
/// back needs most of it.
struct VariableState: BitwiseCopyable {
  /// Where it got its value, while it has one.
  var level: Int32 = 0
  var position: Int32 = 0
  var reason = Reason.none
  var meaning: Meaning
  /// A mark of conflict analysis.
  var seen: UInt8 = 0
  /// Whether any propagator waits for one of its literals.
  var isHeard = false
  /// For the check against a known solution: 1, 0, or -1 where unknown.
  var truth: Int8
}
