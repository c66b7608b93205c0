import ArgumentParser
import Diagnostics
import Execution
import Foundation
import NFVModel
import Placet
import Placement
import Planning
import Synchronization
import VIMProtocol
import VIMSimulated

/// The state folder of one policy: records and journal, the inventory that the last plan relied on, and the
/// simulated VIMs, which are the back end where no other is registered.
final class Deployment: Sendable {
  let folder: String
  /// Where relative addresses begin: the folder of the policy or plan.
  let base: String
  private let insecure: Bool
  private let connections = Mutex<[String: any VIM]>([:])

  /// `.placet` beside the policy or plan file, unless `--state` says otherwise.
  init(beside file: String, _ options: StateOption) {
    base = (file as NSString).deletingLastPathComponent
    folder = options.state ?? (base.isEmpty ? ".placet" : base + "/.placet")
    insecure = options.insecure
  }

  /// Opens the records; a damaged, newer or foreign file is reported and left alone.
  func store() throws -> StateStore {
    do {
      return try StateStore(directory: folder)
    } catch {
      throw Failure(code: error.code, message: error.message)
    }
  }

  /// Whether something was ever recorded here.
  var hasRecords: Bool { FileManager.default.fileExists(atPath: folder + "/state.db") }

  /// The VIMs that an inventory names: at their endpoint, else simulated on disk in the state folder.
  func vims(_ inventory: Inventory) async throws -> [any VIM] {
    let inventory = try withFormerVIMs(inventory)
    var vims: [any VIM] = []
    for entity in inventory.entities(of: "vim") {
      let name = entity.id.name
      if let text = entity["endpoint"]?.json.stringValue {
        vims.append(try await open(name, at: text, site: entity["site"]?.json.stringValue))
      } else {
        vims.append(try simulated(name, inventory))
      }
    }
    return vims
  }

  /// A VIM at an address that a policy gives.
  func open(_ name: String, at text: String, site: String?) async throws -> any VIM {
    if let known = connections.withLock({ $0[name + "\u{0}" + text] }) { return known }
    let address = try VIMRegistry.address(text, of: name)
    let vim = try await VIMRegistry.standard.open(
      VIMRegistry.Order(name: name, address: address, base: base, site: site, insecure: insecure))
    connections.withLock { $0[name + "\u{0}" + text] = vim }
    return vim
  }

  private func simulated(_ name: String, _ inventory: Inventory) throws -> any VIM {
    let place = folder + "/vims"
    do {
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    } catch {
      throw Failure(code: "V0105", message: "cannot use the folder \(place): \(Failure.reason(error))")
    }
    do {
      return try SimulatedVIM(
        name, hosts: SimulatedHost.hosts(in: inventory, of: name), storage: .directory(place))
    } catch {
      throw Failure(error.naming(vim: name, call: "connect"))
    }
  }

  /// What the VIMs with an endpoint say that they have, all asked at once. One that does not answer ends it: what it
  /// had at another time is not taken for what it has.
  func discover(_ endpoints: [Endpoint]) async throws -> [LiveInventory] {
    var vims: [(Endpoint, any VIM)] = []
    for endpoint in endpoints {
      vims.append((endpoint, try await open(endpoint.vim, at: endpoint.address, site: endpoint.site)))
    }
    return try await withThrowingTaskGroup(of: (Int, LiveInventory).self) { group in
      for (number, (endpoint, vim)) in vims.enumerated() {
        group.addTask {
          do throws(VIMError) {
            let part = try await vim.inventory().consistent(of: vim.name)
            // Some know what they can do only once they have looked.
            return (number, LiveInventory(endpoint, part, declares: vim.describe().capabilities))
          } catch {
            throw Failure(error.naming(vim: endpoint.vim, call: "inventory"))
          }
        }
      }
      var found: [(Int, LiveInventory)] = []
      for try await answer in group { found.append(answer) }
      let all = found.sorted { $0.0 < $1.0 }.map(\.1)
      try refuseSharedHosts(all)
      return all
    }
  }

