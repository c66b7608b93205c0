import NFVModel

/// Instances as plans hold them.
enum Sample {
  /// A container that shares its processors.
  static func small(_ id: String, on host: String) -> PlacedInstance {
    PlacedInstance(
      id, vim: "ber", host: host, demand: ["memory": 1 << 30],
      attributes: [
        "vnf.cpu": .int(1), "vdu.image": .text("registry.example/nf:1"),
        "vnf.needs": .list([.text("containers")]),
      ])
  }

  /// A data plane: dedicated processors, large pages, two virtual functions, two links, kept apart.
  static func dataPlane(_ id: String, on host: String) -> PlacedInstance {
    PlacedInstance(
      id, vim: "ber", host: host, cells: [0], demand: ["memory": 4 << 30],
      attributes: [
        "vnf.cpu": .int(4), "vnf.cpus": .text("dedicated"), "vnf.page_size": .amount("1 GiB"),
        "vnf.vfs": .int(2),
        "vdu.image": .text("registry.example/upf:7"), "apart": .text("core.upf"),
        "links": .list([.text("core.n3"), .text("core.n6")]), "vnf.mac": .list([.text("02:00:00:00:00:01")]),
      ])
  }
}
