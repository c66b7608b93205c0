// Solves a DIMACS file by the kernel alone and prints: verdict, propagations, conflicts, decisions, CPU seconds.
// A solution is checked against the clauses. usage: kernel-driver FILE [CONFLICTS]

import ConstraintSolver
import Foundation

func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

guard CommandLine.arguments.count > 1,
  let text = try? String(contentsOfFile: CommandLine.arguments[1], encoding: .utf8)
else {
  print("usage: kernel-driver FILE [CONFLICTS]")
  exit(64)
}
var variables = 0
var clauses: [[Int]] = []
var open: [Int] = []
for line in text.split(separator: "\n") where !line.hasPrefix("c") && !line.hasPrefix("%") {
  if line.hasPrefix("p") {
    variables = Int(line.split(separator: " ")[2]) ?? 0
    continue
  }
  for word in line.split(separator: " ") {
    guard let number = Int(word) else { continue }
    if number == 0 {
      clauses.append(open)
      open = []
    } else {
      open.append(number)
    }
  }
}
let limit = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? .max : .max
let start = cpuSeconds()
let report = ClauseSearch.run(variables: variables, clauses: clauses, conflicts: limit)
let seconds = cpuSeconds() - start
if report.verdict == .satisfiable {
  for clause in clauses where !clause.contains(where: { report.values[abs($0) - 1] == ($0 > 0) }) {
    print("WRONG: no solution of \(clause)")
    exit(1)
  }
}
print(report.verdict.rawValue, report.propagations, report.conflicts, report.decisions, seconds)
