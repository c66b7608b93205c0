import VIMProtocol

/// A network that a card can be put on.
struct Network: Hashable, Sendable {
  let object: ManagedObject
  let name: String
  let backing: NetworkCard.Backing
  var isOurs: Bool { name.hasPrefix(Self.prefix) }

  static let prefix = "placet-"
  /// The name of the port group that we make for a virtual link.
  static func own(_ link: String) -> String { prefix + Mark.plain(link) }
}

/// Networks that a machine is being made for: none of them is removed meanwhile.
actor NetworkLeases {
  private var leases: [String: Int] = [:]

  func take(_ names: [String]) { for name in names { leases[name, default: 0] += 1 } }

  func give(_ names: [String]) {
    for name in names {
      leases[name, default: 0] -= 1
      if leases[name] == 0 { leases[name] = nil }
    }
  }

  func isTaken(_ name: String) -> Bool { leases[name] != nil }
}

extension VSphereVIM {
  /// The network of a link on a host: one that the operator made by the link's own name, else ours, which is made
  /// where it is missing: on the distributed switch that the host is a member of, else on the host's own switch.
  func ensureNetwork(_ link: String, on host: Directory.Host, of objects: [ManagedObject])
    async throws(VIMError) -> Network
  {
    if let found = try await network([link, Network.own(link)], among: objects) { return found }
    if let made = try await makeDistributed(Network.own(link), for: link, on: host) { return made }
    return try await makeStandard(Network.own(link), on: host)
  }

  /// The first of these names that a network of the host has.
  func network(_ names: [String], among objects: [ManagedObject]) async throws(VIMError) -> Network? {
    let seen = try await session.retrieve(objects, ["name"])
    for name in names {
      guard let object = seen.first(where: { $0.text("name").map(unescapedName) == name })?.object else {
        continue
      }
      return try await network(object, named: name)
    }
    return nil
  }

  private func network(_ object: ManagedObject, named name: String) async throws(VIMError) -> Network? {
    guard object.type == "DistributedVirtualPortgroup" else {
      return Network(object: object, name: name, backing: .standard(name))
    }
    guard let group = try await session.retrieve(object, ["key", "config.distributedVirtualSwitch"]),
      let owner = group.reference("config.distributedVirtualSwitch"),
      let uuid = try await session.retrieve(owner, ["uuid"])?.text("uuid")
    else { return nil }
    return Network(
      object: object, name: name,
      backing: .distributed(switchID: uuid, portgroup: group.text("key") ?? object.value))
  }

  private func makeDistributed(_ name: String, for link: String, on host: Directory.Host)
    async throws(VIMError) -> Network?
  {
    let switches = try await session.retrieve(
      [("DistributedVirtualSwitch", ["name", "uuid", "summary.hostMember"])], below: host.datacenter.object)
    let member = switches.filter { $0.references("summary.hostMember").contains(host.object) }
      .min { ($0.text("name") ?? "") < ($1.text("name") ?? "") }
    guard let member, let uuid = member.text("uuid") else { return nil }
    let end = try await session.task("AddDVPortgroup_Task", on: member.object, patience: patience) {
      XMLText("spec") {
        XMLText("name", name)
        XMLText("numPorts", 8)
        XMLText("description", "Made by placet for the link \(link), which removes it again")
        XMLText("type", "earlyBinding")
        XMLText("autoExpand", true)
      }
    }
    if case .fault(let fault) = end, !fault.isTaken {
      throw fault.error(of: self.name, call: "AddDVPortgroup_Task")
    }
    let groups = try await session.retrieve(
      [("DistributedVirtualPortgroup", ["name", "key", "config.distributedVirtualSwitch"])],
      below: host.datacenter.object)
    guard
      let group = groups.first(where: {
        $0.text("name").map(unescapedName) == name
          && $0.reference("config.distributedVirtualSwitch") == member.object
      })
    else {
      throw .rejected(
        .conflict,
        "vim \(self.name), AddDVPortgroup_Task: something else in \(host.datacenter.name) is called \(name)")
    }
    return Network(
      object: group.object, name: name,
      backing: .distributed(switchID: uuid, portgroup: group.text("key") ?? group.object.value))
  }

  private func makeStandard(_ name: String, on host: Directory.Host) async throws(VIMError) -> Network {
    let seen = try await session.retrieve(
      host.object, ["configManager.networkSystem", "config.network.vswitch"])
    guard let system = seen?.reference("configManager.networkSystem"),
      let card = seen?["config.network.vswitch"]?.children.first?.text("name")
    else {
      throw .rejected(
        .unsupported,
        "vim \(self.name), AddPortGroup: \(host.name) has no switch that a network can be made on")
    }
    let reply = try await session.reply("AddPortGroup", on: system, isSafe: false) {
      XMLText("portgrp") {
        XMLText("name", name)
        XMLText("vlanId", 0)
        XMLText("vswitchName", card)
        XMLText("policy") {}
      }
    }
    if case .fault(let fault) = reply, !fault.isTaken {
      throw fault.error(of: self.name, call: "AddPortGroup")
    }
    let networks = try await session.retrieve([("Network", ["name"])], below: host.datacenter.object)
    guard let made = networks.first(where: { $0.text("name").map(unescapedName) == name })?.object else {
      throw .rejected(
        .notFound, "vim \(self.name), AddPortGroup: \(host.name) made \(name), and does not show it")
    }
    return Network(object: made, name: name, backing: .standard(name))
  }

  /// Removes those of ours that no machine is on any more and none is being made for.
  func releaseNetworks(_ objects: [ManagedObject], hosts: [ManagedObject]) async throws(VIMError) {
    let seen = try await session.retrieve(objects, ["name", "host"])
    for network in seen {
      guard let name = network.text("name").map(unescapedName), name.hasPrefix(Network.prefix) else {
        continue
      }
      guard !(await networks.isTaken(name)) else { continue }
      // Whom the network itself names is not asked: not every version keeps that list while machines are off.
      guard !(try await isUsed(network.object)) else { continue }
      if network.object.type == "DistributedVirtualPortgroup" {
        let end = try await session.task("Destroy_Task", on: network.object, patience: patience)
        if case .fault(let fault) = end, !fault.isGone, fault.name != "ResourceInUse" {
          throw fault.error(of: self.name, call: "Destroy_Task")
        }
      } else {
        try await removeStandard(name, from: Set(network.references("host") + hosts))
      }
    }
  }

  private func isUsed(_ network: ManagedObject) async throws(VIMError) -> Bool {
    if let users = try await session.retrieve(network, ["vm"])?.references("vm"), !users.isEmpty {
      // It may list one that went a moment ago.
      return try await !session.retrieve(users, ["name"]).isEmpty
    }
    return try await session.retrieve([("VirtualMachine", ["network"])]).contains {
      $0.references("network").contains(network)
    }
  }

  private func removeStandard(_ name: String, from hosts: Set<ManagedObject>) async throws(VIMError) {
    for host in hosts.sorted(by: { $0.value < $1.value }) {
      guard
        let system = try await session.retrieve(host, ["configManager.networkSystem"])?
          .reference("configManager.networkSystem")
      else { continue }
      let reply = try await session.reply("RemovePortGroup", on: system, isSafe: false) {
        XMLText("pgName", name)
      }
      if case .fault(let fault) = reply, !fault.isGone, fault.name != "ResourceInUse" {
        throw fault.error(of: self.name, call: "RemovePortGroup")
      }
    }
  }
}
