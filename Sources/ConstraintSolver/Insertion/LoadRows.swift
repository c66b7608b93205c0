import ConstraintModel

/// The rows and prices of all loads, by load and bin, in flat arrays.
struct LoadRows {
  struct Ref {
    var row: Int
    var coefficient: Int
  }

  /// What each row holds at most.
  var upper: [Int] = []
  /// How many bins share each row.
  private(set) var widths: [Int32] = []
  /// Where the bins of each load begin; one more at the end.
  private(set) var base: [Int] = [0]
  private var start: [Int] = []
  private var refs: [Ref] = []
  /// What the first item of a bin costs, at `base[load] + bin`.
  var opening: [Int] = []
  /// Of each load: whether it has rows, whether it has prices, and how much an average row holds.
  var hasRows: [Bool] = []
  private(set) var hasPrices: [Bool] = []
  private(set) var mean: [Double] = []

  /// Of no model yet.
  init() {}

  init(_ model: ConstraintModel, price: (Literal) -> Int?) {
    for load in model.loads { base.append(base[base.count - 1] + load.binCount) }
    let total = base[base.count - 1]
    opening = Array(repeating: 0, count: total)
    hasRows = Array(repeating: false, count: model.loads.count)
    hasPrices = hasRows
    mean = Array(repeating: 0, count: model.loads.count)
    var places: [Int] = []
    var found: [Ref] = []
    for constraint in model.constraints {
      guard case .linear(let terms, nil, let upper?) = constraint.form else { continue }
      let first = places.count
      guard Self.append(terms, of: model, row: self.upper.count, base, &places, &found) else { continue }
      if constraint.enforcedBy.isEmpty {
        self.upper.append(upper)
        widths.append(Int32(places.count - first))
        continue
      }
      // A bin that costs something when anything is in it.
      if constraint.enforcedBy.count == 1, places.count == first + 1, upper >= 0,
        upper < found[first].coefficient, let price = price(constraint.enforcedBy[0])
      {
        opening[places[first]] += price
        if case .load(let load, _) = terms[0].term { hasPrices[Int(load.index)] = true }
      }
      places.removeSubrange(first...)
      found.removeSubrange(first...)
    }
    start = Array(repeating: 0, count: total + 1)
    for place in places { start[place + 1] += 1 }
    for place in 0..<total { start[place + 1] += start[place] }
    var fill = start
    refs = Array(repeating: Ref(row: 0, coefficient: 0), count: places.count)
    for (place, ref) in zip(places, found) {
      refs[fill[place]] = ref
      fill[place] += 1
    }
    for load in model.loads.indices {
      let own = refs[start[base[load]]..<start[base[load + 1]]]
      hasRows[load] = !own.isEmpty
      let sum = own.reduce(0.0) { $0 + Double(upper[$1.row]) / Double($1.coefficient) }
      mean[load] = sum / Double(max(1, own.count))
    }
  }

  /// Appends the bins of a sum of loads; false, and nothing appended, where it is none.
  private static func append(
    _ terms: [LinearTerm], of model: ConstraintModel, row: Int, _ base: [Int], _ places: inout [Int],
    _ found: inout [Ref]
  ) -> Bool {
    let first = places.count
    for term in terms {
      guard case .load(let load, let bin) = term.term, term.coefficient > 0, bin >= 0,
        base[Int(load.index)] + Int(bin) < base[Int(load.index) + 1]
      else {
        places.removeSubrange(first...)
        found.removeSubrange(first...)
        return false
      }
      places.append(base[Int(load.index)] + Int(bin))
      found.append(Ref(row: row, coefficient: term.coefficient))
    }
    return true
  }

  func refs(_ load: Int, _ bin: Int) -> ArraySlice<Ref> {
    let place = base[load] + bin
    return refs[start[place]..<start[place + 1]]
  }

  func binCount(_ load: Int) -> Int { base[load + 1] - base[load] }
}
