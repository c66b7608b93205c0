import NFVModel
import VIMProtocol

/// What one trial has at hand: the VIM, what it had before, and what the trial has made of it so far.
final class Workbench {
  let vim: any VIM
  let options: Contract.Options
  /// What there was when the trial began; nil until the inventory was read.
  var before: Inventory.Part?
  var strangersBefore: Set<ResourceHandle>?
  /// Made and not yet deleted, by this trial.
  var made: [ResourceHandle: PlacedInstance] = [:]
  /// The resource that most checks look at.
  var shared: Shared?
  private var lastToken = 0

  struct Shared {
    var spec: PlacedInstance
    var token: EffectToken
    var outcome: EffectOutcome
    var handle: ResourceHandle { outcome.handle }
  }

  init(_ vim: any VIM, _ options: Contract.Options) {
    self.vim = vim
    self.options = options
  }

  // MARK: Names

  func newToken() -> EffectToken {
    lastToken += 1
    return EffectToken("contract-\(options.nonce)-\(lastToken)")
  }

  /// The hosts of the VIM in natural order, or those that it was told to use.
  func hosts() throws -> [String] {
    if !options.hosts.isEmpty { return options.hosts }
    guard let before else { throw Untried("there is no inventory to take a host from") }
    let names = before.entities.filter { $0.id.kind == "host" }.map(\.id.name)
    guard !names.isEmpty else { throw Untried("the inventory has no host") }
    return names
  }

  /// The smallest instance that there can be.
  func sample(_ name: String, host: String? = nil) throws -> PlacedInstance {
    let place = try host ?? hosts()[0]
    var instance = PlacedInstance(
      "contract-\(options.nonce).\(name)[0]", vim: vim.name, host: place, demand: ["memory": options.memory],
      attributes: options.attributes)
    instance.attributes["vnf.cpu"] = .int(1)
    instance.attributes["vnf.memory"] = .amount("\(options.memory >> 20) MiB")
    if let image = options.image { instance.attributes["vnf.image"] = .text(image) }
    return instance
  }

  func theShared() throws -> Shared {
    guard let shared else { throw Untried("nothing could be made to look at") }
    return shared
  }

  func expect(_ truth: Bool, _ otherwise: @autoclosure () -> String) throws {
    if !truth { throw Breach(otherwise()) }
  }

  // MARK: Acting

  /// Does it as often as the VIM says "later", within reason.
  func patiently<T>(_ body: () async throws -> T) async throws -> T {
    for _ in 1..<8 {
      do { return try await body() } catch VIMError.unavailable { await options.pause() }
    }
    return try await body()
  }

  @discardableResult
  func make(_ spec: PlacedInstance, as token: EffectToken) async throws -> EffectOutcome {
    let outcome = try await patiently { try await vim.create(spec, as: token) }
    made[outcome.handle] = spec
    return outcome
  }

  @discardableResult
  func remove(_ handle: ResourceHandle, _ spec: PlacedInstance, as token: EffectToken? = nil) async throws
    -> EffectOutcome
  {
    let token = token ?? newToken()
    let outcome = try await patiently { try await vim.delete(handle, spec: spec, as: token) }
    made[handle] = nil
    return outcome
  }

  /// Takes back what the last check left; what stood against it, if something did.
  func tidyUp(keepingShared: Bool) async -> String? {
    if !keepingShared { shared = nil }
    var trace: String?
    for (handle, spec) in made where handle != shared?.handle {
      do { try await remove(handle, spec) } catch {
        made[handle] = nil
        trace = "\(handle) could not be deleted: \(error)"
      }
    }
    return trace
  }

  // MARK: Looking

  func look(_ handle: ResourceHandle) async throws -> ObservedResource {
    guard let seen = try await patiently({ try await vim.observe([handle]) }).first else {
      throw Breach("asked about one resource, it spoke of none")
    }
    return seen
  }

  /// What a resource comes to once it is no longer changing.
  func settled(_ handle: ResourceHandle) async throws -> ObservedResource {
    for _ in 1..<max(1, options.looks) {
      let seen = try await look(handle)
      if seen.status != .changing { return seen }
      await options.pause()
    }
    return try await look(handle)
  }

  func expect(_ handle: ResourceHandle, is status: ObservedResource.Status, after what: String) async throws {
    let seen = try await settled(handle)
    try expect(
      seen.status == status, "after \(what), \(handle) is \(seen.status.rawValue), not \(status.rawValue)")
  }

  /// Where a VIM lets the caller name the host, it has to be that one.
  func expect(_ handle: ResourceHandle, isOn host: String) async throws {
    guard vim.describe().capabilities.offers(.hostTargeting) else { return }
    let seen = try await look(handle)
    try expect(
      seen.host == host, "it was asked for on \(host), and is on \(seen.host ?? "no host that it names")")
  }

  /// What is there now beside what was there before and what the trial knows of; nil where it cannot be asked.
  ///
  /// Only on the hosts of the trial, and where no host is told: what others make elsewhere meanwhile is their business.
  func newcomers() async throws -> [ResourceHandle]? {
    guard let able = vim as? any AdoptingVIM, let strangersBefore else { return nil }
    let known = strangersBefore.union(made.keys)
    let hosts = Set(try hosts())
    return try await able.strangers(besides: known).filter { $0.host.map(hosts.contains) ?? true }.map(
      \.handle)
  }

  /// INVARIANT of most checks: nothing is there that the trial does not know of.
  func expectNoNewcomers(_ why: String) async throws {
    guard let newcomers = try await newcomers(), !newcomers.isEmpty else { return }
    throw Breach("\(why), there is \(newcomers.map(\.text).sorted().joined(separator: ", ")) nobody knows of")
  }

  /// Whether an effect came to nothing: its token finds nothing, and nothing new is there.
  func expectNothing(of token: EffectToken, _ why: String) async throws {
    if let found = try await patiently({ try await vim.find(token) }) {
      made[found.handle] = try? sample("leftover")
      throw Breach("\(why), its token finds \(found.handle)")
    }
    try await expectNoNewcomers(why)
  }
}
