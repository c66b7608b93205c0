import ConstraintModel
import PlacetSemantics
import Quantities

/// A list of candidates.
struct Domain {
  var candidates: [Value]
  var type: Type
  /// The column that holds the candidates themselves.
  var identity: MappingID
}

/// A value for each candidate of a domain: `values[classOf[candidate]]`. Values of classes are distinct.
struct Mapping {
  var domain: DomainID
  var classOf: [Int32]
  var values: [Value]

  // What is asked for again and again.
  var classNumbers: [Value: Int32]?
  var literals: [Int32: MaskID] = [:]
  var truth: MaskID?
  var numbering: ColumnID?
  var classColumn: ColumnID?
  var integers: Integers?

  init(domain: DomainID, classOf: [Int32], values: [Value]) {
    self.domain = domain
    self.classOf = classOf
    self.values = values
  }

  /// The numbers of a mapping as a column of integers: number = integer · unit.
  struct Integers {
    var column: ColumnID
    var unit: Rational
    var low: Int
    var high: Int
  }
}

/// A value for each pair of classes of two partitions: `cells[row * columnCount + column]`.
struct Grid {
  /// Mappings of which only the classes count.
  var rows: MappingID
  var columns: MappingID
  var columnCount: Int
  var cells: [Value]

  var truth: TableID?
  var integers: Integers?

  struct Integers {
    var table: TableID
    var unit: Rational
    var low: Int
    var high: Int
  }
}

/// Domains, mappings and grids of a model under construction.
extension ModelBuilder {
  /// Equal lists give the same domain.
  func domain(_ candidates: [Value], type: Type) -> DomainID {
    let candidates = candidates.map { canonical($0, type) }
    let key = DomainKey(candidates: candidates, type: type)
    if let known = domainIDs[key] { return known }
    let id = DomainID(domains.count)
    domains.append(Domain(candidates: candidates, type: type, identity: MappingID(mappings.count)))
    mappings.append(
      Mapping(domain: id, classOf: candidates.indices.map(Int32.init), values: candidates))
    domainIDs[key] = id
    return id
  }

  func size(_ domain: DomainID) -> Int { domains[Int(domain.index)].candidates.count }

  func domain(of decision: Decision) -> DomainID {
    decision == .scratch ? scratchDomain : domainOf[Int(decision.index)]
  }

  /// A decision with its candidates as a column.
  func column(of decision: Decision) -> Value {
    .column(decision, domains[Int(domain(of: decision).index)].identity)
  }

  /// One value for equal values of a type, so that words can be compared from here on.
  func canonical(_ value: Value, _ type: Type) -> Value {
    if value.aux <= 0 { return value }
    switch type {
    case .bool, .int, .quantity, .entity, .rule, .never, .nothing, .error, .solution, .function:
      return value
    case .enumeration(let id) where !heap.hasPayload(id): return value
    case .optional(let wrapped): return canonical(value, wrapped)
    default: break
    }
    if let known = canonicalOf[value] { return known }
    let hash = heap.hash(value, type: type)
    let bucket = CanonicalKey(hash: hash, type: type)
    for known in canonicalBuckets[bucket, default: []] where heap.equal(known, value, type: type) {
      canonicalOf[value] = known
      return known
    }
    canonicalBuckets[bucket, default: []].append(value)
    canonicalOf[value] = value
    return value
  }

  /// A mapping with `results[class]` for each class of `source`, classes with equal results merged.
  func mapped(_ source: MappingID, to results: [Value]) -> MappingID {
    var numbers: [Value: Int32] = [:]
    var values: [Value] = []
    var renumbered: [Int32] = []
    renumbered.reserveCapacity(results.count)
    for result in results {
      if let number = numbers[result] {
        renumbered.append(number)
      } else {
        let number = Int32(values.count)
        numbers[result] = number
        values.append(result)
        renumbered.append(number)
      }
    }
    let old = mappings[Int(source.index)]
    return addMapping(
      Mapping(domain: old.domain, classOf: old.classOf.map { renumbered[Int($0)] }, values: values))
  }

