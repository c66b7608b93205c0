import ConstraintModel
import ConstraintSolver
import FlatZinc
import Foundation
import Testing

/// A solver that shares no line with ours reads the same models through FlatZinc.
@Suite struct FlatZincAgreesTests {
  static let solver = "/usr/bin/fzn-gecode"
  static let isThere = FileManager.default.isExecutableFile(atPath: solver)

  @Test(.enabled(if: isThere, "no fzn-gecode on this machine: apt-get install minizinc"))
  func `an outside solver finds the same status and the same lexicographic optimum`() throws {
    for seed: UInt64 in 10_001...10_200 {
      let model = RandomModel.make(seed: seed)
      let (outcome, _) = try Solver(model).solve()
      var held: [Int] = []
      var isSatisfiable = true
      if model.objectives.isEmpty {
        isSatisfiable = try Self.run(FlatZincWriter.write(model)) != nil
      }
      for tier in model.objectives.indices {
        let text = FlatZincWriter.write(model, minimizing: tier, holding: held)
        guard let answer = try Self.run(text) else {
          isSatisfiable = false
          break
        }
        held.append(try #require(answer["objective"]))
      }
      var agrees = false
      switch outcome {
      case .optimal(let solution): agrees = isSatisfiable && solution.objectives == held
      case .unsatisfiable: agrees = !isSatisfiable
      case .feasible, .unknown: agrees = false
      }
      #expect(agrees, "seed \(seed): \(outcome), outside \(isSatisfiable) \(held)")
      if !agrees { return }
    }
  }

  @Test(.enabled(if: isThere, "no fzn-gecode on this machine: apt-get install minizinc"))
  func `what an outside solver answers satisfies the model's own checker`() throws {
    for seed: UInt64 in 20_001...20_100 {
      let model = RandomModel.make(seed: seed)
      guard let answer = try Self.run(FlatZincWriter.write(model)) else { continue }
      let values = try model.decisions.indices.map { try #require(answer["d\($0)"]) - 1 }
      #expect(ModelChecker(model, values: values).violated.isEmpty, "seed \(seed)")
    }
  }

  /// The last solution that the outside solver prints; nil where it says that there is none.
  private static func run(_ text: String) throws -> [String: Int]? {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("placet-\(ProcessInfo.processInfo.processIdentifier)-\(UUID()).fzn")
    try text.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: solver)
    process.arguments = [file.path]
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let answer = String(decoding: data, as: UTF8.self)
    try #require(
      process.terminationStatus == 0 && complaint.isEmpty,
      "\(String(decoding: complaint, as: UTF8.self))\n\(text)")
    if answer.contains("=====UNSATISFIABLE=====") { return nil }
    var values: [String: Int] = [:]
    for line in answer.split(separator: "\n") {
      let sides = line.split(separator: " = ")
      if sides.count == 2, let value = Int(sides[1].dropLast()) { values[String(sides[0])] = value }
    }
    return values
  }
}
