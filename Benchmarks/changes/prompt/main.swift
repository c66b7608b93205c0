// What is added to a policy at the prompt, from the text to a new placement: checking it, making and stating what it
// touches, and the solver's share, beside making and stating the whole. Prints rows of a table.
// usage: prompt-driver POLICY INSTANCE NAME

import ConstraintModel
import ConstraintSolver
import Diagnostics
import Foundation
import PlacetSemantics
import PlacetVM
import Placet
import Placement

func cpuMilliseconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
}

func timed<T>(_ spent: inout Double, _ work: () throws -> T) rethrows -> T {
  let start = cpuMilliseconds()
  defer { spent = cpuMilliseconds() - start }
  return try work()
}

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
  print("usage: prompt-driver POLICY INSTANCE NAME")
  exit(64)
}

let main = Source(name: arguments[1], bytes: try PolicyFile.readBytes(path: arguments[1]))
var prompt = Checker.Session(main: main, modules: PolicyFile.modules(beside: arguments[1]))
var inputs = RunInputs()
inputs.parameters["instance"] = arguments[2]

@MainActor func stated() throws -> PlacementProblem {
  try PolicyFile(source: main, program: prompt.program, diagnostics: prompt.diagnostics).problem(inputs)
}

var whole = 0.0
var problem = try timed(&whole) { try stated() }
guard let placement = PlacementSession(problem.model) else {
  print("no placement to begin with")
  exit(1)
}

/// The texts of a kind of addition, each typed after the one before.
struct Kind {
  var name: String
  var text: (Int) -> String
}

/// Which function or host an addition is about.
func pick(_ number: Int, _ count: Int) -> Int { number * 7919 % count }
let functions = problem.model.principalDecisions.count { problem.model[$0].name.hasSuffix(".host") }

let kinds = [
  Kind(name: "a VNF more") { number in
    """
    for each r in [vnf_rows[\(pick(number, functions))]] {
      vnf "more-\(number)" {
        vcpu: r.vcpu, cpu: if r.dedicated then r.vcpu * 4 else r.vcpu, memory: r.mem, pages: r.hp, vfs: r.vf
        numa: if r.numa == "single" then single else if r.numa == "split" then split else float
        kinds: r.kinds, regions: r.regions, labels: r.labels, access: r.access, preference: r.pref
        if r.numa == "single" { guest "0" { } }
      }
    }
    """
  },
  Kind(name: "a rule more: three VNFs on different hosts") { number in
    let members = (0..<3).map { "vnf[\"vnf-\(pick(number * 3 + $0, functions))\"]" }
    return
      "rule apart_\(number) { require all_different(v.host for each v in [\(members.joined(separator: ", "))]) }"
  },
  Kind(name: "a host lost: a rule that bars it") { number in
    "rule lost_\(number) { for each vnf v { require v.host != host[\"host-\(number * 11)\"] } }"
  },
  Kind(name: "a rule typed again: another host barred") { number in
    "rule barred { for each vnf v { require v.host != host[\"host-\(number * 13 + 1)\"] } }"
  },
  Kind(name: "a link more") { number in
    "path \"more-\(number)\" { a: vnf[\"vnf-\(pick(number, functions))\"], "
      + "b: vnf[\"vnf-\(pick(number + 50, functions))\"], limit: 900000 }"
  },
]

for kind in kinds {
  var lines: [(check: Double, grow: Double, solve: Double, patched: Bool, moves: Int)] = []
  for number in 1...5 {
    var (check, grow, solve) = (0.0, 0.0, 0.0)
    let text = kind.text(number)
    let before = prompt.program
    let input = timed(&check) { prompt.read(Source(name: "<repl>", text: text + "\n")) }
    guard case .declarations = input,
      let delta = WorldDelta(from: before, to: prompt.program, in: problem.program)
    else {
      print("not taken: \(text) \(input)")
      exit(1)
    }
    guard let next = try timed(&grow, { try problem.grown(by: delta) }), let change = next.delta else {
      print("made anew: \(text)")
      exit(1)
    }
    problem = next
    let isPlaced = timed(&solve) { placement.change(change) }
    guard isPlaced, let solution = placement.solution,
      ModelChecker(next.model, values: solution.values).violated.isEmpty
    else {
      print("no placement after: \(text)")
      exit(1)
    }
    lines.append((check, grow, solve, placement.wasPatched, placement.moves))
  }
  func range(_ values: [Double]) -> String {
    let texts = [values.min() ?? 0, values.max() ?? 0].map { String(format: "%.1f", $0) }
    return texts[0] == texts[1] ? texts[0] : "\(texts[0]) to \(texts[1])"
  }
  print(
    "| \(arguments[3]) | \(kind.name) | \(range(lines.map(\.check))) | \(range(lines.map(\.grow))) "
      + "| \(String(format: "%.0f", whole)) | \(range(lines.map(\.solve))) "
      + "| \(lines.count { $0.patched }) of \(lines.count) | \(lines.map(\.moves).min() ?? 0) to \(lines.map(\.moves).max() ?? 0) |"
  )
  fflush(nil)
}

// The judge: what has grown says of the placement what a world says that is made of all of it.
let fresh = try stated()
let posted = [problem, fresh].map { each in
  each.model.constraints.count - each.model.constraints.count { $0.origin == Origin(0) }
}
if posted[0] != posted[1] { print("grown \(posted[0]) constraints of rules, made anew \(posted[1])") }
