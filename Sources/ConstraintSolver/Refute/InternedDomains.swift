import ConstraintModel

/// Sets of candidates as small numbers. At size thousands of decisions are left with one of a few dozen sets: what is
/// worked out for one of these is worked out once.
struct InternedDomains {
  private let model: ConstraintModel
  private(set) var sets: [Bitset] = []
  private var numberOf: [Bitset: Int] = [:]
  private var valuesOf: [ColumnOfDomain: [Int]] = [:]
  private var restricted: [RestrictionKey: Int] = [:]

  init(_ model: ConstraintModel) { self.model = model }

  mutating func number(_ set: Bitset) -> Int {
    if let known = numberOf[set] { return known }
    sets.append(set)
    numberOf[set] = sets.count - 1
    return sets.count - 1
  }

  /// What a column holds for the candidates of a set, ascending, each once.
  mutating func values(_ column: ColumnID, of domain: Int) -> [Int] {
    let key = ColumnOfDomain(column: column, domain: domain)
    if let known = valuesOf[key] { return known }
    let cells = model[column]
    let values = Set(sets[domain].members.map { cells[$0] }).sorted()
    valuesOf[key] = values
    return values
  }

  /// The candidates of a set that a literal leaves.
  mutating func keeping(_ literal: Literal, in domain: Int) -> Int {
    let key = RestrictionKey(mask: literal.mask, isNegated: literal.isNegated, domain: domain)
    if let known = restricted[key] { return known }
    let mask = model[literal.mask]
    let kept =
      literal.isNegated ? sets[domain].subtracting(mask) : sets[domain].intersection(mask)
    let result = number(kept)
    restricted[key] = result
    return result
  }

  /// The candidates of a set whose value is one of these.
  mutating func keeping(_ values: [Int], of column: ColumnID, in domain: Int) -> Int {
    let (cells, allowed, set) = (model[column], Set(values), sets[domain])
    return number(Bitset(count: set.count) { set.contains($0) && allowed.contains(cells[$0]) })
  }

  /// A decision seen through a column, with what is left of it.
  struct ColumnOfDomain: Hashable {
    var column: ColumnID
    var domain: Int
  }

  private struct RestrictionKey: Hashable {
    var mask: MaskID
    var isNegated: Bool
    var domain: Int
  }
}
