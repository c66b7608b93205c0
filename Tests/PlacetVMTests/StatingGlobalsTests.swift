import Testing

/// `pack`, `path` and `precedes`, judged by every placement of a small world, wherever they stand.
@Suite struct StatingGlobalsTests {
  static let helpers = """
    fun gap(a: site, b: site): int = if a == b then 0 else a.far + b.far + 1
    let chain = [i1.host.site, i2.host.site, i3.host.site]
    let all_i = [i1, i2, i3]
    let packed = pack(all instance, into: all host, at: i => i.host, size: i => i.cpu, room: h => h.cores - 1)

    """

  @Test(arguments: [
    ("pack in one size", "require packed"),
    (
      "pack in two sizes",
      "require pack(all_i, into: all host, at: i => i.host, size: i => (i.cpu, 1), room: h => (h.cores, h.price - 1))"
    ),
    (
      "pack into some of the bins",
      "require pack(all_i, into: [h1, h2], at: i => i.host, size: i => i.cpu / 2, room: h => h.cores / 2)"
    ),
    (
      "pack by what a host leads to",
      "require pack(all_i, into: [north], at: i => i.host.site, size: x => x.cpu, room: s => 7 - s.far)"
    ),
    ("not pack", "require not packed"), ("forbid pack", "forbid packed"),
    ("pack or", "require packed or i1.host == h3"), ("prefer pack", "prefer packed weight 2"),
    ("pack if", "if i1.host == h3 { require packed }"),
    ("path", "require path(chain, along: gap) <= 4"),
    ("path of a written function", "require path(chain, along: (a, b) => gap(a, b) * 2 - a.far) <= 6"),
    ("path under not", "require not (path(chain, along: gap) <= 4)"),
    ("path or", "require path(chain, along: gap) == 0 or i1.host == h2"),
    ("prefer path", "prefer path(chain, along: gap) < 4 weight 3"),
    ("path of one", "require path([i1.host], along: (a, b) => a.price + b.price) == 0"),
    ("path between two", "require path(chain, along: gap) > path([i3.host.site, i1.host.site], along: gap)"),
    ("precedes of hosts", "require precedes([i1.host, i2.host, i3.host], [i2.host, i3.host, i1.host])"),
    ("not precedes", "require not precedes([i1.host, i2.host], [i2.host, i3.host])"),
    ("precedes or", "require precedes(i1.host, i2.host) or precedes(i3.host, i1.host)"),
    ("prefer precedes", "prefer precedes(i1.host, i2.host) weight 2"),
    (
      "precedes of numbers",
      "require precedes((i1.host.price, i2.host.cores), (i2.host.price, i3.host.cores))"
    ),
    ("precedes of texts", "require precedes(i1.host.site.country, i2.host.site.country)"),
    ("precedes of cases", "require precedes([i1.host.vim.kind, i2.host.vim.kind], [vsphere, vsphere])"),
    ("precedes of conditions", "require precedes([i1.host == h1, i2.spare], [i2.host == h2, i3.host == h1])"),
    ("precedes of lists of unequal length", "require precedes([i1.host], [i2.host, h1])"),
    ("a shorter list first", "require precedes([i2.host, h1], [i1.host])"),
  ])
  func `library constraints mean to the model what they mean to the machine`(
    _ name: String, _ rule: String
  ) throws {
    let text = StatingTests.vocabulary + Self.helpers + "rule r { \(rule) }\nminimize preferences\n"

    let outcome = try StatingJudge(text).agree(name)

    #expect(outcome.assignments == 27)
    #expect(outcome.admissible > 0)
    if !name.contains("prefer"), !name.contains("of one") { #expect(outcome.admissible < 27) }
  }

  /// What the functions stand for, written out.
  @Test(arguments: 0..<12)
  func `library constraints mean what is written out`(_ seed: Int) throws {
    let (room, other) = (seed % 5 + 1, seed % 3 + 1)
    let bins = ["all host", "[h1, h3]", "[h2]"][seed % 3]
    let text =
      StatingTests.vocabulary + Self.helpers + """
        rule pack_is {
          let short = pack(all_i, into: \(bins), at: i => i.host, size: i => (i.cpu, i.host.price), room: h => (h.cores - \(room), \(other * 3)))
          let long = all(i.host in \(bins) for each i in all_i) and all(
            sum(i.cpu for each i in all_i where i.host == h) <= h.cores - \(room)
              and sum(i.host.price for each i in all_i where i.host == h) <= \(other * 3)
            for each h in \(bins))
          require short == long
        }
        rule path_is {
          require path(chain, along: gap)
            == gap(i1.host.site, i2.host.site) + gap(i2.host.site, i3.host.site)
        }
        rule precedes_is {
          let (a, b, c) = (i1.host.price, i2.host.cores, i3.host.price + \(room))
          require precedes([a, b], [c, a]) == (a < c or a == c and b <= a)
          require precedes((b, c), (a, b)) == (b < a or b == a and c <= b)
        }

        """

    let outcome = try StatingJudge(text).agree("seed \(seed)")

    #expect(outcome.admissible == outcome.assignments)
  }

  @Test func `an item without a place is not packed`() throws {
    let text = """
      entity box { room: int }
      entity thing { decide box: box? }
      box a { room: 2 }
      box b { room: 1 }
      thing x { }
      thing y { }
      rule r { require pack(all thing, into: all box, at: t => t.box, size: _ => 1, room: b => b.room) }

      """

    let outcome = try StatingJudge(text).agree()

    #expect(outcome.assignments == 9)
    #expect(outcome.admissible == 3)
  }
}
