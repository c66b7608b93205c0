import Diagnostics

/// The information model of OSM from its release 9 on: SOL006 with OSM's augmentations.
extension DescriptorReading {
  mutating func readStandardVNFD(_ node: DescriptorNode) -> VNFDModel? {
    guard let id = required(node, "id", why: "services refer to it") else { return nil }
    var model = VNFDModel(id: id.text ?? "", node: node)
    id.state()
    node.dropEchoes(of: model.id)

    let flavour = deploymentFlavour(of: node)
    var internalEnds: [String: [String]] = [:]
    for vdu in maps(node, "vdu") {
      for point in maps(vdu, "int-cpd") {
        if let link = point["int-virtual-link-desc"]?.text, let id = vdu["id"]?.text {
          internalEnds[link, default: []].append(id)
        }
      }
      guard let read = readStandardVDU(vdu, of: node, flavour) else { continue }
      if let first = model.vdus.first(where: { $0.id == read.id }), let again = vdu["id"] {
        bag.report(.givenTwice(again, what: "VDU", first: first.node.range))
      }
      model.vdus.append(read)
    }
    for point in maps(node, "ext-cpd") { readExternalPoint(point, into: &model) }
    for link in maps(node, "int-virtual-link-desc") {
      guard let id = required(link, "id", why: "links are named by it"), let name = id.text else { continue }
      model.internalLinks.append(InternalLink(id: name, node: link, vdus: internalEnds[name] ?? []))
    }
    if let flavour { model.groups = readAffinityGroups(flavour, members: vduMembers) }
    return checkHasVDU(model) ? model : nil
  }

  /// The one deployment flavour; of several the first, and the others are said to be left out.
  private mutating func deploymentFlavour(of node: DescriptorNode) -> DescriptorNode? {
    let flavours = maps(node, "df")
    for other in flavours.dropFirst() {
      other.leaveUnstated()
      bag.report(.unstated(other, why: "the first deployment flavour is taken"))
    }
    return flavours.first
  }

  private mutating func readExternalPoint(_ point: DescriptorNode, into model: inout VNFDModel) {
    guard let id = required(point, "id", why: "links refer to it"), let name = id.text else { return }
    guard let inner = map(point, "int-cpd"), let vdu = scalar(inner, "vdu-id") else {
      model.connectionPoints[name] = []
      return
    }
    model.connectionPoints[name, default: []].append(vdu.text ?? "")
  }

  private mutating func readStandardVDU(
    _ node: DescriptorNode, of vnfd: DescriptorNode, _ flavour: DescriptorNode?
  ) -> VDUModel? {
    guard let id = required(node, "id", why: "instances are named by it") else { return nil }
    if scalar(node, "pdu-type") != nil { return nil }
    var vdu = VDUModel(id: id.text ?? "", node: node)
    id.state()
    node.dropEchoes(of: vdu.id)

    guard let name = required(node, "virtual-compute-desc", why: "a place must have room for it"),
      let compute = referred(by: name, in: vnfd, "virtual-compute-desc"), readCompute(compute, into: &vdu)
    else { return nil }
    readStorage(of: node, in: vnfd, into: &vdu)
    if let count = instances(of: vdu.id, in: flavour), whole(count) != nil { vdu.state("count", count) }
    if let image = scalar(node, "sw-image-desc"),
      let described = referred(by: image, in: vnfd, "sw-image-desc")
    {
      vdu.stateText("image", scalar(described, "image") ?? scalar(described, "name") ?? image)
    }
    for point in maps(node, "int-cpd") {
      for requirement in maps(point, "virtual-network-interface-requirement") {
        readInterface(requirement, map(requirement, "virtual-interface"), into: &vdu.platform)
      }
    }
    vdu.platform.settle()
    return vdu
  }

  /// The description that a leaf names.
  private mutating func referred(
    by name: DescriptorNode, in vnfd: DescriptorNode, _ key: String
  ) -> DescriptorNode? {
    guard let found = maps(vnfd, key).first(where: { $0["id"]?.text == name.text }) else {
      bag.report(.unknownReference(name, what: key))
      return nil
    }
    return found
  }

