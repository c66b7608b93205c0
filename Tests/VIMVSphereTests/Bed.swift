import Foundation
import NFVModel
import Testing
import VIMProtocol
import VIMTransport

@testable import VIMVSphere

/// The simulated vCenter of `.ci/testbeds/vsphere`, where it is up: `PLACET_BED_VSPHERE` is its address,
/// `VSPHERE_USER` and `VSPHERE_PASSWORD` who logs in, `PLACET_BED_VSPHERE_CA` its certificate.
enum Bed {
  static let environment = ProcessInfo.processInfo.environment
  static let address = environment["PLACET_BED_VSPHERE"]
  static var isUp: Bool { address != nil }

  static var tls: TLSOptions {
    environment["PLACET_BED_VSPHERE_CA"].map { TLSOptions(authorities: $0) } ?? TLSOptions(insecure: true)
  }

  static func vim(over http: (any HTTPExchange)? = nil) throws -> VSphereVIM {
    let carrier: any HTTPExchange = try http ?? LiveHTTP(tls: tls)
    return try VSphereVIM(
      "bed", at: try #require(address), user: environment["VSPHERE_USER"] ?? "placet",
      password: Secret(environment["VSPHERE_PASSWORD"] ?? "bed-only"), over: carrier,
      now: { "2026-11-22T14:00:00Z" })
  }
}

/// Instances as a plan holds them.
enum Sample {
  static let host = "DC0_C0_H1"

  /// A data plane function: two cells' worth of nothing shared.
  static func router(_ id: String = "vepc.pgw[0]", on host: String = Sample.host) -> PlacedInstance {
    PlacedInstance(
      id, vim: "bed", host: host, cells: [1], demand: ["memory": 16 << 30],
      attributes: [
        "vnf.cpu": .int(8), "vnf.cpus": .text("dedicated"), "vnf.threads": .text("isolate"),
        "vnf.guest_cells": .list([.int(8)]), "vnf.page_size": .text("1 GiB"), "vnf.vfs": .int(1),
        "vnf.vf_policy": .text("required"), "vnf.mac": .list([.text("02:16:3e:00:00:01")]),
        "vdu.image": .text("router"), "links": .list([.text("vepc.s5"), .text("vepc.sgi")]),
        "apart": .text("vepc.pgw"),
      ],
      requires: [
        CapabilityRequirement("pinning", rule: "data_plane"),
        CapabilityRequirement("hugepages(1073741824)", rule: "data_plane"),
      ])
  }

  /// A control plane function that asks for nothing special.
  static func plain(_ id: String = "vepc.mme[0]", on host: String = Sample.host) -> PlacedInstance {
    PlacedInstance(
      id, vim: "bed", host: host, demand: ["memory": 4 << 30],
      attributes: ["vnf.cpu": .int(2), "vdu.image": .text("router")])
  }

  /// Bare metal's heir: an old card on an old bus, with the address that its licence is bound to.
  static func legacy(_ id: String = "vepc.hlr[0]", on host: String = "DC0_H0") -> PlacedInstance {
    PlacedInstance(
      id, vim: "bed", host: host, demand: ["memory": 2 << 30],
      attributes: [
        "vnf.cpu": .int(1), "vdu.image": .text("legacy"), "vnf.mac": .list([.text("00:50:56:00:00:07")]),
        "vnf.needs": .list([.text("nic_model(e1000)"), .text("disk_bus(ide)")]),
        "links": .list([.text("vepc.s6a")]),
      ])
  }
}

extension Inventory.Part {
  func entity(_ kind: String, _ name: String) -> Entity? {
    entities.first { $0.id == EntityReference(kind: kind, name: name) }
  }
}
