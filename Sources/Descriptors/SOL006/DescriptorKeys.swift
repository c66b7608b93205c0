/// The keys that a part of a descriptor may have: a misspelt or newer one is not taken for a known one.
///
/// Only keys whose children matter have a table below them; below all others anything may stand.
struct DescriptorKeys {
  private var tables: [String: DescriptorKeys] = [:]
  private var known: Set<String>
  /// Keys that matter for placement and that no reader translates.
  private(set) var mattering: [String: String] = [:]

  private init(_ words: String, mattering: [String: String] = [:], _ tables: [String: DescriptorKeys] = [:]) {
    known = Set(words.split(whereSeparator: \.isWhitespace).map(String.init)).union(mattering.keys).union(
      tables.keys)
    self.mattering = mattering
    self.tables = tables
  }

  func knows(_ key: String) -> Bool { known.contains(key) }

  subscript(_ key: String) -> DescriptorKeys? { tables[key] }

  // MARK: Before release 9

  static let catalogVNFD = DescriptorKeys(
    """
    id name short-name vendor logo description version operational-status mgmt-interface connection-point
    vnf-configuration http-endpoint monitoring-param scaling-group-descriptor ip-profiles vdu-dependency
    service-function-chain service-function-type placement-groups meta k8s-cluster kdu-resource-profile
    """,
    mattering: ["kdu": kubernetesUnit],
    ["vdu": catalogVDU, "internal-vld": link])

  private static let kubernetesUnit = "a Kubernetes unit does not say what it takes"

  private static let catalogVDU = DescriptorKeys(
    """
    id name description count mgmt-vpci image image-checksum alternative-images cloud-init cloud-init-file
    supplemental-boot-data vdu-configuration monitoring-param alarm internal-connection-point volumes pdu-type
    """,
    mattering: [
      "host-epa": "hosts are asked for by `traits`",
      "hypervisor-epa": "the library knows no kinds of hypervisor",
      "vswitch-epa": "the library knows no virtual switches",
    ],
    [
      "vm-flavor": DescriptorKeys("vcpu-count memory-mb storage-gb"), "interface": interface,
      "guest-epa": guestEPA,
    ])

  private static let interface = DescriptorKeys(
    """
    name position type mgmt-interface mac-address floating-ip-required external-connection-point-ref
    vnfd-connection-point-ref internal-connection-point-ref vdu-internal-connection-point-ref
    port-security-enabled port-security-disable-strategy
    """,
    ["virtual-interface": virtualInterface])

  private static let virtualInterface = DescriptorKeys("type bandwidth vpci mac-address ip-address vnic-type")

  private static let guestEPA = DescriptorKeys(
    """
    mempage-size cpu-pinning-policy cpu-thread-pinning-policy pcie-device cpu-quota mem-quota disk-io-quota
    vif-quota numa-unaware
    """,
    mattering: ["trusted-execution": "the library knows no trusted hosts"],
    [
      "numa-node-policy": DescriptorKeys(
        "node-cnt mem-policy",
        [
          "node": DescriptorKeys(
            "id memory-mb num-cores vcpu om-numa-type", ["paired-threads": pairedThreads])
        ])
    ])

  private static let pairedThreads = DescriptorKeys("num-paired-threads paired-thread-ids")

  private static let link = DescriptorKeys(
    """
    id name short-name vendor description version type provider-network mgmt-network vim-network-name
    vim-network-profile ip-profile-ref ipv4-nat-pool-name vnfd-connection-point-ref internal-connection-point
    link-constraint init-params dns-server
    """,
    mattering: [
      "root-bandwidth": "OSM does not say in which unit", "leaf-bandwidth": "OSM does not say in which unit",
    ])

  static let catalogNSD = DescriptorKeys(
    """
    id name short-name vendor logo description version meta connection-point scaling-group-descriptor vnffgd
    ip-profiles vnf-dependency placement-groups monitoring-param input-parameter-xpath parameter-pool
    ns-configuration initial-config-primitive terminate-config-primitive initial-service-primitive
    terminate-service-primitive service-primitive key-pair user
    """,
    ["constituent-vnfd": DescriptorKeys("member-vnf-index vnfd-id-ref start-by-default"), "vld": link])

  // MARK: From release 9 on

  static let standardVNFD = DescriptorKeys(
    """
    id name product-name provider version description product-info-name product-info-description
    software-version vnfm-info mgmt-cp ext-cpd int-virtual-link-desc sw-image-desc df configurable-properties
    modifiable-attributes lifecycle-management-script element-group-descriptor indicator auto-scale
    security-group-rule localization-language default-localization-language logo k8s-cluster
    """,
    mattering: ["kdu": kubernetesUnit],
    [
      "vdu": standardVDU,
      "virtual-storage-desc": DescriptorKeys(
        "id type-of-storage size-of-storage rdma-enabled sw-image-desc vdu-storage-requirements keep-volume",
        [
          "block-storage-data": DescriptorKeys(
            "size-of-storage vdu-storage-requirements rdma-enabled sw-image-desc")
        ]),
      "virtual-compute-desc": DescriptorKeys(
        "id",
        mattering: [
          "logical-node": "the library asks for cells, not for logical nodes",
          "request-additional-capabilities": "capabilities are asked for by `needs`",
          "compute-requirements": "hosts are asked for by `traits`",
        ],
        ["virtual-cpu": standardCPU, "virtual-memory": standardMemory]),
    ])

  private static let standardVDU = DescriptorKeys(
    """
    id name description virtual-compute-desc virtual-storage-desc sw-image-desc alternative-sw-image-desc
    cloud-init cloud-init-file boot-order boot-data configurable-properties monitoring-parameter
    supplemental-boot-data pdu-type interface-config alarm
    """,
    mattering: ["nfvi-constraint": "hosts are asked for by `traits`"],
    [
      "int-cpd": DescriptorKeys(
        "id order int-virtual-link-desc layer-protocol role description protocol cpd trunk-mode security-group-rule-id",
        mattering: ["bitrate-requirement": "give the link a rate"],
        [
          "virtual-network-interface-requirement": DescriptorKeys(
            "name description position support-mandatory network-interface-requirements nicio-requirements mac-address",
            ["virtual-interface": virtualInterface])
        ])
    ])

  private static let standardCPU = DescriptorKeys(
    "num-virtual-cpu cpu-quota",
    mattering: [
      "architecture": "hosts are asked for by `traits`", "clock": "the library knows no clock rates",
      "oversubscription-policy": "give the VNF an `overcommit`",
      "vdu-cpu-requirements": "hosts are asked for by `traits`",
    ],
    ["pinning": DescriptorKeys("policy thread-policy vcpu")])

  private static let standardMemory = DescriptorKeys(
    "size numa-enabled mempage-size mem-quota",
    mattering: [
      "oversubscription-policy": "memory is never shared here",
      "vdu-memory-requirements": "hosts are asked for by `traits`",
    ],
    ["numa-node-policy": guestEPA["numa-node-policy"] ?? DescriptorKeys("")])

  static let standardNSD = DescriptorKeys(
    """
    id name designer version description invariant-id vnfd-id nested-nsd-id pnfd-id sapd virtual-link-desc vnffgd
    df monitored-info ns-configuration lifecycle-management-script autoscale-rule logo ip-profiles
    """)
}
