import Diagnostics
import PlacetSemantics
import Testing

@testable import PlacetVM

@Suite struct DataTests {
  static func text(_ text: String, _ line: Int = 1) -> DataNode { DataNode(.text(text), line: line) }
  static func number(_ digits: String, _ line: Int = 1) -> DataNode { DataNode(.number(digits), line: line) }
  static func object(_ line: Int, _ members: (String, DataNode)...) -> DataNode {
    DataNode(.object(members.map { (key: $0.0, value: $0.1) }), line: line)
  }
  static func list(_ all: DataNode...) -> DataNode { DataNode(.list(all), line: 1) }

  static let policy = #"""
    enum need { pinned, hugepages(size: data), sriov(ports: int, rate: rate?) }
    record price { vnf: text, cost: data where cost > 0 B, note: text? = none }
    entity site { }
    entity host {
      site: site
      cores: int where cores > 0
      memory: data
      share: ratio = 50 %
      needs: [need] = []
      was: host? = none
    }
    entity cell in host.cells { cores: int }
    load site from "lab.json" at "world.sites"
    load host from "lab.json" at "world.hosts"
    load prices: [price] from "lab.json" at "prices"
    let hosts = [(h.name, h.site.name, h.cores, h.memory, h.share) for each host h]
    let needs = [h.needs for each host h]
    let cells = [(c, c.cores) for each cell c]
    let was = [h.was for each host h]
    """#

  static let sites = object(2, ("a", object(2)), ("b", object(3)))

  static func run(_ hosts: DataNode, prices: DataNode = list()) -> WorldCase {
    var policy = WorldCase(Self.policy)
    policy.files["lab.json"] = DataFile(
      name: "lab.json",
      root: object(1, ("world", object(1, ("sites", sites), ("hosts", hosts))), ("prices", prices)))
    return policy
  }

  @Test func `rows become entities by the types of their fields`() {
    let policy = Self.run(
      Self.list(
        Self.object(
          5, ("name", Self.text("h1")), ("site", Self.text("a")), ("cores", Self.number("8")),
          ("memory", Self.text("64 GiB")), ("share", Self.text("80 %")),
          (
            "needs",
            Self.list(
              Self.text("pinned"), Self.text("hugepages(1 GiB)"),
              Self.object(5, ("sriov", Self.object(5, ("ports", Self.number("2"))))))
          ),
          ("cells", Self.list(Self.object(6, ("name", Self.text("c0")), ("cores", Self.number("4")))))),
        Self.object(
          7, ("name", Self.text("h2")), ("site", Self.text("b")), ("cores", Self.number("4")),
          ("memory", Self.text("1.5 GiB")), ("was", Self.text("h1")))))
    let world = policy.built()

    #expect(
      policy.value("hosts", in: world)
        == #"[("h1", "a", 8, 64 GiB, 0.8), ("h2", "b", 4, 1.5 GiB, 0.5)]"#)
    #expect(
      policy.value("needs", in: world)
        == "[[pinned, hugepages(size: 1 GiB), sriov(ports: 2, rate: none)], []]")
    #expect(policy.value("cells", in: world) == "[(h1.c0, 4)]")
    #expect(policy.value("was", in: world) == "[none, h1]")
  }

  @Test func `all wrong rows are told, each with file, path and line`() {
    let mistakes = Self.run(
      Self.list(
        Self.object(
          5, ("name", Self.text("h1")), ("site", Self.text("a")), ("cores", Self.text("8")),
          ("memory", Self.number("64")), ("memroy", Self.text("x"))),
        Self.object(9, ("site", Self.text("a"))))
    ).mistakes()

    #expect(mistakes.map(\.code) == ["E0433", "E0433", "E0434", "E0435"])
    #expect(mistakes[0].message == "lab.json: world.hosts[0].cores: wanted int, found the text \"8\"")
    #expect(mistakes[1].message.contains("wanted an amount of data with its unit, found the number 64"))
    #expect(mistakes[2].notes == ["help: did you mean 'memory'?"])
    #expect(mistakes[3].message == "lab.json: world.hosts[1]: 'name' (text) is missing")
    #expect(mistakes[0].primary.text.contains("line 1"))
  }

  @Test func `a missing field names entity, field and place`() {
    let mistakes = Self.run(
      Self.list(
        Self.object(5, ("name", Self.text("h1")), ("site", Self.text("a")), ("cores", Self.number("8"))))
    ).mistakes()

    #expect(mistakes.map(\.code) == ["E0354"])
    #expect(
      mistakes.first?.message == "host 'h1' (lab.json: world.hosts[0]) has no value for 'memory'")
  }

  @Test func `names of entities and conditions are checked when all are there`() {
    let mistakes = Self.run(
      Self.object(
        5,
        (
          "h1",
          Self.object(
            5, ("site", Self.text("aa")), ("cores", Self.number("0")), ("memory", Self.text("1 GiB")))
        ))
    ).mistakes()

    #expect(Set(mistakes.map(\.code)) == ["E0436", "E0355"])
    #expect(mistakes.contains { $0.message == "lab.json: world.hosts.h1.site: there is no site named 'aa'" })
  }

  @Test func `rows of values are checked too`() {
    let policy = Self.run(
      Self.list(),
      prices: Self.list(
        Self.object(20, ("vnf", Self.text("fw")), ("cost", Self.text("0 B")))))
    let world = policy.built()

    #expect(policy.value("prices", in: world) == "E0438")
  }

  @Test func `a table of texts is read by type`() {
    var policy = WorldCase(
      #"""
      record row { name: text, n: int, ok: bool?, tags: [text] }
      load rows: [row] from "rows.csv"
      """#)
    policy.files["rows.csv"] = DataFile(
      name: "rows.csv",
      root: Self.list(
        Self.object(
          2, ("name", Self.text("a")), ("n", Self.text("4")), ("ok", Self.text("")),
          ("tags", Self.text("x;y")))))

    #expect(
      policy.value("rows", in: policy.built())
        == #"[row(name: "a", n: 4, ok: none, tags: ["x", "y"])]"#)
  }
}