  private func addMapping(_ mapping: Mapping) -> MappingID {
    mappings.append(mapping)
    return MappingID(mappings.count - 1)
  }

  /// The coarsest partition that is as fine as each of the given; for each of its classes, the class in each.
  func refined(_ parts: [MappingID]) -> (partition: MappingID, classes: [[Int32]]) {
    let first = mappings[Int(parts[0].index)]
    if parts.allSatisfy({ $0 == parts[0] }) {
      return (
        parts[0], first.values.indices.map { Array(repeating: Int32($0), count: parts.count) }
      )
    }
    if let known = refinements[parts] { return known }
    let columns = parts.map { mappings[Int($0.index)].classOf }
    var numbers: [[Int32]: Int32] = [:]
    var classes: [[Int32]] = []
    let classOf = first.classOf.indices.map { candidate -> Int32 in
      let key = columns.map { $0[candidate] }
      if let number = numbers[key] { return number }
      let number = Int32(classes.count)
      numbers[key] = number
      classes.append(key)
      return number
    }
    let values = classes.indices.map { Value($0) }
    let partition = addMapping(Mapping(domain: first.domain, classOf: classOf, values: values))
    refinements[parts] = (partition, classes)
    return (partition, classes)
  }

  /// The mask of the candidates whose class is among those asked for.
  func mask(_ mapping: MappingID, where isIn: (Value) -> Bool) -> MaskID {
    let known = mappings[Int(mapping.index)]
    let chosen = known.values.map(isIn)
    return model.mask(Bitset(count: known.classOf.count) { chosen[Int(known.classOf[$0])] })
  }

  /// The candidates of one class.
  func mask(_ mapping: MappingID, class number: Int32) -> MaskID {
    if let known = mappings[Int(mapping.index)].literals[number] { return known }
    let classOf = mappings[Int(mapping.index)].classOf
    let mask = model.mask(Bitset(count: classOf.count) { classOf[$0] == number })
    mappings[Int(mapping.index)].literals[number] = mask
    return mask
  }

  /// The class whose value this is.
  func classNumber(_ mapping: MappingID, of value: Value) -> Int32? {
    let index = Int(mapping.index)
    if mappings[index].classNumbers == nil {
      var numbers: [Value: Int32] = [:]
      for (number, value) in mappings[index].values.enumerated() { numbers[value] = Int32(number) }
      mappings[index].classNumbers = numbers
    }
    return mappings[index].classNumbers?[value]
  }

  /// Where a mapping of bools is true.
  func truth(_ mapping: MappingID) -> MaskID {
    if let known = mappings[Int(mapping.index)].truth { return known }
    let mask = mask(mapping) { !$0.isVoid && $0.bool }
    mappings[Int(mapping.index)].truth = mask
    return mask
  }

  /// A column of numbers that are equal just where values are, across all mappings of a type.
  func numbering(_ mapping: MappingID) -> ColumnID {
    if let known = mappings[Int(mapping.index)].numbering { return known }
    let numbers = mappings[Int(mapping.index)].values.map(number(of:))
    let column = model.column(mappings[Int(mapping.index)].classOf.map { numbers[Int($0)] })
    mappings[Int(mapping.index)].numbering = column
    return column
  }

  func number(of value: Value) -> Int {
    if let known = valueNumbers[value] { return known }
    let number = valueNumbers.count
    valueNumbers[value] = number
    return number
  }

  /// Numbers of classes, as rows or columns of a table.
  func classColumn(_ mapping: MappingID) -> ColumnID {
    if let known = mappings[Int(mapping.index)].classColumn { return known }
    let column = model.column(mappings[Int(mapping.index)].classOf.map(Int.init))
    mappings[Int(mapping.index)].classColumn = column
    return column
  }

