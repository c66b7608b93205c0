import NFVModel
import VIMProtocol

/// One look at all that a cloud shows of its hosts.
///
/// Nova says which hosts there are and whether they serve; Placement what they have. Two requests tell the use and the
/// traits of all that have a CPU free, one request for each host its totals, many of them in flight together. Providers
/// below a host (cells, cards) take no request of their own where nothing of theirs is lent several times.
struct Discovery: Sendable {
  let vim: OpenStackVIM

  private var session: OpenStackSession { vim.session }

  func part() async throws(VIMError) -> Inventory.Part {
    // Nova goes through its hosts one by one, and takes longest.
    async let known = result { () throws(VIMError) in try await self.hosts() }
    async let told = result { () throws(VIMError) in try await self.summaries() }
    async let ours = result { () throws(VIMError) in try await self.ownServers() }
    let (hosts, summaries, owners) = (try await known.get(), try await told.get(), try await ours.get())
    let trees = Dictionary(grouping: summaries.values, by: \.root)
    let busy = Set(owners.values)
    let amounts = try await inParallel(hosts) { host throws(VIMError) in
      let tree = trees[host.provider] ?? []
      let providers = tree.isEmpty ? [ProviderSummary(host.provider)] : tree
      return try await self.amounts(of: providers, isBusy: busy.contains(host.name), own: owners)
    }
    let entities = zip(hosts, amounts).compactMap { host, amounts in amounts.map { entity(host, $0) } }
    return Inventory.Part(
      source: "vim \(vim.name)", date: vim.clock.nowText, entities: entities + surroundings(hosts))
  }

  private func result<Value: Sendable>(
    _ body: @Sendable () async throws(VIMError) -> Value
  ) async -> Result<Value, VIMError> {
    do throws(VIMError) { return .success(try await body()) } catch { return .failure(error) }
  }

  // MARK: Nova: which hosts

  /// A host that serves.
  struct Host: Hashable, Sendable {
    let name: String
    let zone: String?
    let rack: String?
    /// The root of its resource providers.
    let provider: String
    /// Of a core, as its hypervisor tells; 1 where it does not.
    let threads: Int
  }

  /// A service that is down or switched off offers nothing.
  func hosts() async throws(VIMError) -> [Host] {
    let services = try await session.read(.compute, "/os-services?binary=nova-compute")
    var zones: [String: String] = [:]
    for service in services["services"]?.arrayValue ?? [] {
      guard service["state"]?.stringValue == "up", service["status"]?.stringValue == "enabled",
        service["forced_down"]?.boolValue != true, let host = service["host"]?.stringValue
      else { continue }
      zones[host] = service["zone"]?.stringValue ?? ""
    }
    let racks = try await racks()
    // From 2.88 on the list asks every host for its uptime, one after the other.
    let hypervisors = try await session.readAll(
      .compute, "/os-hypervisors/detail?limit=1000", "hypervisors", version: Microversion(2, 79))
    return hypervisors.compactMap { entry in
      guard let id = entry["id"]?.stringValue, let host = entry["service"]?["host"]?.stringValue,
        entry["state"]?.stringValue == "up", let zone = zones[host]
      else { return nil }
      return Host(
        name: host, zone: zone.isEmpty ? nil : zone, rack: racks[host], provider: id,
        threads: entry["cpu_info"]?["topology"]?["threads"]?.intValue ?? 1)
    }
  }

  /// The racks that aggregates tell of: those with `rack` in their metadata.
  private func racks() async throws(VIMError) -> [String: String] {
    var racks: [String: String] = [:]
    for aggregate in try await session.read(.compute, "/os-aggregates")["aggregates"]?.arrayValue ?? [] {
      guard let rack = aggregate["metadata"]?["rack"]?.stringValue else { continue }
      for host in aggregate["hosts"]?.arrayValue ?? [] { host.stringValue.map { racks[$0] = rack } }
    }
    return racks
  }

  /// The hosts of the servers that are ours, by the servers' ids.
  private func ownServers() async throws(VIMError) -> [String: String] {
    var owners: [String: String] = [:]
    for server in try await vim.ownServers() { owners[server.id] = server.host ?? "" }
    return owners
  }

  // MARK: Placement: what they have

  /// What one request tells of each provider: what is used, and its traits.
  struct ProviderSummary: Sendable {
    let id: String
    let root: String
    /// Nil where nothing was told.
    let used: [String: Int]?
    /// What may be lent of it, all in all.
    let capacity: [String: Int]
    let traits: [String]?

    init(_ id: String) { (self.id, root, used, capacity, traits) = (id, id, nil, [:], nil) }

    init(_ id: String, _ json: JSONValue) {
      self.id = id
      root = json["root_provider_uuid"]?.stringValue ?? id
      let resources = json["resources"]?.objectValue
      used = resources?.compactMapValues { $0["used"]?.intValue }
      capacity = resources?.compactMapValues { $0["capacity"]?.intValue } ?? [:]
      traits = json["traits"]?.arrayValue?.compactMap(\.stringValue)
    }

    /// Whether what is left of it is known: Nova lends these three several times over, and nothing else.
    var isWhole: Bool {
      used != nil && !capacity.isEmpty
        && !["VCPU", "MEMORY_MB", "DISK_GB"].contains { capacity[$0] != nil }
    }
  }

