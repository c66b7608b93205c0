import Diagnostics

/// The information model of OSM before its release 9: `vnfd-catalog` and `nsd-catalog`.
extension DescriptorReading {
  mutating func readCatalogVNFD(_ node: DescriptorNode) -> VNFDModel? {
    guard let id = required(node, "id", why: "services refer to it") else { return nil }
    var model = VNFDModel(id: id.text ?? "", node: node)
    id.state()
    node.dropEchoes(of: model.id)

    var internalPoints: [String: String] = [:]
    for vdu in maps(node, "vdu") {
      readConnectionPoints(of: vdu, into: &model, internalPoints: &internalPoints)
      guard let read = readCatalogVDU(vdu) else { continue }
      if let first = model.vdus.first(where: { $0.id == read.id }), let again = vdu["id"] {
        bag.report(.givenTwice(again, what: "VDU", first: first.node.range))
      }
      model.vdus.append(read)
    }
    for point in maps(node, "connection-point") {
      for key in ["name", "id"] {
        if let name = point[key]?.text, model.connectionPoints[name] == nil {
          model.connectionPoints[name] = []
        }
      }
    }
    for link in maps(node, "internal-vld") {
      if let link = readInternalLink(link, internalPoints) { model.internalLinks.append(link) }
    }
    for group in maps(node, "placement-groups") {
      let members = maps(group, "member-vdus").compactMap { required($0, "member-vdu-ref", why: "who?") }
      if let group = readPlacementGroup(group, members.map { .vdu($0.text ?? "") }) {
        model.groups.append(group)
      }
      let declared = Set(node["vdu"]?.items.compactMap { $0["id"]?.text } ?? [])
      for member in members where !declared.contains(member.text ?? "") {
        bag.report(.unknownReference(member, what: "VDU"))
      }
    }
    return checkHasVDU(model) ? model : nil
  }

  /// A VNF without a machine is nothing that can be placed.
  mutating func checkHasVDU(_ model: VNFDModel) -> Bool {
    if !model.vdus.isEmpty || model.node["vdu"]?.items.isEmpty == false { return true }
    if let unit = maps(model.node, "kdu").first {
      bag.report(
        .noCounterpart(unit, why: "a Kubernetes unit does not say what it takes; describe it in the policy"))
    } else {
      bag.report(.missing("vdu", in: model.node, why: "a VNF without VDUs takes no place"))
    }
    return false
  }

  private mutating func readConnectionPoints(
    of vdu: DescriptorNode, into model: inout VNFDModel, internalPoints: inout [String: String]
  ) {
    guard let id = vdu["id"]?.text else { return }
    for interface in maps(vdu, "interface") {
      for key in ["external-connection-point-ref", "vnfd-connection-point-ref"] {
        if let point = interface[key]?.text { model.connectionPoints[point, default: []].append(id) }
      }
      for key in ["internal-connection-point-ref", "vdu-internal-connection-point-ref"] {
        if let point = interface[key]?.text { internalPoints[point] = id }
      }
    }
  }

  private mutating func readCatalogVDU(_ node: DescriptorNode) -> VDUModel? {
    guard let id = required(node, "id", why: "instances are named by it") else { return nil }
    // A physical unit stands where it stands.
    if scalar(node, "pdu-type") != nil { return nil }
    var vdu = VDUModel(id: id.text ?? "", node: node)
    id.state()
    node.dropEchoes(of: vdu.id)

    let why = "a place must have room for it"
    guard let flavour = map(node, "vm-flavor") else {
      bag.report(.missing("vm-flavor", in: node, why: why))
      return nil
    }
    let cpuNode = required(flavour, "vcpu-count", why: why)
    let memoryNode = required(flavour, "memory-mb", why: why)
    guard let cpuNode, let memoryNode, let cpu = whole(cpuNode, atLeast: 1), let memory = whole(memoryNode)
    else {
      return nil
    }
    vdu.state("cpu", cpuNode)
    vdu.state("memory", memoryNode, unit: "MiB")
    if let disk = scalar(flavour, "storage-gb"), whole(disk) != nil { vdu.state("disk", disk, unit: "GiB") }
    if let count = scalar(node, "count"), whole(count) != nil { vdu.state("count", count) }
    if let image = scalar(node, "image") { vdu.stateText("image", image) }
    for interface in maps(node, "interface") {
      readInterface(interface, map(interface, "virtual-interface"), into: &vdu.platform)
    }
    if let epa = map(node, "guest-epa") {
      readGuestEPA(epa, cpu: cpu, mebibytes: memory, into: &vdu.platform)
    }
    vdu.platform.settle()
    return vdu
  }

  private mutating func readInternalLink(
    _ node: DescriptorNode, _ internalPoints: [String: String]
  ) -> InternalLink? {
    guard let id = required(node, "id", why: "links are named by it") else { return nil }
    var vdus: [String] = []
    for end in maps(node, "internal-connection-point") {
      guard let point = scalar(end, "id-ref") else { continue }
      if let vdu = internalPoints[point.text ?? ""] {
        vdus.append(vdu)
      } else {
        bag.report(.unknownReference(point, what: "internal connection point"))
      }
    }
    return InternalLink(id: id.text ?? "", node: node, vdus: vdus)
  }

