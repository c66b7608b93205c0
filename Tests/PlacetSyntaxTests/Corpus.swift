import Diagnostics
import Foundation
import PlacetSyntax

/// Policies to try everything on: the texts below, and the examples and libraries beside this package.
enum Corpus {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let all: [Source] = own + files(under: "examples") + files(under: "stdlib")

  static let own: [Source] = [
    Source(name: "vocabulary", text: vocabulary), Source(name: "rules", text: rules),
    Source(name: "tests", text: tests), Source(name: "expressions", text: expressions),
  ]

  static func files(under folder: String) -> [Source] {
    let base = root.appending(path: folder)
    let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".placet") }.sorted().compactMap { name in
      FileManager.default.contents(atPath: base.appending(path: name).path).map {
        Source(name: "\(folder)/\(name)", bytes: [UInt8]($0))
      }
    }
  }

  private static let vocabulary = #"""
    // What there is to speak of.
    import nfv
    import rules.capacity as room
    layer operator

    dimension data
    dimension rate = data / time
    unit bit
    unit GiB = 1024 MiB

    /// How a card is used.
    enum mode { shared, dedicated, }
    enum form open { machine; container(cores: int, memory: data,), any
      never(at: place) }
    extend form { sandbox(depth: int) }
    extend host { rack: text, let load = 1 - free, decide spare: bool = false, }
    extend site { decide open: bool where cost > 0 EUR }

    record pair { left: int, right: int }
    record row open { name: text }
    record nothing {}

    entity region {}
    entity mux in region.muxes {
      site: site
      slots: int where slots > 0 = 40
      let left: int = slots - used
      let weight = left * 2
      price: EUR/month
      hours: int? in 1..8
      tags: set of text
      nested: set of set of (int)
      by_site: [site: distance]
      many: [text]
      at: (float, float)
      point: (x: int, y: int)
      test: (int, b: int) -> bool
      action: () -> int
      either: (int)?
      of: set of [int]
    }

    param seats: int = 180
    param hour: int in 0..23
    load host from "lab.json" at "hosts"
    load rows: [row] from file

    site edge { country: "SE", at: (59.33, 18.06) }
    host "r1-[1..4]" {
      vim: sto, cell c0 { cores: 24 }
      let half = 12
      for each n in 1..2 { port "p\(n)" { speed: 10 Gbps } }
      if big { memory: 1 TiB } else if small { memory: 1 GiB } else { memory: 2 GiB, }
      if spare { kept: true }
    }
    service s {
      link a -> b
      link a.x -> b.y -> c { rate: 10 Gbps }
    }
    link s.a -> s.b
    """#

  private static let rules = #"""
    fun half(of: int, step: int = 2,): int = of div step
    fun twice(x: int) { let y = x; let z = y
      return y + z }
    fun nothing() = none

    /// Stays at home.
    /// Always.
    rule home(v: vnf, near: int = 3) layer regulator {
      for each instance i where i.vnf == v, n in 1..<near {
        require i.host.site in home_of(v)
        forbid i.host == n
        prefer i.placed weight 3
      }
      if v.small { require v.cpu < 4 } else if v.large { } else { forbid v.cpu > 8; forbid v.old }
      match v.kind {
        plain => require v.ok
        special or odd => { prefer v.ok weight 2 }, rare(x, (y, _)) => { },
      }
      let (a, (b, c), _) = ends(v)
    }
    rule empty { }
    use home(vepc.mme, near: 2)
    waive home because "no reason"
    waive rules.home for vepc.mme, vepc.sgw because "ticket \(number), see \(place)"
    waive home for each vnf v where v.old because "old"
    minimize cost then preferences then maximize spare then minimize moves
    maximize profit
    """#

  private static let tests = #"""
    scenario lab(count: int) {
      let n = count
      load host from "lab.json"
      host h1 { cores: n }
      h1.at = 3
      hosts[0].cells[1].load = 80 %
      n2 = 4
      scenario base(1)
      for each k in 1..n { host "h\(k)" { } }
    }
    scenario bare { }

    test "what is asked" {
      let n = 3
      let m: int = 4
      let a = solve
      let (x, y) = solve from a
      load rows: [row] from "rows.csv"
      host only { cores: 8 }
      use home(mme)
      waive home because "what if"
      require a.cost > 3 EUR
      minimize cost
      scenario lab(count: 2)
      solve
      solve with h.cores = 3, at_hour = 4
      solve from a with { host extra { cores: 1 } }
      expect a.cost <= 3 EUR
      expect infeasible
      expect infeasible because capacity, rules.home
      expect relax capacity
      expect rule green binding
      expect rule green active
      expect rule green inactive
      for each (used, ok) in [(38, true), (40, false)] { expect possible(m == used) == ok }
    }
    test "nothing" { }
    """#

  private static let expressions = #"""
    let a = 1 + 2 - 3 * 4 / 5 div 6 mod -7
    let b = not x == y and not z or u implies v implies if w then 1 else 2
    let c = [a != b, a < b, a <= b, a > b, a >= b, a in b, a not in b, a..b, a ..< b]
    let d = x ?? y?.z ?? refuse "no z at \(x.name)"
    let e = f(1, label: 2,)(3)[4].g() + sum(x for each host h, (p, q) in pairs where p != q)
    let g = [x => x + 1, (a, b) => a, () => 0, (a, b,) => b]
    let h = ([], [:], [1,], [1: 2, 3: 4,], [k: v for each (k, v) in m], [x for each x in xs], [1, 2], [1: 2])
    let i = set ["a", "b"].count + set [].count
    let j = all host
    let k = all(x => x.ok) and all()
    let l = (1, 2)
    let m = (x: 1, y: "two",)
    let n = (((1)))
    let o = ()
    let p = match x {
      1 => "one", -1 => "less"
      1 GiB..2 GiB => "some"; 0 ..< 1 => "few"
      "text" or "a\(b)c\(d)e" => "text"
      true or false => "bool"
      none => "none"
      form.container(c) or other => "case"
      (1, (2, none), _) => "tuple",
    }
    let q = [true, false, none, this]
    let r = [true: 1, none: 2]
    let s = x.where.at.in.let.test
    let t = any + always + possible + never + as + by + failure + of + open + relax + binding + active + inactive
    let u = 1_000.5 GiB + 0.12 EUR/h + 80 %
    let v = a
      .b
      + c
    let w = if a then b else x => x
    let größe = 3
    """#
}
