import Testing

/// Policies of the kinds that operators write check clean.
@Suite struct PolicyTests {
  @Test func `the policy of the first page checks clean`() {
    let policy = PolicyCase(
      #"""
      import nfv
      layer operator
      let eu = set ["SE", "DE"]
      site stockholm { country: "SE", at: (59.33, 18.06) }
      site frankfurt { country: "DE", at: (50.11, 8.68) }
      vim sto  { kind: openstack,  site: stockholm }
      vim fra  { kind: vsphere,    site: frankfurt }
      load host from "lab.json" at "hosts"
      extend host { cleared: bool = false }
      extend vnf { subscriber_data: bool = false }
      service vepc {
        vnf mme { cpu: 8, memory: 32 GiB, count: 2 }
        vnf sgw {
          cpu: 16, memory: 64 GiB, count: 2, cloud_ready: false
          needs: [pinned_cpus, hugepages(1 GiB), sriov(ports: 2, rate: 25 Gbps)]
        }
        link mme -> sgw { rate: 10 Gbps, max_latency: 5 ms }
      }
      /// A VNF that is not cloud-ready gets dedicated hardware.
      rule legacy_hardware {
        for each instance i where not i.vnf.cloud_ready {
          require i.host.vim.offers(dedicated_hardware)
          forbid  i.host.vim.kind == kubernetes
        }
      }
      rule spread_replicas {
        for each vnf v { require spread(v.instances, over: host) }
      }
      rule stay_in_eu layer regulator {
        for each instance i where i.vnf.subscriber_data { require i.host.site.country in eu }
      }
      rule green {
        for each instance i { prefer i.host.site.renewable weight 3 }
      }
      waive legacy_hardware for vepc.mme because "holds no subscriber data"
      minimize cost then preferences then moves
      scenario small_lab {
        host "sto-[1..4]" { vim: sto, cell c0 { cores: 24, memory: 128 GiB } }
      }
      test "legacy gateways never land on containers" {
        scenario small_lab
        solve
        expect sgw.instances.all(i => i.host.vim.kind != kubernetes)
        expect never(sgw.instances.any(i => i.host.site == frankfurt and not i.host.cleared))
      }
      test "one small host, and the policy says so" {
        host only { vim: sto, cell c0 { cores: 8, memory: 16 GiB } }
        expect infeasible because spread_replicas
      }
      """#)
    policy.expectAsWritten()
  }

  @Test func `links with measured pairs check clean`() {
    let policy = PolicyCase(
      #"""
      import nfv
      enum link_role { chain, management }
      extend link { max_jitter: time? = none, role: link_role = chain }
      record measured { from: text, to: text, latency: time where latency > 0 ms, price: EUR }
      record priced { vnf: text, vim: text, price: EUR }
      load pil: [measured] from "pops.yaml" at "pil"
      load price_list: [priced] from "prices.yaml" at "prices"
      let way = [(p.from, p.to): p for each p in pil]
      let price = [(p.vnf, p.vim): p.price for each p in price_list]
      fun between(a: vim, b: vim): measured? =
        if a == b then measured(from: a.name, to: b.name, latency: 0 ms, price: 0 EUR)
        else way[(a.name, b.name)] ?? way[(b.name, a.name)]
      service edge {
        vnf fw  { cpu: 4 }
        vnf ids { cpu: 8 }
        vnf nat { cpu: 2 }
        link fw -> ids { max_latency: 150 ms }
        link fw -> ids -> nat { max_latency: 200 ms, role: management }
      }
      fun place(v: vnf): vim = v.instances[0].host.vim
      rule link_limits {
        for each link l, (a, b) in pairs(l.ends) where l.max_latency != none {
          let m = between(place(a), place(b))
            ?? refuse "no measured link between \(place(a).name) and \(place(b).name)"
          require m.latency <= l.max_latency
        }
      }
      let software = sum(
        price[(v.name, place(v).name)] ?? refuse "no price for \(v.name) at \(place(v).name)"
        for each vnf v
      )
      let transport = sum(
        between(place(a), place(b))?.price ?? 0 EUR
        for each link l, (a, b) in steps(l.ends) where l.role != management
      )
      let total = software + transport
      minimize total
      test "a VIM without a price for ids is out, with the reason" {
        load vim from "tests/two-vims.yaml" at "vims"
        load price_list: [priced] from "tests/no-ids-price.yaml" at "prices"
        solve
        expect never(place(ids) == vim["openstack2"])
        expect why(ids, not: vim["openstack2"]).any(r => r.text == "no price")
        expect why(ids, not: vim["openstack2"]).rules == set [link_limits]
        expect total == 44 EUR
      }
      """#)
    policy.expectAsWritten()
  }

  @Test func `candidates, changes and loops in tests check clean`() {
    let policy = PolicyCase(
      #"""
      import nfv
      entity mux { site: site, slots: int where slots > 0, used: int where used >= 0, let left = slots - used }
      entity customer {
        at: (float, float), slots: int, max_distance: distance
        decide mux: mux where mux.left >= slots
      }
      load mux from "regions.json" at "muxes"
      customer anna { at: (32.897480, -97.040443), slots: 1, max_distance: 100 km }
      service vcpe { vnf vg { cpu: 4, memory: 8 GiB, count: 1 } }
      let gateway = vcpe.vg.instances[0]
      let way = distance(anna.at, gateway.host.site.at)
      rule near_the_customer { require way <= anna.max_distance }
      rule same_region { require gateway.host.site == anna.mux.site }
      rule mux_slots {
        for each mux m {
          require m.used + sum(c.slots for each customer c where c.mux == m) <= m.slots
        }
      }
      minimize way then cost
      scenario texas {
        site dallas { country: "US", at: (32.78, -96.80) }
        vim dfw { kind: openstack, site: dallas }
        host d1 { vim: dfw, cores: 32, memory: 128 GiB }
        mux m1 { site: dallas, slots: 40, used: 38 }
      }
      test "the nearest region takes it" {
        scenario texas
        solve
        expect gateway.host.site == dallas and anna.mux == m1
        expect round(way, to: 1 km) <= 40 km
      }
      test "one kilometre is too strict" {
        scenario texas
        solve with anna.max_distance = 1 km
        expect infeasible because near_the_customer
        expect relax near_the_customer
      }
      test "a full multiplexer" {
        scenario texas
        for each (used, ok) in [(38, true), (39, true), (40, false)] {
          solve with m1.used = used
          expect possible(anna.mux == m1) == ok
        }
        for each case in [(name: "enough", n: 1), (name: "more", n: 2)] {
          expect case.n < 3
        }
        let before = solve
        let after = solve with { host extra { vim: dfw } }
        expect after.cost <= before.cost
        expect after[anna].mux.site == dallas
        solve from before
        expect moves == 0 and plan.moves == 0
      }
      """#)
    policy.expectAsWritten()
    #expect(policy.type(of: "way") == "distance, decided by gateway.host")
  }
}
