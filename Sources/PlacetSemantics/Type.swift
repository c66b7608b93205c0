package import Quantities

/// A static type. Every expression has one; there is no implicit conversion but `int` to `ratio` (exact) and
/// `T` to `T?`, both spelt out in the typed tree.
package indirect enum Type: Hashable, Sendable {
  case bool
  case int
  case float
  case text
  /// An exact rational in base units; `.none` is a ratio such as `80 %` or `1/3`.
  case quantity(Dimension)
  case enumeration(EnumID)
  case record(RecordID)
  /// `(name: "x", ok: true)`: a record without a name, compared by its fields in order.
  case anonymous([Labelled])
  case tuple([Type])
  case optional(Type)
  case list(Type)
  case set(Type)
  case map(Type, Type)
  /// `1..8`: a range of `int` or of a quantity.
  case range(Type)
  case function([Type], Type)
  case entity(KindID)
  /// A rule as a value, in tests: `why(x, not: h).rules == set [capabilities]`.
  case rule
  /// What `let a = solve` gives.
  case solution
  /// Of `refuse`: fits everywhere.
  case never
  /// Of `none` alone: fits every optional.
  case nothing
  /// Already reported; fits everywhere, so that one mistake gives one message.
  case error

  package struct Labelled: Hashable, Sendable {
    package var label: String
    package var type: Type
    package init(label: String, type: Type) { self.label = label; self.type = type }
  }

  package static let ratio = Type.quantity(.none)
}

package struct EnumID: Hashable, Sendable { package var index: Int; package init(_ i: Int) { index = i } }
package struct RecordID: Hashable, Sendable { package var index: Int; package init(_ i: Int) { index = i } }
package struct KindID: Hashable, Sendable { package var index: Int; package init(_ i: Int) { index = i } }
package struct FunctionID: Hashable, Sendable { package var index: Int; package init(_ i: Int) { index = i } }
package struct GlobalID: Hashable, Sendable { package var index: Int; package init(_ i: Int) { index = i } }
package struct RuleID: Hashable, Sendable { package var index: Int; package init(_ i: Int) { index = i } }
package struct ScenarioID: Hashable, Sendable { package var index: Int; package init(_ i: Int) { index = i } }
/// A slot of the frame of one body: parameters first, then what the body binds, each binding its own slot.
package struct LocalID: Hashable, Sendable { package var index: Int; package init(_ i: Int) { index = i } }
