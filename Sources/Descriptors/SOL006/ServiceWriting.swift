import Diagnostics

/// Services of a policy from what descriptors say.
struct ServiceWriting {
  /// A VNF of the policy: VDUs of a member that are alike in what they ask of the platform.
  struct Function {
    var name: String
    var platform: Platform
    var vdus: [VDUModel]
  }
  /// A member of a service, written out.
  struct Member {
    var name: String
    var index: String
    var model: VNFDModel
    var functions: [Function]

    func function(of vdu: String) -> Function? { functions.first { $0.vdus.contains { $0.id == vdu } } }
  }

  var bag = DiagnosticBag()
  private(set) var text = PolicyText()
  private(set) var imports: Set<String> = ["nfv", "rules.capacity"]
  private var serviceNames: Set<String> = []
  /// INVARIANT: VNF names are unique in the whole policy, so that `vnf["…"]` means one.
  private var functionNames: Set<String> = []
  private var ruleNames: Set<String> = []

  // MARK: Services

  mutating func writeService(_ nsd: NSDModel, _ models: [String: VNFDModel]) {
    var members: [Member] = []
    for member in nsd.members {
      guard let model = models[member.vnfd] else { continue }
      let glue = PolicyText.isWord("\(model.id)_\(member.index)") ? "_" : "-"
      members.append(written(model, name: "\(model.id)\(glue)\(member.index)", index: member.index))
    }

    text.line()
    text.comment("nsd \(nsd.id) of \(nsd.node.source.name)")
    var body = PolicyText()
    for member in members { writeFunctions(of: member, to: &body) }
    for link in nsd.links { writeLink(link, members, to: &body) }
    for member in members { writeInternalLinks(of: member, to: &body) }
    text.block("service \(PolicyText.name(Self.unique(nsd.id, in: &serviceNames)))", body)
    for member in members { writeGroups(member.model.groups, of: "vnfd \(member.model.id)", [member]) }
    writeGroups(nsd.groups, of: "nsd \(nsd.id)", members)
  }

  /// A VNFD that no service names is a service by itself.
  mutating func writeService(_ model: VNFDModel) {
    let member = written(model, name: model.id, index: "")
    text.line()
    text.comment("vnfd \(model.id) of \(model.node.source.name), in no service: one by itself")
    var body = PolicyText()
    writeFunctions(of: member, to: &body)
    writeInternalLinks(of: member, to: &body)
    text.block("service \(PolicyText.name(Self.unique(model.id, in: &serviceNames)))", body)
    writeGroups(model.groups, of: "vnfd \(model.id)", [member])
  }

  /// VDUs that are alike in their platform stand in one VNF, in order of the first of each kind.
  private mutating func written(_ model: VNFDModel, name: String, index: String) -> Member {
    var platforms: [Platform] = []
    for vdu in model.vdus where !platforms.contains(vdu.platform) { platforms.append(vdu.platform) }
    let functions = platforms.map { platform in
      let vdus = model.vdus.filter { $0.platform == platform }
      let own = platforms.count == 1 ? name : "\(name)-\(vdus.first?.id ?? "")"
      return Function(name: Self.unique(own, in: &functionNames), platform: platform, vdus: vdus)
    }
    return Member(name: name, index: index, model: model, functions: functions)
  }

  // MARK: Functions

  private mutating func writeFunctions(of member: Member, to text: inout PolicyText) {
    if member.functions.count > 1 {
      text.comment("The VDUs of vnfd \(member.model.id) differ in what they ask of a host: a VNF each.")
    }
    for function in member.functions {
      if function.platform.usesEPA { imports.insert("epa") }
      text.block("vnf \(PolicyText.name(function.name))") { inner in
        Self.write(function.platform, to: &inner)
        for vdu in function.vdus {
          inner.block("vdu \(PolicyText.name(vdu.id))") { body in
            for field in vdu.fields { body.line("\(field.name): \(field.value)") }
          }
        }
      }
    }
  }

  private static func write(_ platform: Platform, to text: inout PolicyText) {
    if let cpus = platform.cpus { text.line("cpus: \(cpus)") }
    if let threads = platform.threads { text.line("threads: \(threads)") }
    if let size = platform.pageSize { text.line("page_size: \(size)") }
    if platform.impliesCell {
      text.comment("One cell: so Nova reads dedicated CPUs and large pages without a numa-node-policy.")
    }
    if !platform.guestCells.isEmpty {
      text.line("guest_cells: [\(platform.guestCells.map(String.init).joined(separator: ", "))]")
    }
    if platform.virtualFunctions > 0 { text.line("vfs: \(platform.virtualFunctions)") }
    if !platform.devices.isEmpty { text.line("devices: [\(platform.devices.joined(separator: ", "))]") }
    if !platform.needs.isEmpty { text.line("needs: [\(platform.needs.joined(separator: ", "))]") }
  }

  // MARK: Links

  private mutating func writeLink(_ link: NSDModel.Link, _ members: [Member], to text: inout PolicyText) {
    var ends: [String] = []
    for end in link.ends {
      guard let member = members.first(where: { $0.index == end.member }) else {
        bag.report(.unknownReference(end.connectionPoint, what: "member '\(end.member)' that has"))
        continue
      }
      guard let vdus = member.model.connectionPoints[end.connectionPoint.text ?? ""] else {
        bag.report(
          .unknownReference(end.connectionPoint, what: "connection point of vnfd '\(member.model.id)' called")
        )
        continue
      }
      for vdu in vdus { ends += member.function(of: vdu).map { [$0.name] } ?? [] }
    }
    guard write(ends, id: link.id, limits: link.limits, node: link.node, to: &text) else { return }
    for end in link.ends { end.node.reword() }
    for limit in link.limits {
      imports.insert("rules.latency")
      limit.kindLeaf.reword()
      if limit.value.hasPrefix("\(limit.valueLeaf.text ?? "") ") {
        limit.valueLeaf.state()
      } else {
        limit.valueLeaf.reword()
      }
    }
  }

