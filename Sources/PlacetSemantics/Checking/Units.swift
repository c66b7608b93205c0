import Diagnostics
import PlacetSyntax
import Quantities

/// Dimensions and units: declared in any module, known in all of them.
extension TypeChecker {
  func declareUnits() {
    program.units.declare(Unit(name: "%", dimension: .none, factor: Rational(reduced: 1, over: 100)))
    for module in graph.modules {
      for item in module.tree.items {
        switch item {
        case .dimension(let item): declareDimension(item)
        case .unit(let item): declareUnit(item)
        default: continue
        }
      }
    }
  }

  private func declareDimension(_ item: DefinitionItem) {
    guard program.units.dimensions[item.name.text] == nil else {
      return report(
        .declaredTwice(item.name, what: "dimension", first: definitionRanges["dimension \(item.name.text)"]))
    }
    definitionRanges["dimension \(item.name.text)"] = item.name.range
    guard let value = item.value else {
      _ = program.units.declareBase(item.name.text)
      return
    }
    guard let dimension = dimension(of: value) else { return }
    program.units.declare(dimension: item.name.text, as: dimension)
  }

  private func declareUnit(_ item: DefinitionItem) {
    guard program.units.units[item.name.text] == nil else {
      return report(
        .declaredTwice(item.name, what: "unit", first: definitionRanges["unit \(item.name.text)"]))
    }
    definitionRanges["unit \(item.name.text)"] = item.name.range
    guard let value = item.value else {
      let dimension = program.units.dimensions[item.name.text] ?? program.units.declareBase(item.name.text)
      return program.units.declare(Unit(name: item.name.text, dimension: dimension, factor: Rational(1)))
    }
    if case .name(let name) = value, let dimension = program.units.dimensions[name.text] {
      return program.units.declare(Unit(name: item.name.text, dimension: dimension, factor: Rational(1)))
    }
    guard let (factor, dimension) = amount(of: value) else { return }
    guard factor.numerator > 0 else {
      return report(.wrongDefinition("a unit is more than nothing", at: value.range))
    }
    program.units.declare(Unit(name: item.name.text, dimension: dimension, factor: factor))
  }

  /// `data / time`, `1 / time`, `power * time`
  private func dimension(of expression: Expression) -> Dimension? {
    switch expression {
    case .name(let name):
      if let dimension = program.units.dimensions[name.text] { return dimension }
      report(
        Diagnostic(
          "E0202", "no dimension is called '\(name.text)'", at: .init(name.range, "not a dimension")
        ).suggesting(name, among: program.units.dimensionNames))
      return nil
    case .number("1", nil, _): return Dimension.none
    case .binary(.multiply, let a, let b, _, _):
      guard let a = dimension(of: a), let b = dimension(of: b) else { return nil }
      return a.multiplied(by: b)
    case .binary(.divide, let a, let b, _, _):
      guard let a = dimension(of: a), let b = dimension(of: b) else { return nil }
      return a.divided(by: b)
    default:
      report(.wrongDefinition("a dimension is made of dimensions by '*' and '/'", at: expression.range))
      return nil
    }
  }

  /// `1024 MiB`, `1 W * 1 h`
  private func amount(of expression: Expression) -> (Rational, Dimension)? {
    switch expression {
    case .number(let digits, let unit, let range):
      return amount(digits: digits, unit: unit, at: range)
    case .binary(let symbol, let a, let b, _, let range) where symbol == .multiply || symbol == .divide:
      guard let a = amount(of: a), let b = amount(of: b) else { return nil }
      let factor = symbol == .multiply ? a.0.multiplied(by: b.0) : a.0.divided(by: b.0)
      guard let factor else {
        report(.numberTooLarge(at: range))
        return nil
      }
      return (factor, symbol == .multiply ? a.1.multiplied(by: b.1) : a.1.divided(by: b.1))
    default:
      report(
        .wrongDefinition("a unit is an amount of other units, or a base dimension", at: expression.range))
      return nil
    }
  }

  /// An amount as written, in base units; reports an unknown unit and what does not fit.
  func amount(digits: String, unit: Name?, at range: SourceRange) -> (Rational, Dimension)? {
    guard let number = Rational(decimal: digits) else {
      report(.numberTooLarge(at: range))
      return nil
    }
    guard let unit else { return (number, .none) }
    for part in unit.text.split(separator: "/", omittingEmptySubsequences: false)
    where program.units.units[String(part)] == nil {
      let start = unit.text.utf8.distance(from: unit.text.startIndex, to: part.startIndex)
      let place = SourceRange(
        unit.range.source, unit.range.start + start, unit.range.start + start + part.utf8.count)
      report(.unknownUnit(Name(String(part), place), known: program.units.unitNames))
      return nil
    }
    guard let known = program.units.unit(written: unit.text), let amount = number.multiplied(by: known.factor)
    else {
      report(.numberTooLarge(at: range))
      return nil
    }
    return (amount, known.dimension)
  }
}
