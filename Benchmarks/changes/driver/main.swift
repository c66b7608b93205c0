// Changes of a running placement: five of each kind, one after the other, from the delta to the new placement. Prints
// rows of a table. usage: changes-driver FLAT-FILE NAME SECONDS-OF-A-FRESH-SOLVE

import ConstraintModel
import ConstraintSolver
import Foundation

func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let text = try? String(contentsOfFile: arguments[1], encoding: .utf8),
  let seconds = Double(arguments[3])
else {
  print("usage: changes-driver FLAT-FILE NAME SECONDS-OF-A-FRESH-SOLVE")
  exit(64)
}

/// The best placement that so many CPU seconds find, knowing of nothing that runs.
func solvedAnew(_ model: ConstraintModel) -> Solution? {
  let end = cpuSeconds() + seconds
  return try? Solver(model).solve(SolverOptions(shouldStop: { cpuSeconds() > end })).0.solution
}

let family = PlacementFamily(flat: text)
guard let first = solvedAnew(family.model) else {
  print("no placement in \(seconds) s")
  exit(1)
}

/// Repeats itself: which function, host or rule a change is about.
struct Draw {
  var state: UInt64 = 88_172_645_463_325_252
  mutating func callAsFunction(below bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }
}

let hosts = family.model[family.hosts[0]].candidateCount
/// The first load over hosts that has capacities is the second of all: the first counts what a host has.
let processors = LoadID(1)

struct Kind {
  var name: String
  var change: (PlacementSession, inout Draw) -> Bool
}

func items(_ session: PlacementSession) -> [Decision] {
  session.model.principalDecisions.filter { session.model[$0].candidateCount == hosts }
}

/// The time of the change alone: what is said in the delta is thought of before.
nonisolated(unsafe) var spent = 0.0
func timed(_ work: () -> Bool) -> Bool {
  let start = cpuSeconds()
  defer { spent = cpuSeconds() - start }
  return work()
}

func busyHost(_ session: PlacementSession, _ draw: inout Draw) -> Int {
  let all = items(session)
  return session.solution?.values[Int(all[draw(below: all.count)].index)] ?? 0
}

let kinds = [
  Kind(name: "a VNF more") { session, draw in
    let all = items(session)
    var changes = ModelChanges(session.model)
    let delta = changes.another(like: all[draw(below: all.count)])
    return timed { session.change(delta) }
  },
  Kind(name: "a VNF less") { session, draw in
    let all = items(session)
    let delta = ModelChanges(session.model).without(all[draw(below: all.count)])
    return timed { session.change(delta) }
  },
  Kind(name: "a rule more: three VNFs on different hosts") { session, draw in
    let identity = session.column(Array(0..<hosts))
    let all = items(session)
    // Those of one host, so that somebody has to leave.
    let host = busyHost(session, &draw)
    let there = all.filter { session.solution?.values[Int($0.index)] == host }
    let views = (there + [all[draw(below: all.count)]]).prefix(3).map { View($0, identity) }
    var changes = ModelChanges(session.model)
    let delta = changes.stating(.allDifferent(Array(Set(views)).sorted { $0.decision < $1.decision }, except: nil))
    return timed { session.change(delta) }
  },
  Kind(name: "a host with three quarters of its CPUs") { session, draw in
    let delta = ModelChanges(session.model).resized(processors, busyHost(session, &draw)) { $0 * 3 / 4 }
    return timed { session.change(delta) }
  },
  Kind(name: "a VIM that costs a tenth more") { session, draw in
    var delta = ModelDelta()
    let column = session.model.objectives[0].terms.lazy.compactMap { term -> ColumnID? in
      if case .view(let view) = term.term { view.column } else { nil }
    }.first
    if let column {
      let prices = session.model[column]
      let price = prices[draw(below: prices.count)]
      delta.columns[column] = prices.map { $0 == price ? max($0 + 1, $0 * 11 / 10) : $0 }
    }
    return timed { session.change(delta) }
  },
  Kind(name: "a host lost") { session, draw in
    let host = busyHost(session, &draw)
    return timed { session.lose(candidates: [host]) }
  },
]

for kind in kinds {
  guard let session = PlacementSession(family.model, from: first.values) else { continue }
  var draw = Draw()
  var lines: [(ms: Double, moves: Int, gap: Double, after: Double)] = []
  var failed = 0
  for _ in 0..<5 {
    guard kind.change(session, &draw), let solution = session.solution,
      ModelChecker(session.model, values: solution.values).violated.isEmpty,
      let fresh = solvedAnew(session.model)
    else {
      failed += 1
      break
    }
    let moves = session.moves
    session.improve(work: 5_000_000)
    func gap(_ value: Int) -> Double { 100 * (Double(value) / Double(fresh.objectives[0]) - 1) }
    lines.append(
      (spent * 1000, moves, gap(solution.objectives[0]), gap(session.solution?.objectives[0] ?? .max)))
  }
  func range<T: Comparable>(_ values: [T], _ text: (T) -> String) -> String {
    guard let low = values.min(), let high = values.max() else { return "-" }
    return low == high ? text(low) : "\(text(low)) to \(text(high))"
  }
  func percent(_ value: Double) -> String { String(format: "%+.2f", value) }
  print(
    "| \(arguments[2]) | \(kind.name) | \(range(lines.map(\.ms)) { String(format: "%.1f", $0) }) "
      + "| \(range(lines.map(\.moves)) { "\($0)" }) | \(range(lines.map(\.gap), percent)) "
      + "| \(range(lines.map(\.after), percent)) | \(failed == 0 ? "5" : "\(lines.count), then none") |")
  fflush(stdout)
}
