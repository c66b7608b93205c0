import Diagnostics
import PlacetSemantics
import Testing

@testable import PlacetVM

@Suite struct WorldTests {
  static let kinds = #"""
    enum vim_kind { openstack, kubernetes }
    entity site { country: text }
    entity vim { kind: vim_kind, site: site }
    entity host {
      vim: vim
      cores: int where cores > 0
      memory: data = 64 GiB
      tags: set of text = set []
      let site = vim.site
      let total = cores + sum(c.cores for each c in cells)
    }
    entity cell in host.cells { cores: int in 1..64 }
    entity vnf { count: int = 1 }
    entity instance in vnf.instances { let number = vnf.count }
    entity link { ends: [vnf], rate: rate? = none }
    for each vnf v, n in 0..<v.count { instance "\(n)" { vnf: v } }

    """#

  @Test func `entities are made with their children, spans and ends`() {
    WorldCase(
      Self.kinds + #"""
        host "sto-[08..10]" { vim: sto, cores: 4, cell c0 { cores: 2 }, cell c1 { cores: 3 } }
        vim sto { kind: openstack, site: stockholm }
        site stockholm { country: "SE" }
        vnf a { count: 2 }
        vnf b { }
        link a -> b { rate: 1 Gbps }
        let names = [h.name for each host h]           //= ["sto-08", "sto-09", "sto-10"]
        let total = sum(h.total for each host h)       //= 27
        let where_ = host["sto-08"].site.country       //= "SE"
        let cells = [c for each cell c where c.host.name == "sto-10"] //= [sto-10.c0, sto-10.c1]
        let made = [i for each instance i]             //= [a[0], a[1], b[0]]
        let links = [l.name for each link l]           //= ["a->b"]
        let ends = [e for each link l, e in l.ends]    //= [a, b]
        let memory = host["sto-09"].memory             //= 64 GiB
        let missing = host["sto-9"].cores              //~ E0351
        """#
    ).expectAsWritten()
  }

  @Test func `loops and conditions make entities`() {
    WorldCase(
      Self.kinds + #"""
        site s { country: "SE" }
        vim v { kind: openstack, site: s }
        for each r in 1..2 {
          host "r\(r)" {
            vim: v, cores: if r == 1 then 8 else 4
            for each n in 0..<r { cell "c\(n)" { cores: n + 1 } }
            if r == 2 { cell last { cores: 9 } }
          }
        }
        let cores = [h.total for each host h]          //= [9, 16]
        let all_cells = [c for each cell c]            //= [r1.c0, r2.c0, r2.c1, r2.last]
        """#
    ).expectAsWritten()
  }

  @Test func `what a declaration does not allow is said with entity, field and line`() {
    let mistakes = WorldCase(
      Self.kinds + #"""
        site s { country: "SE" }
        vim v { kind: openstack, site: s }
        host a { vim: v, cores: 0, cell c { cores: 65 } }
        host b { vim: v, cores: 1 + 1 - 2 }
        """#
    ).mistakes()

    #expect(mistakes.map(\.code) == ["E0355", "E0355", "E0355"])
    #expect(mistakes.map(\.message).joined(separator: "\n").contains("a.c: 'cores' is 65"))
    #expect(mistakes.map(\.primary.range.line).sorted() == [19, 19, 20])
  }

  @Test func `a name that is made twice in one place is said with both places`() {
    let mistakes = WorldCase(
      Self.kinds + #"""
        vnf x1 { }
        for each n in 0..1 { vnf "x\(n)" { } }
        """#
    ).mistakes()

    #expect(mistakes.map(\.code) == ["E0353"])
    #expect(mistakes.map(\.primary.range.line) == [18])
    #expect(mistakes.first?.secondary.map(\.range.line) == [17])
  }

  @Test func `a parent that is not there is what is told, and long lists are lists`() {
    let mistakes = WorldCase(
      Self.kinds + #"for each n in 1..1 { instance "i" { vnf: vnf["nobody\(n)"] } }"#
    ).mistakes()
    #expect(mistakes.map(\.code) == ["E0351"])

    let numbers = (1...70_000).map(String.init).joined(separator: ", ")
    let long = WorldCase("let a = [\(numbers)]\nlet b = sum(x for each x in a)")
    #expect(long.value("b", in: long.built()) == "2450035000")
  }

  @Test func `an unknown name comes with the nearest`() {
    let policy = WorldCase(
      Self.kinds + #"""
        site stockholm { country: "SE" }
        let x = site["stokholm"]
        """#)
    let world = policy.built()
    var notes: [String] = []
    do { if let id = policy.global("x") { _ = try world.global(id) } } catch {
      notes = error.diagnostics.flatMap(\.notes)
    }

    #expect(notes == ["help: did you mean 'stockholm'?"])
  }

  @Test func `parameters are read by type`() {
    var policy = WorldCase(
      #"""
      param hour: int = 3
      param size: data = 1 GiB
      param names: [text] = []
      let twice = hour * 2
      """#)
    policy.parameters = ["hour": "21", "size": "2 GiB", "names": "a; b"]
    let world = policy.built()

    #expect(policy.value("twice", in: world) == "42")
    #expect(policy.value("size", in: world) == "2 GiB")
    #expect(policy.value("names", in: world) == #"["a", "b"]"#)

    policy.parameters = ["hour": "soon"]
    #expect(policy.mistakes().map(\.message) == ["--set hour: wanted int, found the text \"soon\""])
    policy.parameters = ["hoer": "1"]
    #expect(policy.mistakes().map(\.notes) == [["help: did you mean 'hour'?"]])
  }

  @Test func `a budget that is used up is an error with its line`() {
    var policy = WorldCase("let a = sum(x for each x in 1..1000000)\nlet b = [x for each x in 1..1000000]\n")
    policy.budget = Budget(steps: 10_000, memory: 1 << 30)
    #expect(policy.value("a", in: policy.built()) == "E0504")
    policy.budget = Budget(memory: 1 << 20)
    #expect(policy.value("b", in: policy.built()) == "E0505")
    #expect(policy.value("a", in: policy.built()) == "500000500000")
  }

  @Test func `derived values that wait for one another end at a depth, without a trap`() {
    var policy = WorldCase(
      #"""
      entity n { before: n?, let depth: int = (before?.depth ?? 0) + 1 }
      n "0" { before: none }
      for each i in 1..5000 { n "\(i)" { before: n["\(i - 1)"] } }
      let d = n["5000"].depth
      """#)
    #expect(policy.value("d", in: policy.built()) == "5001")
    policy.budget.depth = 1000
    #expect(policy.value("d", in: policy.built()) == "E0506")
  }
}