  /// A mapping of two classes: 1 in the mask, 0 outside.
  func indicator(_ mask: MaskID, domain: DomainID) -> MappingID {
    let key = IndicatorKey(mask: mask, domain: domain)
    if let known = indicators[key] { return known }
    let bits = model[mask]
    let classOf = (0..<bits.count).map { bits.contains($0) ? Int32(1) : 0 }
    let id = addMapping(
      Mapping(domain: domain, classOf: classOf, values: [Value(false), Value(true)]))
    indicators[key] = id
    return id
  }

  /// Integers of a mapping of numbers; nil beyond 64 bits.
  func integers(_ mapping: MappingID) -> Mapping.Integers? {
    if let known = mappings[Int(mapping.index)].integers { return known }
    guard let (unit, integers) = Self.scaled(mappings[Int(mapping.index)].values) else { return nil }
    let column = model.column(mappings[Int(mapping.index)].classOf.map { integers[Int($0)] })
    let result = Mapping.Integers(
      column: column, unit: unit, low: integers.min() ?? 0, high: integers.max() ?? 0)
    mappings[Int(mapping.index)].integers = result
    return result
  }

  /// Integers of a grid of numbers; nil beyond 64 bits.
  func integers(_ grid: GridID) -> Grid.Integers? {
    if let known = grids[Int(grid.index)].integers { return known }
    guard let (unit, integers) = Self.scaled(grids[Int(grid.index)].cells) else { return nil }
    let result = Grid.Integers(
      table: table(integers, width: grids[Int(grid.index)].columnCount), unit: unit,
      low: integers.min() ?? 0, high: integers.max() ?? 0)
    grids[Int(grid.index)].integers = result
    return result
  }

  /// Where a grid of bools is true.
  func truth(_ grid: GridID) -> TableID {
    if let known = grids[Int(grid.index)].truth { return known }
    let cells = grids[Int(grid.index)].cells.map { !$0.isVoid && $0.bool ? 1 : 0 }
    let table = table(cells, width: grids[Int(grid.index)].columnCount)
    grids[Int(grid.index)].truth = table
    return table
  }

  private func table(_ cells: [Int], width: Int) -> TableID {
    model.table(
      stride(from: 0, to: cells.count, by: max(width, 1)).map { Array(cells[$0..<$0 + width]) })
  }

  /// Views of the rows and columns of a grid.
  func views(_ first: Decision, _ second: Decision, _ grid: GridID) -> (View, View) {
    let grid = grids[Int(grid.index)]
    return (View(first, classColumn(grid.rows)), View(second, classColumn(grid.columns)))
  }

  /// Numbers (void counts as 0) as multiples of the largest unit of which they are.
  static func scaled(_ values: [Value]) -> (unit: Rational, integers: [Int])? {
    var scale = 1
    for value in values where value.aux > 1 {
      guard let next = leastCommonMultiple(scale, value.aux) else { return nil }
      scale = next
    }
    var integers: [Int] = []
    integers.reserveCapacity(values.count)
    for value in values {
      if value.aux <= 0 {
        integers.append(0)
        continue
      }
      let (product, overflow) = value.bits.multipliedReportingOverflow(by: scale / value.aux)
      if overflow { return nil }
      integers.append(product)
    }
    let divisor = integers.reduce(0) { greatestCommonDivisor($0, $1) }
    if divisor > 1 { integers = integers.map { $0 / divisor } }
    guard let unit = Rational(max(divisor, 1), over: scale) else { return nil }
    return (unit, integers)
  }

  static func leastCommonMultiple(_ a: Int, _ b: Int) -> Int? {
    let (product, overflow) = a.multipliedReportingOverflow(by: b / greatestCommonDivisor(a, b))
    return overflow ? nil : product
  }

  static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    var (x, y) = (a.magnitude, b.magnitude)
    while y != 0 { (x, y) = (y, x % y) }
    return Int(x)
  }
}

extension Decision {
  /// Stands for a decision whose candidates are being found.
  static let scratch = Decision(Int(Int32.max))
}
