import ArgumentParser
import Placet

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Shows the page of a diagnostic.",
    discussion: "Example: placet explain E0203")

  @Argument(help: "The code, as diagnostics show it in brackets; without one, all codes are listed.")
  var code: String?

  func run() throws {
    guard let code else {
      Terminal.print(DiagnosticPages.titles.joined(separator: "\n") + "\n")
      return
    }
    guard let page = DiagnosticPages.page(of: code) else {
      let help = DiagnosticPages.nearest(to: code).map { "; did you mean \($0)?" } ?? ""
      Terminal.complain("placet: there is no diagnostic \(code)\(help)\n")
      throw Status.wrongPolicy
    }
    Terminal.print(page + "\n")
  }
}
