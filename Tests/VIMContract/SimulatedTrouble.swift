import NFVModel
import Synchronization
import VIMContract
import VIMProtocol
import VIMSimulated

/// Trouble as a fault script makes it: for the very next call.
final class SimulatedTrouble: Disturber {
  private let vim: SimulatedVIM
  private let trouble = Mutex<Trouble?>(nil)

  init(_ vim: SimulatedVIM) { self.vim = vim }

  var current: Trouble? { trouble.withLock { $0 } }

  func arrange(_ trouble: Trouble) async -> Bool {
    guard let (verb, fault) = Self.fault(trouble) else { return false }
    let asked = (try? await vim.timesAsked())?[verb.rawValue] ?? 0
    await vim.setFaults(FaultScript([.init(verb, call: asked + 1, fault)]))
    self.trouble.withLock { $0 = trouble }
    return true
  }

  func calm() async {
    await vim.setFaults(FaultScript())
    trouble.withLock { $0 = nil }
  }

  private static func fault(_ trouble: Trouble) -> (FaultScript.Verb, FaultScript.Fault)? {
    switch trouble {
    case .lostAnswer, .garbledAnswer: (.create, .unknownAfterEffect)
    case .lostRequest: (.create, .unknownBeforeEffect)
    case .later: (.create, .unavailable(retryAfter: Trouble.pause))
    case .quota: (.create, .rejected(.quota))
    case .noCapacity: (.create, .rejected(.noCapacity("cores")))
    case .partial: (.create, .partial(["port 2"]))
    // It has no sessions: nothing happens, and that is what is wanted.
    case .expired: (.create, .slow(1))
    case .garbage: (.inventory, .rejected(.invalid("answer")))
    case .slow: (.create, .slow(2000))
    }
  }
}

/// A simulated VIM of two hosts with everything that a contract looks at.
func simulated(
  capabilities: Capabilities = .all, hosts: Int = 2, storage: SimulatedVIM.Storage = .memory
) throws -> SimulatedVIM {
  let names = (1...hosts).map { "h\($0)" }
  let entities = names.flatMap { name in
    [
      Entity("host", name, ["vim": .text("sto"), "cores": .int(64), "memory": .amount("64 GiB")]),
      Entity("cell", "\(name).c0", in: EntityReference(kind: "host", name: name), ["cores": .int(64)]),
    ]
  }
  let part = Inventory.Part(source: "vim sto", date: "2026-11-22T14:00:00Z", entities: entities)
  return try SimulatedVIM(
    "sto", hosts: SimulatedHost.hosts(in: Inventory(parts: [part]), of: "sto"), inventory: part,
    capabilities: capabilities, storage: storage, sleep: { _ in })
}

func quickOptions(_ trouble: (any Disturber)? = nil) -> Contract.Options {
  var options = Contract.Options(nonce: "t1")
  options.looks = 3
  options.pause = { await Task.yield() }
  options.disturber = trouble
  return options
}
