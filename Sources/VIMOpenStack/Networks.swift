import NFVModel
import VIMProtocol

/// Networks, subnets and ports: Neutron has no token and takes any name twice, so everything is looked for by its name
/// before it is made, and a second one of the same name is removed again.
struct Networks: Sendable {
  let session: OpenStackSession

  /// The network of a virtual link: the cloud's own of that name, else ours, made when it is not there.
  func ensure(link: String) async throws(VIMError) -> String {
    let names = [link, Mark.network(of: link)]
    let query = names.map { "name=\($0.queryEscaped)" }.joined(separator: "&")
    let found = try await session.readAll(.network, "/networks?\(query)", "networks")
    if let theirs = found.first(where: { $0["name"]?.stringValue == link })?["id"]?.stringValue {
      return theirs
    }
    let id: String
    if let ours = Self.first(of: found) { id = ours } else { id = try await makeNetwork(of: link) }
    try await ensureSubnet(of: id, link: link)
    return id
  }

  private static func first(of list: [JSONValue]) -> String? {
    list.compactMap { $0["id"]?.stringValue }.min()
  }

  private func makeNetwork(of link: String) async throws(VIMError) -> String {
    let name = Mark.network(of: link)
    var fields: [String: JSONValue] = ["name": .string(name), "description": .string(Mark.owner)]
    if let physical = session.cloud.physicalNetwork {
      fields["provider:network_type"] = "vlan"
      fields["provider:physical_network"] = .string(physical)
    }
    let made = try await session.ask(.network, "POST", "/networks", ["network": .object(fields)])
    guard let own = made.body["network"]?["id"]?.stringValue else {
      throw .unavailable(
        .unreachable, "vim \(session.vim), POST /networks: the answer has no id", retryAfter: nil)
    }
    // Somebody else may have made one at the same time: the one with the lowest id stays.
    let all = try await session.readAll(.network, "/networks?name=\(name.queryEscaped)", "networks")
    let kept = Self.first(of: all) ?? own
    if kept != own {
      _ = try await session.ask(.network, "DELETE", "/networks/\(own)", allowing: [404])
    }
    try await tag("networks", kept, [Mark.owner])
    return kept
  }

  private func ensureSubnet(of network: String, link: String) async throws(VIMError) {
    let query = "/subnets?network_id=\(network)"
    if try await !session.readAll(.network, query, "subnets").isEmpty { return }
    let digits = Array(SHA1.digest(Array(link.utf8)))
    let made = try await session.ask(
      .network, "POST", "/subnets",
      [
        "subnet": [
          "network_id": .string(network), "name": .string(Mark.network(of: link)), "ip_version": 4,
          "cidr": .string("10.\(digits[0]).\(digits[1]).0/24"), "gateway_ip": .null,
          "description": .string(Mark.owner),
        ]
      ], allowing: [400])
    if made.status == 400 {
      // Made by somebody else at the same time: Neutron refuses an overlap.
      guard try await session.readAll(.network, query, "subnets").isEmpty else { return }
      throw .rejected(
        .invalid("network"), "vim \(session.vim), POST /subnets: \(serviceWords(made.body) ?? "status 400")")
    }
    if let id = made.body["subnet"]?["id"]?.stringValue { try await tag("subnets", id, [Mark.owner]) }
  }

  func tag(_ kind: String, _ id: String, _ tags: [String]) async throws(VIMError) {
    _ = try await session.ask(
      .network, "PUT", "/\(kind)/\(id)/tags", ["tags": .strings(tags)], allowing: [404])
  }

  /// Removes our network of a link, and its subnets with it, unless something is on it.
  func remove(link: String) async {
    let name = Mark.network(of: link)
    let found = try? await session.readAll(.network, "/networks?name=\(name.queryEscaped)", "networks")
    for id in (found ?? []).compactMap({ $0["id"]?.stringValue }) {
      // Ports of other servers: 409, and it stays.
      _ = try? await session.ask(.network, "DELETE", "/networks/\(id)", allowing: [404, 409])
    }
  }

  // MARK: Ports

  /// What a server's interface is to be.
  struct Interface: Hashable, Sendable {
    var network: String
    var isVirtualFunction = false
    var mac: String?

    /// Nova makes and removes ordinary ports by itself.
    var needsPort: Bool { isVirtualFunction || mac != nil }
  }

  /// The port of this name, made unless it is there.
  func ensurePort(_ interface: Interface, name: String, instance: String) async throws(VIMError) -> String {
    let found = try await session.readAll(.network, "/ports?name=\(name.queryEscaped)", "ports")
    if let there = Self.first(of: found) { return there }
    var fields: [String: JSONValue] = [
      "name": .string(name), "network_id": .string(interface.network),
      "description": .string("\(Mark.owner) \(instance)"),
    ]
    if let mac = interface.mac { fields["mac_address"] = .string(mac) }
    if interface.isVirtualFunction { fields["binding:vnic_type"] = "direct" }
    let made = try await session.ask(.network, "POST", "/ports", ["port": .object(fields)])
    guard let id = made.body["port"]?["id"]?.stringValue else {
      throw .unavailable(
        .unreachable, "vim \(session.vim), POST /ports: the answer has no id", retryAfter: nil)
    }
    return id
  }

  /// Ports that we made for a server.
  func ports(of server: String) async throws(VIMError) -> [String] {
    try await ours("/ports?device_id=\(server.queryEscaped)&fields=id&fields=name")
  }

  /// Ports that we made for an instance and that nothing uses.
  func idlePorts(of instance: String) async throws(VIMError) -> [String] {
    let description = "\(Mark.owner) \(instance)".queryEscaped
    return try await ours(
      "/ports?description=\(description)&device_id=&fields=id&fields=name")
  }

  private func ours(_ path: String) async throws(VIMError) -> [String] {
    try await session.readAll(.network, path, "ports").filter { Mark.isPort($0["name"]?.stringValue ?? "") }
      .compactMap { $0["id"]?.stringValue }
  }

  func removePorts(_ ids: [String]) async throws(VIMError) {
    for id in ids { _ = try await session.ask(.network, "DELETE", "/ports/\(id)", allowing: [404]) }
  }
}
