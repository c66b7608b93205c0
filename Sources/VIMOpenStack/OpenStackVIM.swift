package import NFVModel
package import VIMProtocol
package import VIMTransport

/// An OpenStack cloud: Keystone, Nova, Placement, Neutron, Glance.
///
/// Servers, networks and ports carry our mark; `docs/backends/openstack.md` says what is found, what is hidden, and
/// what the credential must be allowed to do.
package struct OpenStackVIM: Sendable {
  package let name: String
  let session: OpenStackSession
  let shared = SharedParts()
  let clock: OpenStackClock
  let options: Options

  package struct Options: Sendable {
    /// The site whose availability zones the cloud's zones are; without it zones are not told.
    package var site: String?
    /// Milliseconds until a server that is being made, moved or removed is given up on.
    package var patience = 300_000
    /// Milliseconds between looks at such a server: the first pause, growing to the second.
    package var pauses = 400...3000

    package init(site: String? = nil) { self.site = site }
  }

  /// - Parameter exchange: who carries the requests; see `live(_:cloud:)`.
  package init(
    _ name: String, cloud: OpenStackCloud, exchange: any HTTPExchange, options: Options = Options(),
    clock: OpenStackClock = .system
  ) {
    self.name = name
    self.clock = clock
    self.options = options
    session = OpenStackSession(vim: name, cloud: cloud, exchange: exchange, clock: clock)
  }

  /// A cloud of `clouds.yaml`, over the network.
  /// - Parameter insecure: its certificate is not verified, whatever the file says.
  package static func live(
    _ name: String, cloud entry: String, insecure: Bool = false, files: CloudFiles = .standard,
    options: Options = Options()
  ) throws(VIMError) -> OpenStackVIM {
    var cloud = try files.cloud(entry)
    if insecure { cloud.tls.insecure = true }
    do throws(TransportError) {
      return OpenStackVIM(name, cloud: cloud, exchange: try LiveHTTP(tls: cloud.tls), options: options)
    } catch {
      throw VIMError(error, of: name, call: "TLS", isSafe: true)
    }
  }
}

extension OpenStackVIM: DescribingVIM {
  package func describe() -> VIMDescription {
    VIMDescription(
      kind: "openstack", version: "compute 2.79-2.93, placement 1.29-1.39", capabilities: Self.capabilities)
  }

  static let capabilities: Capabilities = {
    var claims: Set<Capability> = [
      .pinning, .emulatorThreads(.isolate), .numaCells(8), .numaAsymmetric, .hugepages(2 << 20),
      .hugepages(1 << 30), .sriov, .passthrough, .realtime, .affinity(.host), .hostTargeting, .liveMigration,
      .liveMigrationWithPinning, .fixedMAC, .capacityVisible,
    ]
    claims.formUnion(Capability.ThreadPolicy.allCases.map { .threadPolicy($0) })
    claims.formUnion(Capability.DeviceNUMA.allCases.map { .deviceNUMA($0) })
    claims.formUnion(Capability.NIC.allCases.map { .emulatedNIC($0) })
    claims.formUnion(Capability.Disk.allCases.map { .emulatedDisk($0) })
    return Capabilities(claims)
  }()
}

extension OpenStackVIM: ValidatingVIM {
  package func validate(_ instance: PlacedInstance) async throws(VIMError) -> [String] {
    var complaints = Self.capabilities.missing(for: instance).map {
      "\(name) does not offer \($0.capability), which rule \($0.rule) asks for"
    }
    let shape = MachineShape(instance)
    do throws(VIMError) { _ = try Flavor(shape, project: "") } catch {
      complaints.append("\(instance.id): \(error)")
    }
    if shape.image ?? session.cloud.image == nil {
      complaints.append("\(instance.id) names no image, and neither does \(name)")
    }
    if shape.virtualFunctions > 0, session.cloud.physicalNetwork == nil {
      complaints.append(
        "\(instance.id) wants virtual functions, and \(name) names no physical_network for them")
    }
    return complaints
  }
}
