package import ConstraintSolver
import Diagnostics
import Foundation
package import Placet
import PlacetSemantics
import PlacetVM
import Placement

/// Finds the tests of policies and runs them.
package struct TestRunner {
  package var options: SolverOptions
  /// Only tests whose `policy: title` holds this text or matches this pattern.
  package var filter: String?

  /// Work that one question of a test may cost unless the caller says otherwise.
  package static let defaultWork = 200_000_000

  package init(options: SolverOptions = SolverOptions(workLimit: defaultWork), filter: String? = nil) {
    self.options = options
    self.filter = filter
  }

  /// Policy files at or under paths, sorted; a file is taken whatever its ending.
  package static func policies(at paths: [String]) throws(FileProblem) -> [String] {
    var found: [String] = []
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw FileProblem(path: path, message: "there is no such file or folder")
      }
      guard isFolder.boolValue else {
        found.append(path)
        continue
      }
      let below = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
      found += below.filter { $0.hasSuffix(".placet") && !$0.hasPrefix(".") && !$0.contains("/.") }
        .map { path == "." ? $0 : path + "/" + $0 }.sorted()
    }
    return found
  }

  /// Runs the tests of one sound policy, in order of writing.
  package func run(_ policy: PolicyFile, each report: (TestResult) -> Void = { _ in }) -> [TestResult] {
    let program = policy.program
    let main = program.modules.firstIndex { $0.name.isEmpty }
    return program.tests.filter { $0.module == main && isWanted(policy.source.name, $0.title) }.map { test in
      let result = run(test, of: policy)
      report(result)
      return result
    }
  }

  private func isWanted(_ policy: String, _ title: String) -> Bool {
    guard let filter else { return true }
    let name = "\(policy): \(title)"
    if name.localizedCaseInsensitiveContains(filter) { return true }
    return name.range(of: filter, options: [.regularExpression, .caseInsensitive]) != nil
  }

  private func run(_ test: TestDeclaration, of policy: PolicyFile) -> TestResult {
    let clock = ContinuousClock()
    let start = clock.now
    let run = TestRun(program: policy.program, test: test, options: options) {
      WorldInputs(readFile: DataFiles.reader())
    }
    run.run()
    let verdict: TestResult.Verdict =
      run.failures.isEmpty ? .passed : run.isUndecided ? .undecided : .failed
    return TestResult(
      policy: policy.source.name, title: test.title, verdict: verdict, failures: run.failures,
      notes: run.notes,
      expectations: run.expectations, seconds: (clock.now - start) / .seconds(1))
  }
}
