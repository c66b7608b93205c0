import VIMProtocol

/// What a cluster's scheduler is told about our machines, by name: a group of one machine, a group of one host, a
/// rule that binds them, groups of machines that are kept apart, and that the scheduler moves none of them.
struct ClusterRules: Sendable {
  struct Rule: Hashable, Sendable {
    let key: String
    let name: String
    let machineGroup: String?
    let hostGroup: String?
    let machines: [ManagedObject]
  }

  struct Group: Hashable, Sendable {
    let name: String
    let isOfHosts: Bool
    let members: [ManagedObject]
  }

  let rules: [Rule]
  let groups: [Group]
  /// Machines with a word of their own about the scheduler.
  let overrides: [ManagedObject: Bool]

  static let paths = ["configurationEx"]

  init(_ configuration: XMLNode?) {
    rules = (configuration?.all("rule") ?? []).map { rule in
      Rule(
        key: rule.text("key") ?? "", name: rule.text("name") ?? "", machineGroup: rule.text("vmGroupName"),
        hostGroup: rule.text("affineHostGroupName"), machines: rule.all("vm").compactMap { ManagedObject($0) }
      )
    }
    groups = (configuration?.all("group") ?? []).map { group in
      Group(
        name: group.text("name") ?? "", isOfHosts: group.schemaType == "ClusterHostGroup",
        members: group.children.filter { $0.name == "vm" || $0.name == "host" }.compactMap {
          ManagedObject($0)
        })
    }
    var overrides: [ManagedObject: Bool] = [:]
    for entry in configuration?.all("drsVmConfig") ?? [] {
      if let machine = ManagedObject(entry["key"]) { overrides[machine] = entry.bool("enabled") ?? true }
    }
    self.overrides = overrides
  }

  func rule(_ name: String) -> Rule? { rules.first { $0.name == name } }
  func group(_ name: String) -> Group? { groups.first { $0.name == name } }

  // MARK: Names

  static func pin(_ machine: String) -> String { "placet-pin-\(machine)" }
  static func machineGroup(_ machine: String) -> String { "placet-vm-\(machine)" }
  static func hostGroup(_ host: String) -> String { "placet-host-\(Mark.plain(host))" }
  static func apart(_ group: String) -> String { "placet-apart-\(Mark.plain(group))" }

  // MARK: Changes

  /// A change of the groups and one of the rules, in the order in which they can be made.
  struct Change: Sendable {
    var first: [XMLText] = []
    var second: [XMLText] = []

    /// Each step in the order of the schema: overrides, rules, groups.
    var steps: [[XMLText]] {
      [first, second].filter { !$0.isEmpty }.map { step in
        ["<drs", "<rules", "<group"].flatMap { prefix in step.filter { $0.text.hasPrefix(prefix) } }
      }
    }
  }

  /// Binds a machine to its host and keeps it apart from the others of its group. Empty where that is so already.
  func pinning(
    _ machine: ManagedObject, named name: String, to host: ManagedObject, named hostName: String,
    apart: String?
  ) -> Change {
    var change = Change()
    let (ownGroup, hostGroup) = (Self.machineGroup(name), Self.hostGroup(hostName))
    if group(ownGroup)?.members != [machine] {
      change.first.append(Self.groupSpec(group(ownGroup) == nil ? "add" : "edit", ownGroup, [machine]))
    }
    if group(hostGroup)?.members != [host] {
      change.first.append(Self.groupSpec(group(hostGroup) == nil ? "add" : "edit", hostGroup, [host]))
    }
    let pin = rule(Self.pin(name))
    if pin?.machineGroup != ownGroup || pin?.hostGroup != hostGroup {
      change.second.append(Self.pinSpec(pin, Self.pin(name), ownGroup, hostGroup))
    }
    if let apart {
      let groupName = Self.apart(apart)
      let members = group(groupName)?.members ?? []
      if !members.contains(machine) {
        let all = members + [machine]
        change.first.append(Self.groupSpec(members.isEmpty ? "add" : "edit", groupName, all))
        // A rule about one machine says nothing, and vSphere refuses it.
        if all.count > 1 { change.second.append(Self.apartSpec(rule(groupName), groupName, all)) }
      }
    }
    if overrides[machine] != false {
      change.second.append(Self.overrideSpec(overrides[machine] == nil ? "add" : "edit", machine))
    }
    return change
  }

