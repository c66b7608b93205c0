import Testing

/// Any input at all ends in diagnostics, never in a trap: policies are damaged thousands of times.
@Suite struct MutationTests {
  /// A small generator of its own, so that a seed gives the same damage everywhere.
  struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state ^ (state >> 29)) &* 0xBF58_476D_1CE4_E5B9
    }
  }

  static let policies = [Self.whole, PolicyCase.vocabulary]

  static let whole = #"""
    layer operator
    dimension flow = data / time
    enum kind open { a, b(x: int, y: rate?), c }
    record row open { name: text, n: int where n > 0 = 1, k: kind = a }
    entity site { country: text, at: (float, float) = (1.0, -2.5) }
    entity host { site: site, cores: int in 1..64, let half = cores / 2, decide on: bool, rack: text? }
    entity cell in host.cells { memory: data = 3 GiB, let size = host.cells.count }
    entity vm { cpu: int = 1, decide host: host where host.cores >= cpu, decide cell: cell? where cell.host == host }
    extend vm { kinds: [kind] = [], was: host? = none }
    param limit: int in 0..9 = 3
    load rows: [row] from "x.json" at "rows"
    let by_name = [r.name: r for each r in rows]
    let (low, high) = (1, 2 GiB)
    fun f(v: vm, n: int = 2): int = match v.host.on { true => v.cpu * n, false => 0 }
    fun g(xs: [int]) { let s = sum(xs); return if s > 3 then s else -s }
    site north { country: "SE" }
    host h1 { site: north, cores: 8, cell c0 { }, if limit > 2 { rack: "r1" } }
    vm v1 { cpu: 2, kinds: [a, b(3), b(x: 1, y: 2 Gbps)] }
    for each n in 1..<4 where n != 2 { vm "w\(n)" { cpu: n } }
    rule apart(v: vm, w: vm = v1) layer vendor { forbid v.host == w.host }
    rule hosts {
      for each vm v where v.host.on, h in all host { require v.host == h implies v.cell != none and v.cell.size > 1 }
      if v1.host.on { prefer v1.host.site.country in ["SE"] weight 2 } else { require f(v1) <= 4 }
      match by_name["x"]?.k { a or c => require limit > 1, none => { } , b(x, y) => forbid x > 2, _ => { } }
      let m = min(v.cpu for each vm v) ?? refuse "no \(limit)"
      require v1.host.half * 50 % > m and all_different(v.host for each vm v)
    }
    use apart(v1, w: vm["w1"])
    waive hosts for each host h where h.cores > 9 because "t"
    waive apart for v1, h1.c0 because "u"
    minimize sum(f(v) for each vm v) then preferences
    scenario two(n: int = 2) { host "b-[1..2]" { site: north, cores: n }; v1.cpu = 3; limit = 4 }
    test "all" {
      scenario two(n: 3)
      let before = solve
      solve from before with { vm extra { } }
      expect [v1.host].map(h => h.cores).sorted.first ?? 0 > 1 or before[v1].host == h1
      expect why(v1, not: h1).rules == set [hosts]
      expect infeasible because hosts, apart
      for each (x, y) in [(1, true)] { expect possible(v1.host.on) == y }
    }
    """#

  @Test(arguments: 0..<8)
  func `damaged policies are diagnosed`(_ seed: UInt64) {
    var random = Generator(state: seed &* 7919 &+ 1)
    for text in Self.policies {
      let words = Self.words(of: text)
      for _ in 0..<60 { _ = PolicyCase(Self.damaged(words, &random)) }
    }
  }

  @Test func `the policy that is damaged is whole`() {
    PolicyCase(Self.whole).expectAsWritten()
  }

  /// Words and signs, each with the blanks before it.
  private static func words(of text: String) -> [String] {
    var words: [String] = []
    var current = ""
    for character in text {
      let joins = current.last.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
      let isWord = character.isLetter || character.isNumber || character == "_"
      if !(joins && isWord), !current.allSatisfy(\.isWhitespace) {
        words.append(current)
        current = ""
      }
      current.append(character)
    }
    return words + [current]
  }

  private static func damaged(_ words: [String], _ random: inout Generator) -> String {
    var words = words
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0..<words.count, using: &random)
      let other = Int.random(in: 0..<words.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: words.remove(at: place)
      case 1: words.swapAt(place, other)
      case 2: words[place] = words[other]
      case 3: words.insert(words[other], at: place)
      default:
        words.insert(
          contentsOf: words[min(place, other)..<min(max(place, other), min(place, other) + 20)], at: place)
      }
    }
    return words.joined()
  }
}
