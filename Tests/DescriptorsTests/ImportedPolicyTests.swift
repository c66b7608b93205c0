import Descriptors
import Diagnostics
import PlacetSemantics
import PlacetSyntax
import StandardLibrary
import Testing

/// What the importer writes is a policy: the parser, the formatter and the checker have nothing to say.
@Suite struct ImportedPolicyTests {
  @Test(arguments: [
    [("border.yaml", Samples.border), ("gateway.yaml", Samples.gateway)],
    [("naming.yaml", Samples.naming), ("resolver.yaml", Samples.resolver)],
    [("gateway.yaml", Samples.gateway)], [("resolver.yaml", Samples.resolver)],
  ])
  func `the samples check`(_ files: [(String, String)]) throws {
    expectSound(try #require(Import(files).policy))
  }

  @Test(arguments: [
    ("strategy: ISOLATION", "strategy: COLOCATION"), ("{type: PARAVIRT}", "{type: PCI-PASSTHROUGH}"),
    ("mempage-size: SIZE_1GB", "mempage-size: SIZE_2MB"), ("id: bus", "id: match"),
    ("id: gateway", "id: 'a \"quoted\" \\ name'"), ("- member-vdu-ref: forward", "- member-vdu-ref: control"),
    ("cpu-thread-pinning-policy: ISOLATE", "cpu-thread-pinning-policy: REQUIRE"),
  ])
  func `variations of them check`(_ old: String, _ new: String) throws {
    let text = Samples.gateway.replacing(old, with: new)
    #expect(text != Samples.gateway)
    expectSound(try #require(Import(("gateway.yaml", text)).policy))
  }

  @Test func `groups of VDUs that stand in one VNF check`() throws {
    let vdus = ["x", "y", "z"].map { "{vm-flavor: {vcpu-count: 1, memory-mb: 512}, id: \($0), count: 2}" }
    for strategy in ["COLOCATION", "ISOLATION"] {
      let group =
        "{name: some, strategy: \(strategy), member-vdus: [{member-vdu-ref: x}, {member-vdu-ref: y}]}"
      let result = Import(
        (
          "a.yaml",
          "vnfd-catalog: {vnfd: [{id: a, vdu: [\(vdus.joined(separator: ", "))], placement-groups: [\(group)]}]}"
        ))

      let policy = try #require(result.policy)
      #expect(policy.contains("where i.vdu?.name == \"x\""))
      expectSound(policy)
    }
  }

  @Test(
    .enabled(
      if: NothingDroppedTests.hasData, "no ../shared/data beside the package: real descriptors are not tried")
  )
  func `what is made of each real VNFD checks`() throws {
    var checked = 0
    for (name, text) in try NothingDroppedTests().descriptors(in: "osm-descriptors") {
      guard let policy = Import((name, text)).policy else { continue }
      expectSound(policy)
      checked += 1
    }
    #expect(checked == 11)
  }

  private func expectSound(_ policy: String) {
    let source = Source(name: "imported.placet", text: policy)
    let (tree, problems) = Parser.parse(source)
    #expect(problems.map(\.message) == [])
    #expect(Formatter.format(tree) == policy)
    let (_, diagnostics) = Checker.check(main: source) { module in
      StandardLibrary.text(ofModule: module).map { Source(name: "stdlib/\(module)", text: $0) }
    }
    #expect(
      diagnostics.map { "\($0.primary.range.source.name):\($0.primary.range.line): \($0.message)" } == [])
  }
}
