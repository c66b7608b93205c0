import Diagnostics
import PlacetSyntax
import Testing

@testable import PlacetSemantics

/// What names mean, and what a misspelt one is told.
@Suite struct NameTests {
  @Test func `a word is what is expected of it`() {
    PolicyCase(
      #"""
      import nfv
      site north { country: "SE" }
      vim north { kind: openstack, site: north }
      rack r1 { vim: north }
      host h1 { vim: north, rack: r1 }
      let kinds = [v for each vim v where v.kind == vsphere or kubernetes == v.kind]
      let places = [h for each host h where h.site == north and h.vim == north]
      let racks = [h for each host h where h.rack in [rack["r1"], r1]]
      let wrong = [v for each vim v where v.kind == vspere]  //~ E0205
      let which = north                                      //~ E0208
      """#
    ).expectAsWritten()
  }

  @Test func `entities are found along their path`() {
    PolicyCase(
      #"""
      import nfv
      service a { vnf gw { cpu: 1 }, vnf fw { cpu: 1 }, link fw -> gw }
      service b { vnf gw { cpu: 2 }, vnf lb { cpu: 2 }, link lb -> gw }
      let x = a.gw.cpu + b.gw.cpu + fw.cpu + a.fw.cpu
      let y = a.gw.instances[0].cpu + a.gw.instances["0"].cpu
      let z = gw.cpu        //~ E0208
      let w = a.lbb.cpu     //~ E0204
      """#
    ).expectAsWritten()
  }

  @Test func `nothing is bound twice`() {
    PolicyCase(
      #"""
      import nfv
      rule r(h: host) {
        for each host h { require h.cores > 0 }           //~ E0211
        let n = 1
        let n = 2                                          //~ E0211
        require all(n > 0 for each n in [1])               //~ E0211
        require [1].all(h => h > 0)                        //~ E0211
      }
      let f = 1
      fun f(n: int): int = n    //~ E0209
      fun g(n: int, n: int): int = n  //~ E0209
      """#
    ).expectAsWritten()
  }

  @Test func `a misspelt name is offered the nearest as a fix`() throws {
    let policy = PolicyCase(
      #"""
      import nfv
      rule r { for each hots h { require h.cores > 0 } }  //~ E0320
      rule s { for each host h { require h.coers > 0 } }  //~ E0204
      rule t { require all(offfers(v, pinned_cpus) for each vim v) } //~ E0201
      let m = 4 Gib                                       //~ E0206
      """#)

    policy.expectAsWritten()
    #expect(policy.diagnostics.map { $0.fixes.first?.replacement } == ["host", "cores", "offers", "GiB"])
  }

  @Test func `modules are seen by their imports`() {
    let modules = [
      "laws.eu": "let eu = set [\"SE\"]\nrule eu_only { require true }\nfun in_eu(c: text): bool = c in eu",
      "deep": "import laws.eu\nlet same = eu.count",
    ]
    PolicyCase(
      #"""
      import laws.eu as law
      import deep
      let a = law.eu.count + deep.same + same
      let b = law.in_eu("SE")
      let c = eu                  //~ E0201
      let d = law.eu_               //~ E0201
      waive law.eu_only because "x"
      test "t" { expect infeasible because law.eu_only, eu_only }  //~ E0303
      """#, modules: modules
    ).expectAsWritten()
  }

  @Test func `no cascade follows an unknown name`() {
    PolicyCase(
      #"""
      import nfv
      let a = nope                        //~ E0201
      let b = a + 1
      let c = [x.f(2).g for each x in b where x > a]
      fun f(x: nope): int = x.y.z         //~ E0202
      rule r { require f(a) == c and b.all(q => q.z) }
      let d = match a { one => 1, two => 2 }
      let e = [i for each i in a if 3]    //~ E0102
      """#
    ).expectAsWritten()
  }

  @Test func `a check leaves nothing behind`() {
    weak var checker: TypeChecker?
    weak var child: StaticEntity?
    do {
      let source = Source(
        name: "policy.placet",
        text: "entity house { }\nentity room in house.rooms { }\nhouse a { room b { } }\nlet r = a.b")
      let made = Checker.run(
        main: source, moduleNames: [], parse: { Parser.parse($0) }, modules: { _ in nil })
      checker = made.checker
      child = made.checker.staticEntities.values.first { $0.parent != nil }
      #expect(child?.path == "a.b")
      #expect(made.diagnostics.isEmpty)
    }

    #expect(checker == nil)
    #expect(child == nil)
  }
}
