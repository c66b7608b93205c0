import ConstraintModel
import PlacetSemantics
import Quantities

/// A value that decisions decide, as the stater holds it while it walks decided code.
///
/// Columns and formulas, by far the most frequent, live in the handle itself (see `Value.column`,
/// `Value.formula`); the rest is kept by the model builder.
enum Stated {
  /// A value for each pair of candidates of two decisions, the first with the lower number.
  case grid(Decision, Decision, GridID)
  /// A sum; of int or a quantity.
  case linear(Linear)
  /// A tuple, record or list with decided members; its shape is known.
  case composite([Value], Type)
  /// One of several values; exactly one condition holds where the choice is looked at.
  case choice([Alternative])
  /// A function written in decided code, with the frame that it captured.
  case lambda(TypedExpression.Lambda, frame: [Value])
}

struct Alternative {
  var condition: FormulaID
  var value: Value
}

/// A finite list of candidates, shared by all decisions that choose from equal lists.
struct DomainID: Hashable {
  var index: Int32
  init(_ index: Int) { self.index = Int32(index) }
}

/// What a column holds for each candidate of a domain, in classes of equal values.
struct MappingID: Hashable {
  var index: Int32
  init(_ index: Int) { self.index = Int32(index) }
}

/// A matrix over classes of two domains.
struct GridID: Hashable {
  var index: Int32
  init(_ index: Int) { self.index = Int32(index) }
}

/// A formula by its number; equal formulas have equal numbers.
struct FormulaID: Hashable {
  var index: Int32
  init(_ index: Int) { self.index = Int32(index) }
  static let never = FormulaID(0)
  static let always = FormulaID(1)
  init(_ truth: Bool) { self.init(truth ? 1 : 0) }
  var isConstant: Bool { index < 2 }
}

/// A sum of terms with exact coefficients.
struct Linear: Hashable {
  enum Base: Hashable {
    /// The number that a mapping holds for the decision's value.
    case column(Decision, MappingID)
    /// 1 or 0.
    case literal(Literal)
    case grid(Decision, Decision, GridID)
    /// Integers.
    case load(LoadID, bin: Int32)
    /// Integers: what the sum exceeds 0 by.
    case ramp(SumID)
  }
  struct Part: Hashable {
    var coefficient: Rational
    var base: Base
  }
  var constant: Rational
  var parts: [Part]
  init(constant: Rational = Rational(0), parts: [Part] = []) {
    self.constant = constant
    self.parts = parts
  }
}

extension Value {
  /// Stands where evaluation was refused, or where no value is needed: whatever it is, nobody may care.
  static let void = Value(bits: 0, aux: -1)
  var isVoid: Bool { aux == -1 }

  static func column(_ decision: Decision, _ mapping: MappingID) -> Value {
    Value(bits: Int(decision.index) << 32 | Int(mapping.index), aux: .min)
  }
  static func formula(_ formula: FormulaID) -> Value {
    Value(bits: ~(Int(formula.index) << 1 | 1), aux: .min)
  }
  static func stated(_ index: Int) -> Value { Value(bits: ~(index << 1), aux: .min) }

  /// Of a decided value.
  var reading: Reading {
    if bits >= 0 {
      return .column(Decision(bits >> 32), MappingID(bits & 0xFFFF_FFFF))
    }
    let rest = ~bits
    return rest & 1 == 1 ? .formula(FormulaID(rest >> 1)) : .stated(rest >> 1)
  }

  enum Reading {
    case column(Decision, MappingID)
    case formula(FormulaID)
    /// Index into what the builder keeps.
    case stated(Int)
  }
}