  /// Hosts go by their names in a policy: two VIMs that have one of the same name cannot be told apart.
  private func refuseSharedHosts(_ all: [LiveInventory]) throws {
    var owners: [String: String] = [:]
    for live in all {
      for host in live.part.entities where host.id.kind == "host" {
        guard let other = owners.updateValue(live.endpoint.vim, forKey: host.id.name) else { continue }
        throw Failure(
          code: "V0401",
          message:
            "vim \(live.endpoint.vim), inventory: conflict: host \(host.id.name) is also a host of vim "
            + "\(other); two vims of a policy are two places, with names of their own")
      }
    }
  }

  /// An inventory with the VIMs (and their hosts) that only the last one had: what runs there must be reached.
  private func withFormerVIMs(_ inventory: Inventory) throws -> Inventory {
    let former = try keptInventory()
    let known = Set(inventory.entities(of: "vim").map(\.id.name))
    let lost = former.entities(of: "vim").filter { !known.contains($0.id.name) }
    if lost.isEmpty { return inventory }
    let names = Set(lost.map(\.id.name))
    let hosts = former.entities(of: "host").filter { names.contains($0["vim"]?.json.stringValue ?? "") }
    let part = Inventory.Part(source: "an earlier apply", date: "", entities: lost + hosts)
    return Inventory(parts: inventory.parts + [part])
  }

  private var inventoryPath: String { folder + "/inventory.json" }

  /// Keeps the inventory that a plan relies on, for `apply` of the plan alone, `status` and `destroy`.
  func keep(_ inventory: Inventory) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(withFormerVIMs(inventory).json.prettyText().utf8)
        .write(to: URL(fileURLWithPath: inventoryPath), options: .atomic)
    } catch {
      throw Failure(code: "V0105", message: "cannot write \(inventoryPath): \(Failure.reason(error))")
    }
  }

  func keptInventory() throws -> Inventory {
    guard let data = FileManager.default.contents(atPath: inventoryPath) else { return Inventory() }
    do {
      return try Inventory(try JSONValue.parse([UInt8](data)))
    } catch {
      throw Failure(code: "V0106", message: "\(inventoryPath): \(error)")
    }
  }
}

/// What ends a command that touches state or VIMs, with exit status 5.
struct Failure: Error {
  var code: String
  var message: String

  init(code: String, message: String) {
    self.code = code
    self.message = message
  }

  /// What the system said, without Foundation's preamble.
  static func reason(_ error: any Error) -> String {
    error.localizedDescription.replacing("The operation could not be completed. ", with: "")
  }

  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as StateError: self.init(code: error.code, message: error.message)
    case let error as ExecutionError: self.init(code: error.code, message: error.message)
    case let error as VIMError: self.init(code: error.code, message: error.withAdvice)
    default: self.init(code: "V0300", message: "\(error)")
    }
  }
}

extension VIMError {
  /// What happened, and what to do about it where that can be said without knowing the VIM and its own words do not.
  fileprivate var withAdvice: String {
    let what: String? =
      switch self {
      case .rejected(.unauthorised, _):
        "look at the credentials, and at the rights that docs/backends asks for"
      case .rejected(.quota, _): "raise the quota, or ask for less"
      case .rejected(.noCapacity, _): "plan again, with what it has now"
      case .unavailable(_, _, let pause?): "try again in \((pause + 999) / 1000) s"
      case .unavailable: "see that it runs and can be reached, and try again"
      case .unknownOutcome: "run it again: what was made is found"
      default: nil
      }
    let text = "\(self)"
    guard let what, !text.contains("; ") else { return text }
    return "\(text.hasSuffix(".") ? String(text.dropLast()) : text); \(what)"
  }
}

extension Inventory.Part {
  /// Itself; an inventory that contradicts itself is no answer.
  func consistent(of vim: String) throws(VIMError) -> Inventory.Part {
    let contradictions = contradictions()
    guard !contradictions.isEmpty else { return self }
    throw .unavailable(
      .conflict,
      "vim \(vim), inventory: it contradicts itself: \(contradictions.joined(separator: ", ")); "
        + "look at the VIM, or ask again", retryAfter: nil)
  }
}

/// Runs a command's work; says what failed and exits with 5.
func reportingFailures<T>(_ work: () async throws -> T) async throws -> T {
  do {
    return try await work()
  } catch let exit as ExitCode {
    throw exit
  } catch {
    let failure = Failure(error)
    Terminal.complain("error[\(failure.code)]: \(failure.message)\n")
    throw Status.worldFailed
  }
}
