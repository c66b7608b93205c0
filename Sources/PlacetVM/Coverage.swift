package import Diagnostics

/// How often places of the policy have been evaluated; counted where a world is given one.
package final class Coverage {
  package private(set) var places: [SourceRange] = []
  package private(set) var counts: [Int] = []
  private var numbers: [SourceRange: Int] = [:]

  package init() {}

  /// Times per line of a source, for lines where something was compiled.
  package func lines(of source: Source) -> [Int: Int] {
    var result: [Int: Int] = [:]
    for (place, count) in zip(places, counts) where place.source == source {
      result[place.line] = max(result[place.line] ?? 0, count)
    }
    return result
  }

  func counter(at range: SourceRange) -> Int {
    if let number = numbers[range] { return number }
    places.append(range)
    counts.append(0)
    numbers[range] = counts.count - 1
    return counts.count - 1
  }

  @inline(never)
  func count(_ number: Int) { counts[number] += 1 }
}
