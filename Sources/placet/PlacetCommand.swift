import ArgumentParser

/// The command line: reads arguments, calls one of the surfaces, and turns what happened into an exit status.
@main
struct PlacetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "placet",
    abstract: "Places network services by policy: checked, solved, explained, planned and carried out.",
    discussion: """
      A first run:
        placet run examples/vepc-numa/policy.placet --inventory examples/vepc-numa/inventory.json

      Exit status: 0 good, 1 the policy is wrong, 2 a policy test failed, 3 no placement satisfies the rules,
      4 the limit was met before an answer, 5 a VIM or the state store failed, 6 drift found, 64 usage.
      """,
    version: "0.1.0",
    subcommands: [
      CheckCommand.self, RunCommand.self, WhyCommand.self, PlanCommand.self, ApplyCommand.self,
      StatusCommand.self, DriftCommand.self, RollbackCommand.self, DestroyCommand.self, VIMCommand.self,
      TestCommand.self, REPLCommand.self, FormatCommand.self,
      ExplainCommand.self, ImportCommand.self, ExportCommand.self, CompletionCommand.self,
    ])
}

/// What the shell is told.
enum Status {
  static let wrongPolicy = ExitCode(1)
  static let failedTest = ExitCode(2)
  static let infeasible = ExitCode(3)
  static let limitMet = ExitCode(4)
  static let worldFailed = ExitCode(5)
  static let drift = ExitCode(6)
  static let usage = ExitCode(64)
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case text, json }