  private mutating func readCompute(_ node: DescriptorNode, into vdu: inout VDUModel) -> Bool {
    let why = "a place must have room for it"
    guard let processor = map(node, "virtual-cpu"), let memory = map(node, "virtual-memory") else {
      for key in ["virtual-cpu", "virtual-memory"] where node[key] == nil {
        bag.report(.missing(key, in: node, why: why))
      }
      return false
    }
    let cpuNode = required(processor, "num-virtual-cpu", why: why)
    let sizeNode = required(memory, "size", why: why)
    guard let cpuNode, let sizeNode, let cpu = whole(cpuNode, atLeast: 1), let size = decimal(sizeNode) else {
      return false
    }
    vdu.state("cpu", cpuNode)
    vdu.state("memory", sizeNode, unit: "GiB")

    if let pinning = map(processor, "pinning") {
      if let policy = scalar(pinning, "policy") { readPinning(policy, into: &vdu.platform) }
      if let policy = scalar(pinning, "thread-policy") { readThreads(policy, into: &vdu.platform) }
    }
    let mebibytes = mebibytes(of: size)
    if let pages = scalar(memory, "mempage-size") {
      readPages(pages, mebibytes: mebibytes, into: &vdu.platform)
    }
    readGuestEPA(memory.only(["numa-node-policy"]), cpu: cpu, mebibytes: mebibytes, into: &vdu.platform)
    if let enabled = scalar(memory, "numa-enabled"), enabled.text?.lowercased() == "true",
      memory["numa-node-policy"] == nil
    {
      vdu.platform.guestCells = [cpu]
      vdu.platform.impliesCell = false
      vdu.platform.need("one_numa_cell")
      enabled.reword()
    }
    return true
  }

  /// `1.5` GiB are 1536 MiB; nil where it is no whole number of them.
  private func mebibytes(of gibibytes: String) -> Int? {
    let parts = gibibytes.split(separator: ".")
    guard let whole = Int(parts.first ?? "") else { return nil }
    guard parts.count == 2, let fraction = Int(parts[1]), fraction > 0 else { return whole * 1024 }
    let scale = parts[1].reduce(1) { product, _ in product * 10 }
    let (thousandths, overflow) = fraction.multipliedReportingOverflow(by: 1024)
    return overflow || thousandths % scale != 0 ? nil : whole * 1024 + thousandths / scale
  }

  /// What is on the host: persistent volumes are elsewhere.
  private mutating func readStorage(
    of node: DescriptorNode, in vnfd: DescriptorNode, into vdu: inout VDUModel
  ) {
    var amounts: [String] = []
    for name in words(node, "virtual-storage-desc") {
      guard let storage = referred(by: name, in: vnfd, "virtual-storage-desc") else { continue }
      if storage["type-of-storage"]?.text?.contains("persistent") == true { continue }
      let block = map(storage, "block-storage-data") ?? storage
      guard let size = scalar(block, "size-of-storage"), let amount = decimal(size) else { continue }
      amounts.append("\(PolicyText.number(amount)) GiB")
      if amount == PolicyText.number(amount) { size.state() } else { size.reword() }
    }
    if !amounts.isEmpty { vdu.fields.append(("disk", amounts.joined(separator: " + "))) }
  }

  /// How many there are at first.
  private mutating func instances(of vdu: String, in flavour: DescriptorNode?) -> DescriptorNode? {
    guard let flavour else { return nil }
    for level in maps(flavour, "instantiation-level").prefix(1) {
      for entry in maps(level, "vdu-level") where entry["vdu-id"]?.text == vdu {
        if let count = scalar(entry, "number-of-instances") { return count }
      }
    }
    return maps(flavour, "vdu-profile").first { $0["id"]?.text == vdu }.flatMap {
      scalar($0, "min-number-of-instances")
    }
  }

  // MARK: Affinity

  private var vduMembers: (key: String, make: @Sendable (String) -> PlacementGroup.Member) {
    ("vdu-profile", { .vdu($0) })
  }

  /// Groups that profiles name, and what a profile asks of its own instances.
  mutating func readAffinityGroups(
    _ flavour: DescriptorNode, members: (key: String, make: @Sendable (String) -> PlacementGroup.Member)
  ) -> [PlacementGroup] {
    let profiles = maps(flavour, members.key)
    var groups: [PlacementGroup] = []
    for group in maps(flavour, "affinity-or-anti-affinity-group") {
      guard let id = required(group, "id", why: "profiles refer to it"), let name = id.text else { continue }
      var named: [PlacementGroup.Member] = []
      for profile in profiles {
        for reference in maps(profile, "affinity-or-anti-affinity-group") where reference["id"]?.text == name
        {
          named.append(members.make(profile["id"]?.text ?? ""))
          reference.reword()
        }
      }
      if let read = readAffinity(group, id: name, named) { groups.append(read) }
    }
    for profile in profiles {
      guard let id = profile["id"]?.text else { continue }
      for rule in maps(profile, "local-affinity-or-anti-affinity-rule") {
        if let read = readAffinity(rule, id: "\(id)-local", [members.make(id)]) { groups.append(read) }
      }
    }
    return groups
  }