  /// `strategy: COLOCATION` or `ISOLATION`, on hosts; what `requirement` says is prose.
  mutating func readPlacementGroup(_ node: DescriptorNode, _ members: [PlacementGroup.Member])
    -> PlacementGroup?
  {
    guard let name = required(node, "name", why: "rules are named by it") else { return nil }
    if let prose = scalar(node, "requirement") {
      prose.leaveUnstated()
      bag.report(.unstated(prose, why: "it is prose"))
    }
    let strategy = scalar(node, "strategy")
    var apart = false
    switch strategy?.text {
    case nil, "COLOCATION": break
    case "ISOLATION": apart = true
    default: if let strategy { bag.report(.wrongForm(strategy, wanted: "COLOCATION or ISOLATION")) }
    }
    node.reword()
    return PlacementGroup(id: name.text ?? "", node: node, apart: apart, level: "host", members: members)
  }

  // MARK: Network services

  mutating func readCatalogNSD(_ node: DescriptorNode) -> NSDModel? {
    guard let id = required(node, "id", why: "the service is named by it") else { return nil }
    var model = NSDModel(id: id.text ?? "", node: node)
    id.state()
    node.dropEchoes(of: model.id)

    for member in maps(node, "constituent-vnfd") {
      let index = required(member, "member-vnf-index", why: "links refer to it")
      let vnfd = required(member, "vnfd-id-ref", why: "what is it?")
      guard let index, let vnfd else { continue }
      addMember(index: index, vnfd: vnfd, to: &model)
      if let starts = scalar(member, "start-by-default"), starts.text == "false" {
        starts.leaveUnstated()
        bag.report(.unstated(starts, why: "what is in a policy gets a place"))
      }
    }
    if node["constituent-vnfd"]?.items.isEmpty ?? true {
      bag.report(.missing("constituent-vnfd", in: node, why: "a service without VNFs takes no place"))
    }
    for link in maps(node, "vld") {
      if let link = readCatalogLink(link) { model.links.append(link) }
    }
    for group in maps(node, "placement-groups") {
      let members = maps(group, "member-vnfd").compactMap {
        required($0, "member-vnf-index-ref", why: "who?")
      }
      for member in members where !model.members.contains(where: { $0.index == member.text }) {
        bag.report(.unknownReference(member, what: "member"))
      }
      if let group = readPlacementGroup(group, members.map { .member($0.text ?? "") }) {
        model.groups.append(group)
      }
    }
    return model
  }

  mutating func addMember(index: DescriptorNode, vnfd: DescriptorNode, to model: inout NSDModel) {
    if let first = model.members.first(where: { $0.index == index.text }) {
      bag.report(.givenTwice(index, what: "member", first: first.vnfdNode.range))
      return
    }
    model.members.append(NSDModel.Member(index: index.text ?? "", vnfd: vnfd.text ?? "", vnfdNode: vnfd))
    // Both are in the name of the VNF.
    index.state()
    vnfd.state()
  }

  private mutating func readCatalogLink(_ node: DescriptorNode) -> NSDModel.Link? {
    guard let id = required(node, "id", why: "links are named by it") else { return nil }
    var link = NSDModel.Link(id: id.text ?? "", node: node, ends: [])
    for end in maps(node, "vnfd-connection-point-ref") {
      let member = required(end, "member-vnf-index-ref", why: "which member?")
      let point = required(end, "vnfd-connection-point-ref", why: "which connection point?")
      guard let member, let point else { continue }
      link.ends.append(NSDModel.End(member: member.text ?? "", connectionPoint: point, node: end))
    }
    for limit in maps(node, "link-constraint") { readLimit(limit, into: &link) }
    return link
  }

  /// Latency and jitter in milliseconds.
  private mutating func readLimit(_ node: DescriptorNode, into link: inout NSDModel.Link) {
    guard let kind = required(node, "constraint-type", why: "what is limited?"),
      let value = required(node, "value", why: "to how much?")
    else { return }
    let field: String
    switch kind.text {
    case "LATENCY": field = "max_latency"
    case "JITTER": field = "max_jitter"
    default:
      node.leaveUnstated()
      bag.report(.unstated(kind, why: "the library limits latency and jitter"))
      return
    }
    guard let amount = decimal(value) else { return }
    link.limits.append(
      NSDModel.Limit(field: field, value: "\(PolicyText.number(amount)) ms", kindLeaf: kind, valueLeaf: value)
    )
  }
}

extension VDUModel {
  /// A field with the leaf's own digits.
  mutating func state(_ field: String, _ leaf: DescriptorNode, unit: String? = nil) {
    // A policy's numbers have no zeros before them; the leaf keeps them in its comment.
    let digits = leaf.text ?? ""
    let number = PolicyText.number(digits)
    fields.append((field, unit.map { "\(number) \($0)" } ?? number))
    leaf.use = number == digits ? .stated : .reworded
  }

  mutating func stateText(_ field: String, _ leaf: DescriptorNode) {
    fields.append((field, PolicyText.quoted(leaf.text ?? "")))
    leaf.state()
  }
}

extension Platform {
  /// What follows from all interfaces together.
  mutating func settle() {
    if virtualFunctions > 0 { need("sriov(ports: \(virtualFunctions))") }
  }
}
