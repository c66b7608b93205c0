import ArgumentParser
import Execution
import NFVModel
import Placet
import Planning

struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Shows what runs where: the records, and what the VIMs say of them.",
    discussion: "Example: placet status policy.placet\nExit status: 0, or 5 where a VIM or the state failed.")

  @Argument(help: "The policy.")
  var file: String

  @OptionGroup var state: StateOption
  @OptionGroup var output: FormatOption

  func run() async throws {
    let deployment = Deployment(beside: file, state)
    try await reportingFailures {
      let store = try deployment.store()
      let executor = Executor(store: store, vims: try await deployment.vims(deployment.keptInventory()))
      let rows = try await executor.status()
      switch output.format {
      case .json: Terminal.print(json(rows).prettyText())
      case .text: Terminal.print(text(rows))
      }
      if try store.openRun() != nil {
        Terminal.complain("an apply was cut short; run apply again to go on\n")
      }
      let troubles = Set(rows.compactMap(\.trouble)).sorted()
      for trouble in troubles { Terminal.complain("error[V0402]: \(trouble)\n") }
      if !troubles.isEmpty { throw Status.worldFailed }
    }
  }

  private func text(_ rows: [ResourceStatus]) -> String {
    guard !rows.isEmpty else { return "nothing is placed\n" }
    var table = TextTable(header: ["instance", "host", "vim", "state", "note"], width: Terminal.width)
    table.rows = rows.map { row in
      let spec = row.resource.spec
      let moved = row.observed?.host.map { $0 != spec.host } ?? false
      let note =
        row.trouble.map { _ in "the VIM did not say" }
        ?? (moved ? "found on \(row.observed?.host ?? "")" : row.hasDrifted ? "not as recorded" : "")
      return [spec.id, spec.host, spec.vim, row.observed?.status.rawValue ?? "unknown", note]
    }
    return table.lines.joined(separator: "\n") + "\n"
  }

  private func json(_ rows: [ResourceStatus]) -> JSONValue {
    [
      "placet": 1,
      "instances": .array(
        rows.map { row in
          let spec = row.resource.spec
          var fields: [String: JSONValue] = [
            "instance": .string(spec.id), "host": .string(spec.host), "vim": .string(spec.vim),
            "handle": .string(row.resource.handle.text), "drifted": .bool(row.hasDrifted),
            "state": .string(row.observed?.status.rawValue ?? "unknown"),
          ]
          if let host = row.observed?.host { fields["observed_host"] = .string(host) }
          if let trouble = row.trouble { fields["trouble"] = .string(trouble) }
          return .object(fields)
        }),
    ]
  }
}
