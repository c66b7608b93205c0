import NFVModel
import VIMProtocol

/// What a server needs beside itself, made sure of and held until the server has it.
struct InstanceParts: Sendable {
  let flavor: Flavor
  let image: String
  let group: String?
  let interfaces: [Networks.Interface]
  /// What is held of the shared parts, and what makes it.
  fileprivate let held: [String]

  func release(from shared: SharedParts) async { for key in held { await shared.release(key) } }

  /// Makes sure of the flavor again.
  func renew(in vim: OpenStackVIM) async throws(VIMError) {
    let flavor = flavor
    _ = try await vim.ensuring { () throws(VIMError) in try await vim.ensure(flavor) }
  }
}

extension OpenStackVIM {
  /// The names under which shared parts are held.
  private enum Key {
    static func flavor(_ flavor: Flavor) -> String { "flavor \(flavor.id)" }
    static func network(_ link: String) -> String { "network \(link)" }
    static func group(_ name: String) -> String { "group \(name)" }
  }

  /// Ensures image, flavor, group and networks of an instance.
  func ensureParts(of instance: PlacedInstance) async throws(VIMError) -> InstanceParts {
    let shape = MachineShape(instance)
    let flavor = try Flavor(shape, project: try await session.project)
    let image = try await image(for: shape, of: instance)
    var held: [String] = []
    do throws(VIMError) {
      _ = try await hold(Key.flavor(flavor), &held) { () throws(VIMError) in try await self.ensure(flavor) }
      var group: String?
      if let name = shape.apartGroup {
        group = try await hold(Key.group(name), &held) { () throws(VIMError) in
          try await self.ensureGroup(name)
        }
      }
      var networks: [String] = []
      for link in try links(of: shape, instance) {
        networks.append(
          try await hold(Key.network(link), &held) { () throws(VIMError) in
            try await Networks(session: self.session).ensure(link: link)
          })
      }
      return InstanceParts(
        flavor: flavor, image: image, group: group, interfaces: interfaces(shape, on: networks), held: held)
    } catch {
      for key in held { await shared.release(key) }
      throw error
    }
  }

  private func hold(
    _ key: String, _ held: inout [String], _ make: @escaping @Sendable () async throws(VIMError) -> String
  ) async throws(VIMError) -> String {
    let id = try await shared.hold(key) { () throws(VIMError) in
      try await self.ensuring { () throws(VIMError) in try await make() }
    }
    held.append(key)
    return id
  }

  /// The links that have a network; virtual functions of an instance without a link have one of their own.
  private func links(of shape: MachineShape, _ instance: PlacedInstance) throws(VIMError) -> [String] {
    if shape.virtualFunctions > 0, session.cloud.physicalNetwork == nil {
      throw .rejected(
        .invalid("physical_network"),
        "\(instance.id) wants virtual functions, and the entry of vim \(name) in clouds.yaml has no placet.physical_network"
      )
    }
    return shape.networks.isEmpty && shape.virtualFunctions > 0 ? ["\(name)-vf"] : shape.networks
  }

  /// One interface a network, virtual functions first; those that are left over go to the last network.
  func interfaces(_ shape: MachineShape, on networks: [String]) -> [Networks.Interface] {
    var interfaces = networks.enumerated().map { number, network in
      Networks.Interface(network: network, isVirtualFunction: number < shape.virtualFunctions)
    }
    if let last = networks.last, shape.virtualFunctions > networks.count {
      let more = shape.virtualFunctions - networks.count
      interfaces += (0..<more).map { _ in Networks.Interface(network: last, isVirtualFunction: true) }
    }
    if let mac = shape.mac, !interfaces.isEmpty { interfaces[0].mac = mac }
    return interfaces
  }

  // MARK: Flavor

  /// Its id is ours to choose, so a second making is refused by Nova. One that was left bare is completed.
  func ensure(_ flavor: Flavor) async throws(VIMError) -> String {
    let made = try await session.ask(.compute, "POST", "/flavors", flavor.json, allowing: [409])
    var specs = flavor.extraSpecs
    if made.status == 409 {
      let there = try await session.read(.compute, "/flavors/\(flavor.id)")["flavor"]?["extra_specs"]
      specs = specs.filter { there?[$0.key]?.stringValue != $0.value }
    }
    guard !specs.isEmpty else { return flavor.id }
    do throws(VIMError) {
      _ = try await session.ask(
        .compute, "POST", "/flavors/\(flavor.id)/os-extra_specs",
        ["extra_specs": .object(specs.mapValues { .string($0) })])
    } catch {
      if case .rejected = error { await removeFlavor(flavor.id) }
      throw error
    }
    return flavor.id
  }

