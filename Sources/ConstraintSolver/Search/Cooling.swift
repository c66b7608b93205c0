/// One pass of annealing from hot to cold, by the work of the search.
struct Cooling {
  private(set) var begin: Int
  private(set) var end: Int
  /// How far it was where it was stretched.
  private var phaseAtBegin = 0.0
  /// How long one after it is.
  private let rest: Int

  init(from begin: Int, until end: Int) {
    self.init(from: begin, until: end, rest: max(1, (end - begin) / 4))
  }

  private init(from begin: Int, until end: Int, rest: Int) {
    self.begin = begin
    self.end = max(end, begin + 1)
    self.rest = rest
  }

  /// How far it is: 0 where it is hot, 1 where it is cold.
  @inline(__always)
  func phase(at work: Int) -> Double {
    let share = Double(work &- begin) / Double(end &- begin)
    return min(1, phaseAtBegin + (1 - phaseAtBegin) * share)
  }

  /// Goes on from the heat that it has, to be cold at another end.
  mutating func stretch(at work: Int, until end: Int) {
    phaseAtBegin = phase(at: work)
    begin = work
    self.end = max(end, work + 1)
  }

  /// Another one, where there is more work than it seemed.
  func next(at work: Int) -> Cooling { Cooling(from: work, until: work + rest, rest: rest) }
}
