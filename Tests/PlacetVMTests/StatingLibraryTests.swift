import ConstraintModel
import PlacetVM
import Testing

/// The stock rules, stated and judged by every placement of a small network.
@Suite struct StatingLibraryTests {
  static let network = """
    import nfv
    import epa
    import rules.bandwidth
    import rules.capacity
    import rules.cost
    import rules.fence
    import rules.latency
    import rules.licences
    import rules.residency
    import rules.spread
    import rules.stay

    site stockholm { country: "SE", at: (59.33, 18.06) }
    site frankfurt { country: "DE", at: (50.11, 8.68) }
    vim sto { kind: openstack, site: stockholm, core_price: 10 EUR/month }
    vim fra { kind: vsphere, site: frankfurt, core_price: 7 EUR/month }
    host s1 { vim: sto, cores: 6, memory: 32 GiB, open_price: 100 EUR/month, cell c0 { cores: 6, nic n0 { rate: 10 Gbps, vfs: 1 } } }
    host s2 { vim: sto, cores: 4, memory: 16 GiB }
    host f1 { vim: fra, cores: 8, memory: 64 GiB, open_price: 50 EUR/month, cell c0 { cores: 8 } }
    fibre north { ends: [stockholm, frankfurt], latency: 12 ms, capacity: 3 Gbps }

    service edge {
      vnf a { cpu: 2, memory: 8 GiB, count: 2 }
      vnf b { cpu: 3, memory: 12 GiB }
      link a -> b { rate: 2 Gbps, max_latency: 20 ms }
    }

    """

  @Test(arguments: [
    ("nothing more", ""),
    ("apart", "use keep_apart(edge.a, over: host)"),
    ("together", "use keep_together(edge.a, over: site)"),
    ("near", "use near(edge.b, to: stockholm, within: 5 ms)"),
    (
      "close links",
      "rule close { for each link l, (x, y) in pairs(l.ends), i in x.instances, j in y.instances { require latency(i.host.site, j.host.site) <= 1 ms } }"
    ),
    ("narrow fibre", "fibre south { ends: [frankfurt, stockholm], capacity: 1 Gbps }"),
    ("a fence", "use fence(edge.b, [s1, f1])\nuse ban_sites(edge.a, [stockholm])"),
    (
      "virtual functions",
      "service more { vnf c { cpu: 1, memory: 1 GiB, vfs: 1, guest_cells: [1], vf_policy: required } }"
    ),
    (
      "licences",
      "licence seats { product: \"x\", seats: 1 }\nservice more { vnf c { cpu: 1, memory: 1 GiB, product: \"x\", count: 2 } }"
    ),
    (
      "residency",
      "service more { vnf c { cpu: 1, memory: 1 GiB, residency: set [\"DE\"], needs: [pinned_cpus] } }"
    ),
  ])
  func `stock rules mean to the model what they mean to the machine`(
    _ name: String, _ text: String
  ) throws {
    let judge = try StatingJudge(Self.network + text + "\nminimize cost then preferences then moves\n")

    let outcome = try judge.agree(name)

    #expect(outcome.admissible < outcome.assignments)
  }
}