  private mutating func readAffinity(
    _ node: DescriptorNode, id: String, _ members: [PlacementGroup.Member]
  ) -> PlacementGroup? {
    let type = scalar(node, "type") ?? scalar(node, "affinity-type")
    let scope = scalar(node, "scope") ?? scalar(node, "affinity-scope")
    guard let type, let scope else {
      bag.report(.missing("type or scope", in: node, why: "together or apart, and where?"))
      return nil
    }
    guard ["affinity", "anti-affinity"].contains(type.text) else {
      bag.report(.wrongForm(type, wanted: "affinity or anti-affinity"))
      return nil
    }
    let levels = ["nfvi-node": "host", "zone": "zone", "nfvi-pop": "site"]
    guard let level = levels[scope.text ?? ""] else {
      bag.report(.noCounterpart(scope, why: "the library knows nfvi-node, zone and nfvi-pop"))
      return nil
    }
    node.reword()
    return PlacementGroup(
      id: id, node: node, apart: type.text == "anti-affinity", level: level, members: members)
  }

  // MARK: Network services

  mutating func readStandardNSD(_ node: DescriptorNode) -> NSDModel? {
    guard let id = required(node, "id", why: "the service is named by it") else { return nil }
    var model = NSDModel(id: id.text ?? "", node: node)
    id.state()
    node.dropEchoes(of: model.id)

    guard let flavour = deploymentFlavour(of: node) else {
      bag.report(.missing("df", in: node, why: "a service without VNFs takes no place"))
      return nil
    }
    var ends: [(link: DescriptorNode, end: NSDModel.End)] = []
    for profile in maps(flavour, "vnf-profile") {
      let index = required(profile, "id", why: "links refer to it")
      let vnfd = required(profile, "vnfd-id", why: "what is it?")
      guard let index, let vnfd else { continue }
      addMember(index: index, vnfd: vnfd, to: &model)
      if let least = scalar(profile, "min-number-of-instances"), (whole(least) ?? 1) > 1 {
        least.leaveUnstated()
        bag.report(.unstated(least, why: "a member of a service is one VNF; name it once for each"))
      }
      ends += readConnectivity(of: profile, member: index.text ?? "")
    }
    for vnfd in words(node, "vnfd-id") where model.members.contains(where: { $0.vnfd == vnfd.text }) {
      vnfd.state()
    }
    readStandardLinks(node, flavour, ends, into: &model)
    for level in maps(flavour, "ns-instantiation-level") {
      level.leaveUnstated()
      bag.report(.unstated(level, why: "each member of the service is placed once"))
    }
    model.groups = readAffinityGroups(flavour, members: ("vnf-profile", { .member($0) }))
    return model
  }

  private mutating func readConnectivity(
    of profile: DescriptorNode, member: String
  ) -> [(link: DescriptorNode, end: NSDModel.End)] {
    var ends: [(link: DescriptorNode, end: NSDModel.End)] = []
    for connection in maps(profile, "virtual-link-connectivity") {
      guard let link = required(connection, "virtual-link-profile-id", why: "which link?") else { continue }
      for point in maps(connection, "constituent-cpd-id") {
        guard let name = required(point, "constituent-cpd-id", why: "which connection point?") else {
          continue
        }
        let owner = scalar(point, "constituent-base-element-id")?.text ?? member
        ends.append((link, NSDModel.End(member: owner, connectionPoint: name, node: connection)))
      }
    }
    return ends
  }

  /// Profiles name links by their description, or by a profile that names it.
  private mutating func readStandardLinks(
    _ node: DescriptorNode, _ flavour: DescriptorNode, _ ends: [(link: DescriptorNode, end: NSDModel.End)],
    into model: inout NSDModel
  ) {
    var described: [String: String] = [:]
    for profile in maps(flavour, "virtual-link-profile") {
      if let id = profile["id"]?.text { described[id] = profile["virtual-link-desc-id"]?.text ?? id }
      for key in ["max-bitrate-requirements", "min-bitrate-requirements", "qos"] {
        guard let limit = profile[key] else { continue }
        limit.leaveUnstated()
        bag.report(.unstated(limit, why: "OSM does not say how it is to be counted; give the link a rate"))
      }
    }
    for link in maps(node, "virtual-link-desc") {
      guard let id = required(link, "id", why: "links are named by it"), let name = id.text else { continue }
      let own = ends.filter { (described[$0.link.text ?? ""] ?? $0.link.text) == name }.map(\.end)
      model.links.append(NSDModel.Link(id: name, node: link, ends: own))
    }
    for (link, _) in ends {
      let name = described[link.text ?? ""] ?? link.text
      if !model.links.contains(where: { $0.id == name }) {
        bag.report(.unknownReference(link, what: "virtual link"))
      }
    }
  }
}

extension DescriptorNode {
  /// The same node with some of its fields alone.
  func only(_ keys: Set<String>) -> DescriptorNode {
    DescriptorNode(keeping: fields.filter { keys.contains($0.key) }, of: self)
  }
}