  private func removeFlavor(_ id: String) async {
    _ = try? await session.ask(.compute, "DELETE", "/flavors/\(id)", allowing: [404])
  }

  // MARK: Image

  /// The active image of the name that the policy says, which must have the hardware in its properties that a
  /// function needs: Nova takes it from nowhere else.
  private func image(for shape: MachineShape, of instance: PlacedInstance) async throws(VIMError) -> String {
    guard let wanted = shape.image ?? session.cloud.image else {
      throw .rejected(
        .invalid("image"),
        "\(instance.id) names no image, and the entry of vim \(name) in clouds.yaml has no placet.image")
    }
    let found = try await session.readAll(
      .image, "/images?status=active&name=\(wanted.queryEscaped)", "images")
    guard let image = found.first, let id = image["id"]?.stringValue else {
      throw .rejected(.invalid("image"), "vim \(name), GET /images: there is no active image '\(wanted)'")
    }
    guard found.count == 1 else {
      throw .rejected(
        .invalid("image"), "vim \(name), GET /images: \(found.count) images are named '\(wanted)'")
    }
    let needs = [("hw_vif_model", shape.nicModel), ("hw_disk_bus", shape.diskBus)]
    for (property, value) in needs {
      guard let value, image[property]?.stringValue != value else { continue }
      throw .rejected(
        .invalid("image"),
        "vim \(name), GET /images: \(instance.id) needs \(property)=\(value), and image '\(wanted)' says \(image[property]?.stringValue ?? "nothing")"
      )
    }
    return id
  }

  // MARK: Group

  private func ensureGroup(_ group: String) async throws(VIMError) -> String {
    let name = Mark.group(group)
    if let there = try await groups(named: name).first { return there.id }
    let made = try await session.ask(
      .compute, "POST", "/os-server-groups",
      ["server_group": ["name": .string(name), "policy": "anti-affinity"]])
    guard let own = made.body["server_group"]?["id"]?.stringValue else {
      throw .unavailable(
        .unreachable, "vim \(self.name), POST /os-server-groups: the answer has no id", retryAfter: nil)
    }
    // Names are not unique: of two made at the same time the one with the lowest id stays.
    let kept = try await groups(named: name).first?.id ?? own
    if kept != own {
      _ = try await session.ask(.compute, "DELETE", "/os-server-groups/\(own)", allowing: [404])
    }
    return kept
  }

  private func groups(named name: String) async throws(VIMError) -> [(id: String, isEmpty: Bool)] {
    var found: [(id: String, isEmpty: Bool)] = []
    let limit = 1000
    while true {
      let path = "/os-server-groups?limit=\(limit)&offset=\(found.count)"
      let page = try await session.read(.compute, path)["server_groups"]?.arrayValue ?? []
      found += page.map {
        (
          $0["name"]?.stringValue == name ? $0["id"]?.stringValue ?? "" : "",
          $0["members"]?.arrayValue?.isEmpty ?? true
        )
      }
      if page.count < limit { break }
    }
    return found.filter { !$0.id.isEmpty }.sorted { $0.id < $1.id }
  }

  // MARK: Removing what the last user leaves

  /// Removes flavor, group and networks of an instance where no server of ours uses them, and ports that were made
  /// for a token and never used.
  func removeParts(of instance: PlacedInstance, token: EffectToken? = nil, flavor used: String? = nil) async {
    let networks = Networks(session: session)
    let shape = MachineShape(instance)
    if let ports = try? await networks.idlePorts(of: instance.id) { try? await networks.removePorts(ports) }
    var flavors = Set([used].compactMap { $0 })
    if let project = try? await session.project, let flavor = try? Flavor(shape, project: project) {
      flavors.insert(flavor.id)
    }
    for id in flavors {
      await shared.remove("flavor \(id)") {
        let users = try? await self.session.read(.compute, "/servers?flavor=\(id)&limit=1")["servers"]?
          .arrayValue
        if users?.isEmpty == true { await self.removeFlavor(id) }
      }
    }
    if let group = shape.apartGroup {
      await shared.remove(Key.group(group)) { await self.removeGroup(group) }
    }
    for link in (try? links(of: shape, instance)) ?? shape.networks {
      await shared.remove(Key.network(link)) { await networks.remove(link: link) }
    }
  }

  private func removeGroup(_ group: String) async {
    for found in (try? await groups(named: Mark.group(group))) ?? [] where found.isEmpty {
      _ = try? await session.ask(.compute, "DELETE", "/os-server-groups/\(found.id)", allowing: [404])
    }
  }
}
