import Testing

@testable import PlacetSemantics

/// What types expressions have, and what does not fit.
@Suite struct TypeTests {
  @Test func `amounts multiply and divide by dimension`() {
    let policy = PolicyCase(
      #"""
      let a = 4 GiB / 2 s
      let b = 10 Gbps * 3 s
      let c = 8 / 3
      let d = 80 % * 3
      let e = 3 * 2 EUR/h
      let f = 420 W * 168 h * 0.3 EUR/kWh
      let g = 7 div 2 + 7 mod 2
      let h = 5 GiB div 2 GiB
      let i = 5 GiB mod 2 GiB
      let j = min(3 km, 20 m)
      let k = 4 GHz * 1 s
      let l = -3 + 1.5
      let m = abs(-3 GiB)
      let n = floor(7 / 2) + ceil(1.5) + round(2.5 * 3)
      let o = round(1234 m, to: 1 km)
      let p: float = 3
      let q = (1 + 2.0, 1 == 1.0)
      let r: EUR/month = 900 EUR/month
      """#)
    policy.expectAsWritten()
    let wanted: [(String, String)] = [
      ("a", "rate"), ("b", "data"), ("c", "ratio"), ("d", "ratio"), ("f", "EUR"), ("g", "int"), ("h", "int"),
      ("i", "data"), ("j", "distance"), ("k", "ratio"), ("l", "ratio"), ("m", "data"), ("n", "int"),
      ("o", "distance"), ("p", "float"), ("q", "(ratio, bool)"), ("r", "EUR/time"),
    ]
    for (name, type) in wanted { #expect(policy.type(of: name) == type, "\(name)") }
  }

  @Test func `what does not fit is told at its place`() {
    PolicyCase(
      #"""
      import nfv
      let a: data = 4 GHz                 //~ E0203
      let b = 4 GiB + 1 s                 //~ E0203
      let c = "x" + "y"                   //~ E0214
      let d = 3 GiB < 4                   //~ E0203
      let e: int = 1.5                    //~ E0203
      let f = [1, "two"]                  //~ E0203
      let g = if true then 1 else "one"   //~ E0203
      let h = not 3                       //~ E0203
      let i = 1 in 5                      //~ E0222
      let j = "a" in [1, 2]               //~ E0203
      let l = 2.0 div 3
      let m = min(1 km, 1 s)              //~ E0203
      let n = sum("x" for each host h)    //~ E0214
      let o = floor(3 km)                 //~ E0207
      let p: set of text = ["a"]          //~ E0203
      let q: EUR = 3 USD                  //~ E0203
      let r = x => x                      //~ E0217
      let s = [1, 2].map((a, b) => a)     //~ E0221
      let t = distance(1, 2)              //~ E0203 E0203
      """#
    ).expectAsWritten()
  }

  @Test func `collections say what they hold`() {
    let policy = PolicyCase(
      #"""
      import nfv
      let a = [h.name: h for each host h]
      let b = a["x"]
      let c = a.keys.sorted.first
      let d = [1, 2.5, 3]
      let e = [[1], [2]].flattened
      let f = a.map((k, v) => v.cores)
      let g = [1, 2, 3].filter(n => n > 1).count
      let h = [(1, "a")].map(p => p)
      let i = set [1, 2].union(set [3])
      let j = pairs([1, 2])
      let k = reach([host["a"]], along: h => [h])
      let l = "a,b".split(",").map(t => int_of(t) ?? 0)
      let m = max(h.cores for each host h)
      let n = [1, 2].sum(x => x * 1 GiB)
      let o = [1: [none, "x"]]
      let p = (0..<4).to_list
      let q = [host["a"]].count(h => h.cores > 3)
      let r = [1, 2].contains(1)
      let s = "abc".contains("b")
      let t = [v.kind for each vim v].to_set
      let u = [1, 2].all(x => x > 0) and any(true for each n in [1])
      """#)
    policy.expectAsWritten()
    let wanted: [(String, String)] = [
      ("a", "[text: host]"), ("b", "host?"), ("c", "text?"), ("d", "[ratio]"), ("e", "[int]"), ("f", "[int]"),
      ("g", "int"), ("h", "[(int, text)]"), ("i", "set of int"), ("j", "[(int, int)]"), ("k", "[host]"),
      ("l", "[int]"), ("m", "int?"), ("n", "data"), ("o", "[int: [text?]]"), ("p", "[int]"), ("q", "int"),
      ("r", "bool"), ("s", "bool"), ("t", "set of vim_kind"),
    ]
    for (name, type) in wanted { #expect(policy.type(of: name) == type, "\(name)") }
  }

  @Test func `what may be none is asked first`() {
    PolicyCase(
      #"""
      import nfv
      rule r {
        for each host h where h.rack != none { require h.rack.vim == h.vim }
        for each host h {
          require h.rack == none or h.rack.vim == h.vim
          require h.rack != none implies h.rack.vim == h.vim
          require not (h.rack == none) and h.rack.vim == h.vim
          require h.rack.vim == h.vim                         //~ E0212
          require h.rack?.vim == h.vim
          require (h.rack ?? rack["x"]).vim == h.vim
          if h.rack == none { require h.rack.name == "" }      //~ E0212
          else { require h.rack.name != "" }
          let r = h.rack
          require if r != none then r.name == "a" else true
          require (r.name ?? "") == ""                        //~ E0212
          require h.vim?.name == "x"
          require h.vim != none                               //~ E0203
          require (h.name ?? "a") == ""                       //~ E0203
          match h.rack { none => require true, _ => require h.rack?.name == "" }
          match h.vim.kind { openstack => require true, vsphere or kubernetes => forbid false }
        }
        for each instance i, instance j { require i.cell == j.cell }  //~ E0213
        for each instance i, cell c where i.cell == c { require i.cell.cores > 1 }
      }
      """#
    ).expectAsWritten()
  }

  @Test func `a match takes every value, once`() {
    PolicyCase(
      #"""
      import nfv
      fun a(k: vim_kind): int = match k { openstack or vsphere => 1, kubernetes => 2 }
      fun b(k: vim_kind): int = match k { openstack => 1 }                          //~ E0215
      fun c(f: feature): data = match f { hugepages(n) => n, pinned_cpus => 1 b }    //~ E0215
      fun d(f: feature): data = match f { hugepages(n) => n, _ => 1 b }
      fun e(b: bool, k: vim_kind?): int = match (b, k) {
        (true, _) => 1
        (false, openstack) => 2
        (false, none) => 3
        (false, vsphere) or (_, kubernetes) => 4
      }
      fun f(k: vim_kind?): int = match k { openstack => 1, vsphere => 2, kubernetes => 3, none => 0 }
      fun g(k: vim_kind?): int = match k { openstack => 1, vsphere => 2, kubernetes => 3 } //~ E0215
      fun h(n: int): text = match n { 0 => "none", 1..9 => "few", -5 => "odd", _ => "many" }
      fun i(n: int): text = match n { 0 => "none" }                                  //~ E0215
      fun j(k: vim_kind): int = match k { openstak => 1, _ => 2 }                     //~ E0205
      fun k(k: vim_kind): int = match k { _ => 1, openstack => 2 }                    //~ W0201
      fun l(d: data): int = match d { 1 GiB => 1, 2 s => 2, _ => 3 }                  //~ E0221
      fun m(s: site): int = match s { north => 1, _ => 2 }
      site north { country: "SE" }
      fun n(f: feature): int = match f { sriov(p, r) => p, hugepages(a, b) => 1, _ => 3 } //~ E0221
      """#
    ).expectAsWritten()
  }

  @Test func `payloads, records and arguments find their places`() {
    PolicyCase(
      #"""
      import nfv
      record p { x: int, y: data = 1 GiB, z: text? }
      let a = p(x: 1)
      let b = p(1, 2 GiB, "z")
      let c = p(y: 2 GiB)                       //~ E0207
      let d = p(x: 1, w: 2)                     //~ E0207
      let e: [feature] = [hugepages(1 GiB), hugepages(size: 1 GiB), sriov(2), sriov(ports: 2, rate: 25 Gbps)]
      let f: feature = hugepages                //~ E0207
      let g: feature = hugepages(3)             //~ E0203
      let h = sriov(1)
      fun twice(n: int, by: int = 2): int = n * by
      let i = twice(3) + twice(n: 3, by: 4) + (3).twice()
      let j = twice(1, 2, 3)                    //~ E0207
      let k = twice(n: 1, n: 2)                 //~ E0207
      let l = host["a"].offers(pinned_cpus)     //~ E0203
      let m = vim["a"].offers(pinned_cpus)
      let n = all_different(of: [1, 2]) and at_most(1, of: [true]) and between(1, low: 0, high: 2)
      """#
    ).expectAsWritten()
  }

  @Test func `library constraints tell what does not fit`() {
    PolicyCase(
      #"""
      entity site { }
      entity host { site: site, cores: int, memory: data, disk: int? }
      entity item { cpu: int, memory: data, decide host: host }
      fun latency(a: site, b: site): time = 1 ms
      let is = all item
      let a = pack(is, into: all host, at: i => i.host, size: i => (i.cpu, i.memory), room: h => (h.cores, h.memory))
      let b = pack(is, into: all host, at: i => i.host, size: i => i.cpu, room: h => h.memory)        //~ E0203
      let c = pack(is, into: all host, at: i => i.host.site, size: i => i.cpu, room: h => h.cores)    //~ E0203
      let d = pack(is, into: all host, at: i => i.host, size: i => (i.cpu, i.memory), room: h => h.cores) //~ E0207
      let e = pack(is, into: all host, at: i => i.host, size: i => i.name, room: h => h.name)        //~ E0214
      let f = pack(is, into: all host, at: i => i.host, size: i => i.cpu, room: h => h.disk)          //~ E0212
      let g = pack(is, into: [is[0].host], at: i => i.host, size: i => i.cpu, room: h => h.cores)     //~ E0310
      let h = pack(is, into: all host, at: i => i.host, size: i => i.cpu)                             //~ E0207
      let i = path([i.host.site for each i in is], along: latency) <= 20 ms
      let j = path([i.host.site for each i in is], along: s => 1 ms)                                  //~ E0207
      let k = path(is[0].host, along: latency)                                                        //~ E0214
      let l = precedes([i.host for each i in is], is.reversed.map(i => i.host))
      let m = precedes(is[0].host, 3)                                                                 //~ E0203
      let n = precedes(set [1], set [2])                                                              //~ E0214
      let o = path([i.host for each i in is where i.host.cores > 2], along: (a, b) => 1)              //~ E0309
      """#
    ).expectAsWritten()
  }

  @Test func `every built-in function has a page`() {
    let pages = Set(BuiltInFunction.all.map(\.name))

    #expect(pages == Set(TypeChecker.nativeNames + TypeChecker.aggregates.keys))
    #expect(BuiltInFunction.all.count == pages.count)
    #expect(BuiltInFunction.all.allSatisfy { $0.signature.hasPrefix($0.name + "(") })
  }
}