  private mutating func writeInternalLinks(of member: Member, to text: inout PolicyText) {
    for link in member.model.internalLinks {
      let ends = link.vdus.compactMap { member.function(of: $0)?.name }
      let name = member.index.isEmpty ? link.id : "\(member.name)-\(link.id)"
      if write(ends, id: name, limits: [], node: link.node, to: &text) {
        link.node["internal-connection-point"]?.reword()
      }
    }
  }

  /// False, and nothing written, where there are not two ends to a link.
  private mutating func write(
    _ ends: [String], id: String, limits: [NSDModel.Limit], node: DescriptorNode, to text: inout PolicyText
  ) -> Bool {
    var distinct: [String] = []
    for end in ends where !distinct.contains(end) { distinct.append(end) }
    guard distinct.count > 1 else { return false }
    let list = distinct.map { "vnf[\(PolicyText.quoted($0))]" }.joined(separator: ", ")
    text.block("link \(PolicyText.name(id))") { inner in
      inner.line("ends: [\(list)]")
      for limit in limits { inner.line("\(limit.field): \(limit.value)") }
    }
    node["id"]?.state()
    node.dropEchoes(of: node["id"]?.text ?? "")
    return true
  }

  // MARK: Placement groups

  private mutating func writeGroups(_ groups: [PlacementGroup], of owner: String, _ members: [Member]) {
    for group in groups {
      let parts = group.members.compactMap { part($0, of: members) }
      guard !parts.isEmpty else {
        group.node.leaveUnstated()
        bag.report(.unstated(group.node, why: "nobody is in it"))
        continue
      }
      imports.insert("rules.spread")
      // A group of a VNFD is one in each member that is made of it.
      let suffix = members.count == 1 && !members[0].index.isEmpty ? "_\(members[0].index)" : ""
      text.line()
      text.comment(
        "Group \(group.id) of \(owner): its members \(group.apart ? "never share" : "share") a \(group.level).",
        mark: "///")
      let body = group.apart ? apart(parts, group.level) : together(parts, group.level)
      text.block("rule \(Self.unique(Self.word(group.id + suffix), in: &ruleNames)) layer service", body)
    }
  }

  /// The instances of one member of a group: VNFs, and the VDUs of them where not all are meant.
  private struct GroupPart {
    var functions: [String]
    var vdus: [String] = []

    var instances: String {
      let names = functions.map { "vnf[\(PolicyText.quoted($0))]" }
      let condition = vdus.map { "i.vdu?.name == \(PolicyText.quoted($0))" }.joined(separator: " or ")
      if names.count == 1 {
        return vdus.isEmpty
          ? "\(names[0]).instances" : "[i for each i in \(names[0]).instances where \(condition)]"
      }
      return "[i for each v in [\(names.joined(separator: ", "))], i in v.instances]"
    }
  }

  private func part(_ member: PlacementGroup.Member, of members: [Member]) -> GroupPart? {
    switch member {
    case .member(let index):
      return members.first { $0.index == index }.map { GroupPart(functions: $0.functions.map(\.name)) }
    case .vdu(let id):
      guard let function = members.lazy.compactMap({ $0.function(of: id) }).first else { return nil }
      return GroupPart(functions: [function.name], vdus: function.vdus.count > 1 ? [id] : [])
    }
  }

  /// One member: its own instances; several: those of each from those of the others.
  private func apart(_ parts: [GroupPart], _ level: String) -> PolicyText {
    var body = PolicyText()
    if parts.count == 1 { body.line("require spread(\(parts[0].instances), over: \(level))") }
    for (index, part) in parts.enumerated() {
      for other in parts[(index + 1)...] {
        body.block("for each x in \(part.instances), y in \(other.instances)") { inner in
          inner.line("require spread([x, y], over: \(level))")
        }
      }
    }
    return body
  }

  private func together(_ parts: [GroupPart], _ level: String) -> PolicyText {
    var body = PolicyText()
    if parts.count == 1 {
      body.line("require gather(\(parts[0].instances), over: \(level))")
    } else {
      let lists = parts.map { $0.instances }.joined(separator: ", ")
      body.line("require gather([i for each list in [\(lists)], i in list], over: \(level))")
    }
    return body
  }

  // MARK: Names

  private static func unique(_ name: String, in names: inout Set<String>) -> String {
    var candidate = name
    var number = 2
    while !names.insert(candidate).inserted {
      candidate = "\(name)-\(number)"
      number += 1
    }
    return PolicyText.isWord(name) && !PolicyText.isWord(candidate) ? candidate.replacingHyphens() : candidate
  }

  /// A word that resembles the name and that the library does not use: rules have no quoted names.
  private static func word(_ name: String) -> String {
    let letters = name.unicodeScalars.map { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        ? Character(scalar) : "_"
    }
    return "group_\(String(letters))"
  }
}

extension String {
  fileprivate func replacingHyphens() -> String { String(map { $0 == "-" ? "_" : $0 }) }
}
