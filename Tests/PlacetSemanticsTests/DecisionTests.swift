import Diagnostics
import PlacetSemantics
import Testing

/// Binding time: what is decided, by what, and where that is refused.
@Suite struct DecisionTests {
  @Test func `decided values name what decides them`() {
    let policy = PolicyCase(
      #"""
      import nfv
      extend instance { let place = host.site, let home = vnf.service.name }
      service s { vnf v { cpu: 1, count: 2 } }
      let i = s.v.instances[0]
      let a = i.host.site.country
      let b = i.place.country
      let c = i.home
      fun place(i: instance): site = i.host.site
      let d = place(i)
      let e = count(j for each instance j where j.host == i.host)
      let f = [j.host for each instance j]
      let g = if i.cpu > 1 then 1 else 2
      let h = i.cpu
      fun twice(n: int): int = n * 2
      let k = twice(i.host.cores)
      let l = cost
      """#)
    policy.expectAsWritten()
    let wanted: [(String, String)] = [
      ("a", "text, decided by i.host"), ("b", "text, decided by i.place"), ("c", "text"),
      ("d", "site, decided by place(i)"), ("e", "int, decided by j.host, i.host"),
      ("f", "[host], decided by j.host"), ("g", "int"), ("h", "int"), ("k", "int, decided by i.host"),
      ("l", "EUR/time, decided by cost"),
    ]
    for (name, type) in wanted { #expect(policy.type(of: name) == type, "\(name)") }
    let place = policy.program.functions.first {
      $0.name == "place" && $0.module == policy.program.modules.count - 1
    }
    #expect(place?.readsDecisions == true)
  }

  @Test func `a derived field that goes from entity to entity is decided when one step is`() throws {
    let policy = PolicyCase(
      """
      entity vm { carrier: vm?, decide on: bool, let up: bool = if carrier == none then on else carrier.up }
      entity node { next: node?, let depth: int = (next?.depth ?? 0) + 1 }
      """)
    policy.expectAsWritten()
    let vm = try #require(policy.program.kinds.first { $0.name == "vm" })
    let node = try #require(policy.program.kinds.first { $0.name == "node" })
    #expect(vm.fields.first { $0.name == "up" }?.isDecided == true)
    #expect(node.fields.first { $0.name == "depth" }?.isDecided == false)
  }

  @Test func `what must be known is not decided`() {
    PolicyCase(
      #"""
      import nfv
      entity tag { }
      for each instance i where i.host.cores > 3 { tag "\(i.name)" { } }          //~ E0308
      for each instance i { tag "\(i.host.name)" { } }                           //~ E0310
      for each instance i { if i.host.cores > 3 { tag "\(i.name)" { } } }        //~ E0308
      let busy = [i for each instance i where i.host.cores > 3]                  //~ E0309
      let free = all host.filter(h => any(i.host == h for each instance i))      //~ E0309
      let hosts = [i.host for each instance i]
      rule r {
        for each h in hosts { require h.cores > 3 }
        for each instance i where i.host.cores > 3 { require i.host.memory > 1 GiB }
        for each instance i, c in i.host.cells { require c.cores > 3 }           //~ E0309
        for each instance i { require count(c for each c in i.host.cells) > 1 }
        for each instance i { prefer i.host.cores > 1 weight i.host.cores }      //~ E0310
        for each instance i { if i.host.cores > 3 { require true } else { forbid i.cell == none } }
        for each instance i { require hosts[i.host.cores] == host["a"] }         //~ E0311
        for each instance i { require to_float(i.host.cores) < 2.0 }             //~ E0313
      }
      minimize preferences
      """#
    ).expectAsWritten()
  }

  @Test func `after solve a test reads decisions`() {
    PolicyCase(
      #"""
      import nfv
      service s { vnf v { cpu: 1, count: 2 } }
      test "t" {
        solve
        let busy = [i for each instance i where i.host.cores > 3]
        for each i in busy { expect i.host.cores > 3 }
        expect busy.filter(i => i.host.cores > 3).count == 2
        expect [1, 2][busy[0].host.cores] == 1
      }
      """#
    ).expectAsWritten()
  }

  @Test func `each kind is complete before a statement goes through it`() {
    let policy = PolicyCase(
      #"""
      entity a { }
      entity b { }
      entity c { }
      let bs = [x.name for each b x]
      for each n in bs { c "\(n)" { } }
      for each a x { b "\(x.name)" { } }
      waive r because "last"
      a first { }
      rule r { require true }
      """#)
    policy.expectAsWritten()
    let lines = policy.program.statements.map { statement in
      switch statement.statement {
      case .forEach(_, _, let range): range.line
      case .make(let make): make.range.line
      case .waive(let waiver): waiver.range.line
      default: 0
      }
    }
    #expect(lines == [8, 6, 5, 7])
  }
}

/// Sizes that nobody writes by hand but a program may.
@Suite struct SizeTests {
  @Test func `a chain of thousands of values is followed`() {
    let lets = (0..<3000).map { "let a\($0) = a\($0 + 1) + 1" }
    PolicyCase((lets + ["let a3000 = 1"]).joined(separator: "\n")).expectAsWritten()
  }

  @Test func `a circle of thousands of values is told once`() {
    let lets = (0..<3000).map { "let a\($0) = a\($0 + 1) + 1" }
    let policy = PolicyCase((lets + ["let a3000 = a7"]).joined(separator: "\n"))
    #expect(policy.diagnostics.map(\.code) == ["E0218"])
  }
}