  /// Takes back all that was said of a machine: rules before the groups that they name.
  func releasing(_ machine: ManagedObject, named name: String, apart: String?) -> Change {
    var change = Change()
    let pin = rule(Self.pin(name))
    if let pin { change.first.append(Self.removal("rulesSpec", key: pin.key)) }
    if group(Self.machineGroup(name)) != nil {
      change.second.append(Self.groupRemoval(Self.machineGroup(name)))
    }
    if let hostGroup = pin?.hostGroup, group(hostGroup) != nil,
      !rules.contains(where: { $0.hostGroup == hostGroup && $0.name != pin?.name })
    {
      change.second.append(Self.groupRemoval(hostGroup))
    }
    if let groupName = apart.map(Self.apart), let members = group(groupName)?.members {
      let rest = members.filter { $0 != machine }
      if let rule = rule(groupName), rest.count != members.count || rest.count < 2 {
        change.first.append(
          rest.count < 2 ? Self.removal("rulesSpec", key: rule.key) : Self.apartSpec(rule, groupName, rest))
      }
      change.second.append(
        rest.isEmpty ? Self.groupRemoval(groupName) : Self.groupSpec("edit", groupName, rest))
    }
    if overrides[machine] != nil {
      change.first.append(
        XMLText("drsVmConfigSpec") {
          XMLText("operation", "remove")
          XMLText(any: "removeKey", machine)
        })
    }
    return change
  }

  private static func groupSpec(_ operation: String, _ name: String, _ members: [ManagedObject]) -> XMLText {
    let isOfHosts = members.first?.type == "HostSystem"
    return XMLText("groupSpec") {
      XMLText("operation", operation)
      XMLText("info", schemaType: isOfHosts ? "ClusterHostGroup" : "ClusterVmGroup") {
        XMLText("name", name)
        members.map { XMLText(isOfHosts ? "host" : "vm", $0) }
      }
    }
  }

  private static func groupRemoval(_ name: String) -> XMLText {
    XMLText("groupSpec") {
      XMLText("operation", "remove")
      XMLText("removeKey", name, schemaType: "xsd:string")
    }
  }

  private static func pinSpec(_ old: Rule?, _ name: String, _ machines: String, _ hosts: String) -> XMLText {
    XMLText("rulesSpec") {
      XMLText("operation", old == nil ? "add" : "edit")
      XMLText("info", schemaType: "ClusterVmHostRuleInfo") {
        if let old { XMLText("key", old.key) }
        XMLText("enabled", true)
        XMLText("name", name)
        XMLText("mandatory", true)
        XMLText("vmGroupName", machines)
        XMLText("affineHostGroupName", hosts)
      }
    }
  }

  private static func apartSpec(_ old: Rule?, _ name: String, _ machines: [ManagedObject]) -> XMLText {
    XMLText("rulesSpec") {
      XMLText("operation", old == nil ? "add" : "edit")
      XMLText("info", schemaType: "ClusterAntiAffinityRuleSpec") {
        if let old { XMLText("key", old.key) }
        XMLText("enabled", true)
        XMLText("name", name)
        XMLText("mandatory", true)
        machines.map { XMLText("vm", $0) }
      }
    }
  }

  private static func removal(_ element: String, key: String) -> XMLText {
    XMLText(element) {
      XMLText("operation", "remove")
      XMLText("removeKey", key, schemaType: "xsd:int")
    }
  }

  private static func overrideSpec(_ operation: String, _ machine: ManagedObject) -> XMLText {
    XMLText("drsVmConfigSpec") {
      XMLText("operation", operation)
      XMLText("info") {
        XMLText("key", machine)
        XMLText("enabled", false)
      }
    }
  }
}

/// One change of a cluster at a time: groups are replaced whole, so two writers would lose a member.
actor ClusterQueue {
  private var tails: [ManagedObject: Task<Void, Never>] = [:]

  func run<T: Sendable>(
    on cluster: ManagedObject, _ body: @escaping @Sendable () async throws(VIMError) -> T
  ) async throws(VIMError) -> T {
    let before = tails[cluster]
    let task = Task { () async -> Result<T, VIMError> in
      await before?.value
      return await result(body)
    }
    tails[cluster] = Task { _ = await task.value }
    return try await task.value.get()
  }
}

extension VSphereVIM {
  /// Reads the cluster's rules, works out a change and makes it, once more where somebody else changed them
  /// in between.
  func changeRules(
    of cluster: ManagedObject, _ change: @escaping @Sendable (ClusterRules) -> ClusterRules.Change
  ) async throws(VIMError) {
    let (session, patience) = (session, patience)
    try await clusters.run(on: cluster) { () async throws(VIMError) in
      var attempt = 1
      while true {
        guard let seen = try await session.retrieve(cluster, ClusterRules.paths) else { return }
        let wanted = change(ClusterRules(seen["configurationEx"]))
        do throws(VIMError) {
          // Groups before the rules that name them, and the other way round when they go: two steps.
          for step in wanted.steps {
            _ = try await session.perform(
              "ReconfigureComputeResource_Task", on: cluster, patience: patience
            ) {
              XMLText("spec", schemaType: "ClusterConfigSpecEx") { step }
              XMLText("modify", true)
            }
          }
          return
        } catch {
          guard case .rejected(.invalid, _) = error, attempt < 3 else { throw error }
          attempt += 1
        }
      }
    }
  }
}
