import Foundation
import NFVModel
import VIMKubernetes
import VIMLibvirt
import VIMOpenStack
import VIMPlugin
import VIMProtocol
import VIMSimulated
import VIMTransport
import VIMVSphere

/// The back ends of this build, by the kind of address: a new one is a line of the table.
struct VIMRegistry: Sendable {
  /// What a back end is opened with.
  struct Order: Sendable {
    /// What policies call the VIM.
    var name: String
    var address: VIMAddress
    /// Where relative paths of addresses begin.
    var base: String
    /// The policy's site that it is in.
    var site: String?
    /// Certificates are not verified: only when somebody said so.
    var insecure = false
  }

  typealias Factory = @Sendable (Order) async throws -> any VIM

  let factories: [VIMAddress.Kind: Factory]

  static let standard = VIMRegistry(factories: [
    .simulated: { try SimulatedPlace($0).open() },
    .openstack: { try openStack($0) },
    .kubernetes: { try kubernetes($0) },
    .vsphere: { order in
      try VSphereVIM.live(
        order.name, at: order.address.rest, environment: environment,
        tls: TLSOptions(authorities: environment["VSPHERE_CA"], insecure: order.insecure))
    },
    .libvirt: { try await LibvirtVIM.connect($0.name, uri: $0.address.rest) },
    .plugin: { try await PluginVIM.connect($0.name, plugin: $0.address.rest, environment: environment) },
  ])

  private static var environment: [String: String] { ProcessInfo.processInfo.environment }

  private static func openStack(_ order: Order) throws -> any VIM {
    var cloud = try CloudFiles.standard.cloud(order.address.rest)
    if order.insecure { cloud.tls.insecure = true }
    return OpenStackVIM(
      order.name, cloud: cloud, exchange: try http(cloud.tls, secrets: cloud.secrets),
      options: OpenStackVIM.Options(site: order.site)
    )
  }

  private static func kubernetes(_ order: Order) throws -> any VIM {
    guard order.insecure else {
      return try KubernetesVIM.connect(order.name, context: order.address.rest, environment: environment)
    }
    let context = order.address.rest == "-" ? nil : order.address.rest
    let config = try Kubeconfig.load(context: context, paths: Kubeconfig.paths(environment: environment))
    var tls = config.tls
    tls.insecure = true
    return KubernetesVIM(order.name, config, over: try http(tls))
  }

  private static func http(_ tls: TLSOptions, secrets: [Secret] = []) throws -> LiveHTTP {
    do { return try LiveHTTP(tls: tls, secrets: secrets) } catch {
      throw VIMError.rejected(.invalid("TLS"), error.message)
    }
  }

  func open(_ order: Order) async throws -> any VIM {
    guard let factory = factories[order.address.kind] else {
      let known = factories.keys.map(\.rawValue).sorted().joined(separator: ", ")
      throw Failure(
        code: "V0211",
        message:
          "vim \(order.name): this placet has no back end for \(order.address.kind.rawValue); it has \(known)"
      )
    }
    do {
      return try await factory(order)
    } catch let error as VIMError {
      throw Failure(error.naming(vim: order.name, call: "connect"))
    }
  }

  /// Reads an address, or says what one looks like.
  static func address(_ text: String, of vim: String? = nil) throws -> VIMAddress {
    if let address = VIMAddress(text) { return address }
    let subject = vim.map { "vim \($0): " } ?? ""
    throw Failure(
      code: "V0210",
      message:
        "\(subject)'\(text)' is no address of a VIM; one looks like openstack:CLOUD, kubernetes:CONTEXT, "
        + "vsphere:URL, libvirt:URI, simulated:DIR or plugin:NAME")
  }
}

extension VIMAddress {
  /// What a VIM is called that no policy names: the host of a URL, the last part of a path, else all of it.
  var plainName: String {
    let host = rest.firstRange(of: "://").map { rest[$0.upperBound...].prefix { $0 != "/" && $0 != ":" } }
    let last = rest.split(separator: "/").last.map(String.init) ?? rest
    let name =
      kind == .simulated || kind == .plugin ? last : host.flatMap { $0.isEmpty ? nil : String($0) } ?? rest
    return String(name.map { $0.isLetter || $0.isNumber || "-_.".contains($0) ? $0 : "-" })
  }
}

/// The folder of a simulated VIM: `inventory.json` in it says what it has (as `--inventory` would), `NAME.json` and the
/// log beside it are what it holds, `NAME.faults.json` is what goes wrong, `capabilities.json` lists what it declares
/// (without it: everything).
struct SimulatedPlace {
  let order: VIMRegistry.Order
  private let folder: String

  init(_ order: VIMRegistry.Order) {
    self.order = order
    let rest = order.address.rest
    folder = rest.hasPrefix("/") || order.base.isEmpty ? rest : order.base + "/" + rest
  }

  func open() throws -> any VIM {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw VIMError.unavailable(.unreachable, "there is no folder \(folder)", retryAfter: nil)
    }
    let inventory = try written()
    let owned = inventory.entities(of: "host").compactMap { $0["vim"]?.json.stringValue }
    let names = Set(owned)
    // Without a policy it is called as its inventory calls it, where that is one name.
    let name = names.contains(order.name) || names.count != 1 ? order.name : names.first ?? order.name
    return try SimulatedVIM(
      name, hosts: SimulatedHost.hosts(in: inventory, of: name), inventory: part(of: inventory, name),
      capabilities: try capabilities(), storage: .directory(folder))
  }

  private func capabilities() throws -> Capabilities {
    let path = folder + "/capabilities.json"
    guard let data = FileManager.default.contents(atPath: path) else { return .all }
    do {
      return try Capabilities(JSONCursor(try JSONValue.parse([UInt8](data))))
    } catch {
      throw VIMError.rejected(.invalid("file"), "\(path): \(error)")
    }
  }

  private func written() throws -> Inventory {
    let path = folder + "/inventory.json"
    guard let data = FileManager.default.contents(atPath: path) else {
      throw VIMError.unavailable(.unreachable, "there is no file \(path)", retryAfter: nil)
    }
    do {
      return try Inventory(try JSONValue.parse([UInt8](data)))
    } catch {
      throw VIMError.rejected(.invalid("file"), "\(path): \(error)")
    }
  }

  /// Its racks and hosts, and what lies in them.
  private func part(of inventory: Inventory, _ name: String) -> Inventory.Part {
    var known: Set<EntityReference> = []
    var entities: [Entity] = []
    let all = inventory.entities
    // What lies in nothing that is there is shown too: that it cannot be is for others to say.
    let there = Set(all.map(\.id))
    let astray = all.filter { entity in
      entity.parent.map { ["host", "cell"].contains($0.kind) && !there.contains($0) } ?? false
    }
    for entity in all where entity["vim"]?.json.stringValue == name {
      known.insert(entity.id)
      entities.append(entity)
    }
    var grows = true
    while grows {
      let inside = all.filter { !known.contains($0.id) && $0.parent.map(known.contains) ?? false }
      known.formUnion(inside.map(\.id))
      entities += inside
      grows = !inside.isEmpty
    }
    return Inventory.Part(
      source: "vim \(name)", date: Date.now.formatted(.iso8601), entities: entities + astray)
  }
}
