package import NFVModel
package import VIMProtocol

/// The contract of a back end, tried on a VIM by making small instances in it and taking them away again.
///
/// `placet vim conformance` and the tests of every back end run the same checks. What it makes is derived from the
/// VIM's own inventory: the smallest shape, on its first host.
package struct Contract: Sendable {
  package struct Options: Sendable {
    /// The image that instances are made from, where the VIM wants one.
    package var image: String?
    /// Bytes of memory of an instance.
    package var memory = 64 << 20
    /// More fields of the sample, as a policy would give them: `vnf.disk`.
    package var attributes: [String: AttributeValue] = [:]
    /// Hosts to use, in this order; empty: those of the inventory.
    package var hosts: [String] = []
    /// How many creates are asked for at once.
    package var atOnce = 16
    /// Tells the tokens and names of this trial from those of any other.
    package var nonce: String
    /// How often a resource is looked at until it has settled.
    package var looks = 240
    /// Passes the time between two looks.
    package var pause: @Sendable () async -> Void = { try? await Task.sleep(for: .milliseconds(250)) }
    /// A new connection to the same VIM, as after a crash; nil where none can be made.
    package var reopen: (@Sendable () async throws -> any VIM)?
    package var disturber: (any Disturber)?
    /// Told of each verdict as it falls.
    package var observer: @Sendable (ContractReport.Row) -> Void = { _ in }

    package init(nonce: String) { self.nonce = nonce }
  }

  let vim: any VIM
  let options: Options

  package init(_ vim: any VIM, _ options: Options) {
    self.vim = vim
    self.options = options
  }

  package func run() async -> ContractReport {
    let bench = Workbench(vim, options)
    var rows: [ContractReport.Row] = []
    for check in ContractCheck.allCases {
      let row = ContractReport.Row(check: check, verdict: await verdict(of: check, on: bench))
      options.observer(row)
      rows.append(row)
    }
    let description = vim.describe()
    return ContractReport(
      vim: vim.name, kind: description.kind, version: description.version, rows: rows)
  }

  private func verdict(of check: ContractCheck, on bench: Workbench) async -> ContractReport.Verdict {
    var verdict = ContractReport.Verdict.kept
    do {
      try await perform(check, on: bench)
    } catch let untried as Untried {
      verdict = .untried(untried.why)
    } catch let breach as Breach {
      verdict = .broken(breach.how)
    } catch {
      verdict = .broken("it said: \(error)")
    }
    await options.disturber?.calm()
    let trace = await bench.tidyUp(keepingShared: check.leavesShared)
    if let trace, verdict == .kept { return .broken(trace) }
    return verdict
  }

  private func perform(_ check: ContractCheck, on bench: Workbench) async throws {
    switch check {
    case .describe: try bench.describe()
    case .probe: try await vim.probe()
    case .inventory: try await bench.inventory()
    case .unknownToken: try await bench.unknownToken()
    case .missingHandle: try await bench.missingHandle()
    case .undeclared: try await bench.undeclared()
    case .unknownHost: try await bench.unknownHost()
    case .tooMuch: try await bench.tooMuch()
    case .create: try await bench.create()
    case .sameToken: try await bench.sameToken()
    case .find: try await bench.find()
    case .afterCrash: try await bench.afterCrash()
    case .order: try await bench.order()
    case .strangers: try await bench.strangers()
    case .stopStart: try await bench.stopStart()
    case .migrate: try await bench.migrate()
    case .resize: try await bench.resize()
    case .delete: try await bench.delete()
    case .deleteGone: try await bench.deleteGone()
    case .undo: try await bench.undo()
    case .sideBySide: try await bench.sideBySide()
    case .concurrency: try await bench.concurrency()
    case .lostAnswer: try await bench.lostAnswer(.lostAnswer)
    case .garbledAnswer: try await bench.lostAnswer(.garbledAnswer)
    case .lostRequest: try await bench.lostRequest()
    case .later: try await bench.later()
    case .quota: try await bench.refused(.quota) { $0 == .quota }
    case .noCapacity:
      try await bench.refused(.noCapacity) { if case .noCapacity = $0 { true } else { false } }
    case .partial: try await bench.partial()
    case .expired: try await bench.undisturbed(by: .expired)
    case .garbage: try await bench.garbage()
    case .slow: try await bench.undisturbed(by: .slow)
    case .nothingLeft: try await bench.nothingLeft()
    }
  }
}

extension ContractCheck {
  /// Whether the shared resource is still looked at after this check.
  fileprivate var leavesShared: Bool {
    switch self {
    case .create, .sameToken, .find, .afterCrash, .order, .strangers, .stopStart, .migrate, .resize: true
    default: false
    }
  }
}

/// A promise that was not kept.
struct Breach: Error {
  let how: String
  init(_ how: String) { self.how = how }
}

/// A check that could not be tried.
struct Untried: Error {
  let why: String
  init(_ why: String) { self.why = why }
}