  /// Of every provider in a tree that has a CPU to give.
  func summaries() async throws(VIMError) -> [String: ProviderSummary] {
    let replies = try await inParallel(["VCPU", "PCPU"]) { kind throws(VIMError) in
      try await self.session.read(.placement, "/allocation_candidates?resources=\(kind):1")
    }
    var summaries: [String: ProviderSummary] = [:]
    for reply in replies {
      for (id, json) in reply["provider_summaries"]?.objectValue ?? [:] where summaries[id] == nil {
        summaries[id] = ProviderSummary(id, json)
      }
    }
    return summaries
  }

  /// What a host has free for us, by resource class.
  struct Amounts: Hashable, Sendable {
    /// Whole: vCPUs of the shared kind count by the physical ones behind them.
    var free: [String: Int] = [:]
    var traits: Set<String> = []
  }

  /// Nil when Placement does not know the host.
  private func amounts(
    of providers: [ProviderSummary], isBusy: Bool, own: [String: String]
  ) async throws(VIMError) -> Amounts? {
    var amounts = Amounts()
    for provider in providers {
      let path = "/resource_providers/\(provider.id)"
      if provider.isWhole {
        let own = isBusy ? try await ownUse(path, own) : [:]
        for (kind, capacity) in provider.capacity {
          let taken = max(0, (provider.used?[kind] ?? 0) - (own[kind] ?? 0))
          amounts.free[kind, default: 0] += max(0, capacity - taken)
        }
        amounts.traits.formUnion(provider.traits ?? [])
        continue
      }
      let answer = try await session.ask(.placement, "GET", path + "/inventories", allowing: [404])
      guard answer.status == 200, let inventories = answer.body["inventories"]?.objectValue else { continue }
      var used = try await use(of: provider, path)
      if isBusy { used.merge(try await ownUse(path, own)) { $0 - $1 } }
      for (kind, inventory) in inventories {
        guard let total = inventory["total"]?.intValue else { continue }
        let reserved = inventory["reserved"]?.intValue ?? 0
        let taken = Self.physical(max(0, used[kind] ?? 0), ratio: inventory["allocation_ratio"])
        amounts.free[kind, default: 0] += max(0, total - reserved - taken)
      }
      amounts.traits.formUnion(try await traits(of: provider, path))
    }
    return amounts.free.isEmpty ? nil : amounts
  }

  private func use(of provider: ProviderSummary, _ path: String) async throws(VIMError) -> [String: Int] {
    if let used = provider.used { return used }
    let usages = try await session.read(.placement, path + "/usages")
    return (usages["usages"]?.objectValue ?? [:]).compactMapValues(\.intValue)
  }

  private func traits(of provider: ProviderSummary, _ path: String) async throws(VIMError) -> [String] {
    if let traits = provider.traits { return traits }
    return try await session.read(.placement, path + "/traits")["traits"]?.arrayValue?
      .compactMap(\.stringValue) ?? []
  }

  /// What our own servers hold of a provider.
  private func ownUse(_ path: String, _ own: [String: String]) async throws(VIMError) -> [String: Int] {
    let allocations = try await session.read(.placement, path + "/allocations")["allocations"]?.objectValue
    var used: [String: Int] = [:]
    for (consumer, allocation) in allocations ?? [:] where own[consumer] != nil {
      for (kind, amount) in allocation["resources"]?.objectValue ?? [:] {
        used[kind, default: 0] += amount.intValue ?? 0
      }
    }
    return used
  }

  /// What is behind an amount that is lent several times over, rounded up.
  static func physical(_ amount: Int, ratio: JSONValue?) -> Int {
    guard case .number(let text)? = ratio, let ratio = Double(text), ratio > 0, ratio != 1 else {
      return amount
    }
    return Int((Double(amount) / ratio).rounded(.up))
  }

  // MARK: In our words

  func entity(_ host: Host, _ amounts: Amounts) -> Entity {
    var fields: [String: AttributeValue] = ["vim": .reference(kind: "vim", name: vim.name)]
    let threads = [amounts.free["VCPU"], amounts.free["PCPU"]].compactMap { $0 }
    if !threads.isEmpty {
      // Placement counts threads, a policy cores. Not every driver of Nova sets the trait, nor tells the topology.
      let perCore = max(host.threads, amounts.traits.contains("HW_CPU_HYPERTHREADING") ? 2 : 1)
      fields["cores"] = .int(threads.reduce(0, +) / perCore)
    }
    if let memory = amounts.free["MEMORY_MB"] { fields["memory"] = .amount("\(memory) MiB") }
    if let disk = amounts.free["DISK_GB"] { fields["disk"] = .amount("\(disk) GiB") }
    fields["traits"] = .list(amounts.traits.sorted().map { .text($0) })
    if let rack = host.rack { fields["rack"] = .reference(kind: "rack", name: rack) }
    if let zone = host.zone, let site = vim.options.site {
      fields["zone"] = .reference(kind: "zone", name: "\(site).\(zone)")
    }
    return Entity("host", host.name, fields)
  }

  /// Racks, and zones where the site is known that they are in.
  func surroundings(_ hosts: [Host]) -> [Entity] {
    let racks = Set(hosts.compactMap(\.rack)).map {
      Entity("rack", $0, ["vim": .reference(kind: "vim", name: vim.name)])
    }
    guard let site = vim.options.site else { return racks }
    let zones = Set(hosts.compactMap(\.zone)).map {
      Entity("zone", "\(site).\($0)", in: EntityReference(kind: "site", name: site))
    }
    return racks + zones
  }
}
