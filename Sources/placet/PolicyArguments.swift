import ArgumentParser
import Diagnostics
import Placet

/// Shared by the commands that read one policy.
struct FormatOption: ParsableArguments {
  @Option(help: "text for people, json for programs (one document on standard output).")
  var format: OutputFormat = .text
}

extension PolicyFile {
  /// Loads a policy for a command that needs a sound one; says what is wrong and exits with 1 otherwise.
  static func loadSound(_ path: String, format: OutputFormat) throws -> PolicyFile {
    let policy: PolicyFile
    do {
      policy = try PolicyFile.load(path: path)
    } catch {
      report([error.diagnostic], format: format)
      throw Status.wrongPolicy
    }
    if !policy.diagnostics.isEmpty { report(policy.diagnostics, format: format) }
    guard policy.isSound else { throw Status.wrongPolicy }
    return policy
  }
}

/// Diagnostics go to standard error for people; as JSON they are the document on standard output.
func report(_ diagnostics: [Diagnostic], format: OutputFormat) {
  switch format {
  case .text:
    Terminal.complain(
      TerminalRenderer(usesColour: Terminal.showsColour).render(diagnostics))
  case .json:
    if diagnostics.contains(where: { $0.severity == .error }) {
      Terminal.print(JSONRenderer().render(diagnostics))
    }
  }
}
