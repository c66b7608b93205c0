import Descriptors
import Diagnostics
import Testing

/// An import of texts, as the tests look at it.
struct Import {
  let policy: String?
  let diagnostics: [Diagnostic]

  init(_ files: (String, String)...) {
    self.init(files)
  }

  init(_ files: [(String, String)]) {
    (policy, diagnostics) = SOL006Importer.importFiles(files.map { (name: $0.0, bytes: Array($0.1.utf8)) })
  }

  /// `E0461 gateway.yaml:22`
  var places: [String] {
    diagnostics.map { "\($0.code) \($0.primary.range.source.name):\($0.primary.range.line)" }
  }

  /// Whether there is such a diagnostic on a line with this in it.
  func has(_ code: String, on line: String) -> Bool {
    diagnostics.contains { diagnostic in
      let range = diagnostic.primary.range
      return diagnostic.code == code && range.source.line(range.line).contains(line)
    }
  }

  /// What is no comment, on lines of its own.
  var code: String {
    (policy ?? "").split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(
      separator: "\n")
  }
}

@Suite struct SOL006ImporterTests {
  // MARK: What is imported

  @Test func `a VNFD alone is a service by itself`() {
    let result = Import(
      (
        "box.yaml",
        """
        vnfd-catalog:
          vnfd:
          - id: box
            description: A box
            vdu:
            - id: vm
              vm-flavor: {vcpu-count: 1, memory-mb: 512}
              colour: red
        """
      ))

    #expect(result.places == ["W0460 box.yaml:8"])
    #expect(
      result.policy == """
        // Imported from box.yaml.
        // MB and GB of a descriptor are taken as MiB and GiB, as OSM's connectors take them.
        import nfv
        import rules.capacity

        // vnfd box of box.yaml, in no service: one by itself
        service box {
          vnf box {
            vdu vm {
              cpu: 1
              memory: 512 MiB
            }
          }
        }

        // What else box.yaml says of vnfd box:
        //   Not known to the importer:
        //     vdu[vm].colour: red
        //   Not placement:
        //     description: A box

        """)
  }

  @Test func `an NSD before release 9 is a service with a VNF for each member`() {
    let result = Import(("border.yaml", Samples.border), ("gateway.yaml", Samples.gateway))

    #expect(result.places == ["W0461 gateway.yaml:39", "W0461 gateway.yaml:50"])
    #expect(result.policy == Goldens.border)
  }

  @Test func `an NSD from release 9 on is one as well`() {
    let result = Import(("naming.yaml", Samples.naming), ("resolver.yaml", Samples.resolver))

    #expect(result.places == [])
    #expect(result.policy == Goldens.naming)
  }

  @Test func `the order of the files does not matter to the services`() {
    let there = Import(("border.yaml", Samples.border), ("gateway.yaml", Samples.gateway))
    let back = Import(("gateway.yaml", Samples.gateway), ("border.yaml", Samples.border))

    #expect(there.code == back.code)
  }

  @Test func `prefixes of modules and quotes round numbers change nothing`() {
    let plain = Import(("gateway.yaml", Samples.gateway))
    let text = Samples.gateway.replacing("vnfd:vnfd-catalog", with: "vnfd-catalog")
      .replacing("vcpu-count: 12", with: "'vcpu-count': \"12\"").replacing(
        "- id: bus", with: "- vnfd:id: bus")

    #expect(Import(("gateway.yaml", text)).code == plain.code)
  }

  @Test(arguments: [
    ("mempage-size: SIZE_1GB", "mempage-size: SIZE_2MB", "page_size: 2 MiB"),
    ("mempage-size: SIZE_1GB", "mempage-size: LARGE", "page_size: 1 GiB"),
    ("cpu-thread-pinning-policy: ISOLATE", "cpu-thread-pinning-policy: PREFER", "threads: prefer_siblings"),
    ("cpu-pinning-policy: DEDICATED", "cpu-pinning-policy: SHARED", "cpus: shared"),
    ("num-cores: 4", "paired-threads: {num-paired-threads: 2}", "guest_cells: [8, 4]"),
    ("{type: PARAVIRT}", "{type: PCI-PASSTHROUGH}", "devices: [\"nic\"]"),
    ("{type: PARAVIRT}", "{type: SR-IOV}", "vfs: 3"),
    ("{type: VIRTIO}", "{type: E1000}", "needs: [fixed_mac, nic_model(e1000)]"),
    ("memory-mb: '4096'", "memory-mb: '04096'", "memory: 4096 MiB"),
    ("strategy: ISOLATION", "strategy: COLOCATION", "require gather("),
    (
      "mempage-size: SIZE_1GB", "pcie-device: [{device-id: 'fpga', count: 2}]",
      "devices: [\"fpga\", \"fpga\"]"
    ),
  ])
  func `each demand has its word`(_ old: String, _ new: String, _ wanted: String) {
    let result = Import(("gateway.yaml", Samples.gateway.replacing(old, with: new)))

    #expect(
      result.code.contains(wanted), "\(result.policy ?? "refused: \(result.diagnostics.map(\.message))")")
  }

  @Test func `one guest cell follows from dedicated CPUs, and the policy says so`() {
    let start = Samples.gateway.range(of: "        numa-node-policy")
    let end = Samples.gateway.range(
      of: "      interface:\n      - name: eth0\n        internal-connection-point-ref: fwd-bus")
    let text =
      start.flatMap { s in end.map { Samples.gateway.replacingCharacters(s.lowerBound..<$0.lowerBound, "") } }
      ?? ""

    let result = Import(("gateway.yaml", text))

    #expect(result.code.contains("guest_cells: [12]"))
    #expect(result.policy?.contains("// One cell: so Nova reads") == true)
  }

  @Test func `the newer form in its older ways is understood as well`() {
    let text = Samples.resolver.replacing(
      "- {id: root, size-of-storage: 10}", with: "- {id: root, block-storage-data: {size-of-storage: 10}}"
    )
    .replacing("virtual-storage-desc: [root, logs]", with: "virtual-storage-desc: root")
    .replacing("- id: dns-eth0\n", with: "- id: dns-eth0\n      order: 1\n")

    let result = Import(("resolver.yaml", text))

    #expect(result.places == [])
    #expect(result.code == Import(("resolver.yaml", Samples.resolver)).code)
  }

  @Test func `a Kubernetes unit is refused alone, and beside machines said to be left out`() {
    let unit = "kdu: [{name: core, helm-chart: open5gs}]"
    let alone = Import(("a.yaml", "vnfd: {id: a, df: [{id: default-df}], \(unit)}"))
    let beside = Import(
      ("resolver.yaml", Samples.resolver.replacing("  mgmt-cp: mgmt\n", with: "  mgmt-cp: mgmt\n  \(unit)\n"))
    )

    #expect(alone.places == ["E0466 a.yaml:1"])
    #expect(beside.places == ["W0461 resolver.yaml:7"])
    #expect(beside.policy?.contains("//     kdu[core].helm-chart: open5gs\n") == true)
  }

  @Test func `VDUs that are alike stand in one VNF`() {
    let vdu = "{vm-flavor: {vcpu-count: 1, memory-mb: 512}"
    let result = Import(("a.yaml", "vnfd-catalog: {vnfd: [{id: a, vdu: [\(vdu), id: x}, \(vdu), id: y}]}]}"))

    #expect(result.code.components(of: "vnf ") == 1)
    #expect(result.code.components(of: "vdu ") == 2)
  }

  // MARK: What is refused

  @Test(arguments: [
    ("memory-mb: '4096'", "memory-mb: lots", "E0461", "memory-mb: lots"),
    ("memory-mb: '4096'", "memory-mb: [4096]", "E0461", "memory-mb: [4096]"),
    ("memory-mb: '4096'", "memory-mb: -1", "E0461", "memory-mb: -1"),
    ("vcpu-count: '2', ", "", "E0462", "{memory-mb: '4096'"),
    ("vcpu-count: '2'", "vcpu-count: 0", "E0461", "vcpu-count: 0"),
    ("vcpu-count: '2'", "vcpu-count: 99999999999999999999", "E0461", "vcpu-count: 99999999999999999999"),
    ("vm-flavor: {vcpu-count: 12, memory-mb: 16384, storage-gb: 10}", "", "E0462", "- id: forward"),
    ("- id: control\n", "- name: control\n", "E0462", "- name: control"),
    ("- id: forward\n", "- id: control\n", "E0465", "- id: control"),
    ("id-ref: fwd-bus", "id-ref: far-bus", "E0464", "id-ref: far-bus"),
    ("member-vdu-ref: forward", "member-vdu-ref: backward", "E0464", "member-vdu-ref: backward"),
    ("cpu-pinning-policy: DEDICATED", "cpu-pinning-policy: MINE", "E0461", "cpu-pinning-policy: MINE"),
    ("pinning-policy: ISOLATE", "pinning-policy: AVOID", "E0466", "pinning-policy: AVOID"),
    ("{type: PARAVIRT}", "{type: NE2000}", "E0466", "{type: NE2000}"),
    ("node-cnt: 2", "node-cnt: 3", "E0467", "node-cnt: 3"),
    ("num-cores: 4", "num-cores: 5", "E0467", "node-cnt: 2"),
    ("strategy: ISOLATION", "strategy: MAYBE", "E0461", "strategy: MAYBE"),
    ("image: gw-control.qcow2", "image: [a, b]", "E0461", "image: [a, b]"),
    ("count: 2", "count: 2\n      count: 3", "E0407", "count: 2"),
    ("vnfd:\n", "vnfd: [\n", "E0406", "- id: gateway"),
  ])
  func `a wrong VNFD is refused at its place`(_ old: String, _ new: String, _ code: String, _ line: String) {
    let text = Samples.gateway.replacingFirst(old, with: new)
    let result = Import(("gateway.yaml", text))

    #expect(text != Samples.gateway)
    #expect(result.policy == nil)
    #expect(result.has(code, on: line), "\(result.places) \(result.diagnostics.map(\.message))")
  }

  @Test(arguments: [
    (
      "{member-vnf-index: 2, vnfd-id-ref: gateway}", "{member-vnf-index: 2, vnfd-id-ref: gatway}", "E0463",
      "{member-vnf-index: 2, vnfd-id-ref: gatway}"
    ),
    (
      "{member-vnf-index: 2, vnfd-id-ref: gateway}", "{member-vnf-index: 1, vnfd-id-ref: gateway}", "E0465",
      "{member-vnf-index: 1, vnfd-id-ref: gateway}"
    ),
    (
      "{member-vnf-index: 2, vnfd-id-ref: gateway}", "{vnfd-id-ref: gateway}", "E0462",
      "- {vnfd-id-ref: gateway}"
    ),
    (
      "vnfd-connection-point-ref: outside", "vnfd-connection-point-ref: outsid", "E0464",
      "vnfd-connection-point-ref: outsid"
    ),
    ("{member-vnf-index-ref: 1", "{member-vnf-index-ref: 7", "E0464", "{member-vnf-index-ref: 7"),
    ("value: 150", "value: soon", "E0461", "value: soon"),
  ])
  func `a wrong NSD is refused at its place`(_ old: String, _ new: String, _ code: String, _ line: String) {
    let text = Samples.border.replacingFirst(old, with: new)
    let result = Import(("border.yaml", text), ("gateway.yaml", Samples.gateway))

    #expect(text != Samples.border)
    #expect(result.policy == nil)
    #expect(result.has(code, on: line), "\(result.places) \(result.diagnostics.map(\.message))")
  }

  @Test(arguments: [
    ("virtual-compute-desc: small", "virtual-compute-desc: large", "E0464", "virtual-compute-desc: large"),
    ("num-virtual-cpu: 4", "num-virtual-cpu: many", "E0461", "num-virtual-cpu: many"),
    ("size: 2.5", "size: '2,5'", "E0461", "size: '2,5'"),
    ("virtual-memory: {size: 2.5, numa-enabled: true}", "", "E0462", "- id: small"),
    ("scope: nfvi-node", "scope: zone-group", "E0466", "scope: zone-group"),
  ])
  func `so is one of the newer form`(_ old: String, _ new: String, _ code: String, _ line: String) {
    let text = Samples.resolver.replacingFirst(old, with: new)
    let result = Import(("resolver.yaml", text))

    #expect(text != Samples.resolver)
    #expect(result.policy == nil)
    #expect(result.has(code, on: line), "\(result.places) \(result.diagnostics.map(\.message))")
  }

  @Test(arguments: ["", "# nothing\n", "a: 1\n", "[1, 2]\n", "text\n"])
  func `a file without a descriptor is refused`(_ text: String) {
    #expect(Import(("a.yaml", text)).places == ["E0460 a.yaml:1"])
  }

  @Test func `one VNFD twice among the files is refused`() {
    let result = Import(("a.yaml", Samples.gateway), ("b.yaml", Samples.gateway))

    #expect(result.policy == nil)
    #expect(result.places.contains("E0465 b.yaml:3"))
  }

  @Test func `all that is wrong is said at once, in order of the files`() {
    let result = Import(
      (
        "gateway.yaml",
        Samples.gateway.replacing("'4096'", with: "lots").replacing("node-cnt: 2", with: "node-cnt: 9")
      ),
      ("border.yaml", Samples.border.replacing("gateway", with: "gate")))

    #expect(
      result.places.filter { $0.hasPrefix("E") } == [
        "E0461 gateway.yaml:19", "E0467 gateway.yaml:36", "E0463 border.yaml:5", "E0463 border.yaml:6",
      ])
  }

  // MARK: What nobody expects

  @Test func `names cannot break out of their place`() {
    let name = #""a\" { }\nforbid true //""#
    let result = Import(
      (
        "a.yaml",
        "vnfd-catalog: {vnfd: [{id: \(name), note: \(name), vdu: [{id: \(name), image: \(name), vm-flavor: {vcpu-count: 1, memory-mb: 1}}], placement-groups: [{name: \(name), member-vdus: [{member-vdu-ref: \(name)}]}]}]}"
      ))

    #expect(result.policy != nil)
    #expect(!result.code.split(separator: "\n").contains { $0.drop { $0 == " " }.hasPrefix("forbid") })
  }

  @Test func `any cut of a descriptor is imported or refused`() {
    for (name, text) in [
      ("gateway.yaml", Samples.gateway), ("resolver.yaml", Samples.resolver), ("naming.yaml", Samples.naming),
    ] {
      let bytes = Array(text.utf8)
      for end in stride(from: 0, through: bytes.count, by: 3) {
        let result = SOL006Importer.importFiles([(name, Array(bytes[..<end]))])
        #expect(result.policy == nil ? result.diagnostics.contains { $0.severity == .error } : true, "\(end)")
      }
    }
  }

  @Test func `a descriptor with any leaf replaced is imported or refused`() {
    for (name, text) in [
      ("gateway.yaml", Samples.gateway), ("resolver.yaml", Samples.resolver), ("naming.yaml", Samples.naming),
    ] {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() {
        guard let colon = line.firstRange(of: ": ") else { continue }
        for value in ["", "[]", "{}", "[[1]]", "{a: 1}", "x", "0", "-1", "'  '", "\"\\0\""] {
          var changed = lines
          changed[index] = line[..<colon.upperBound] + Substring(value)
          let result = Import((name, changed.joined(separator: "\n")))
          #expect(
            result.policy == nil ? result.diagnostics.contains { $0.severity == .error } : true,
            "\(index) \(value)")
        }
      }
    }
  }
}

extension String {
  func replacing(_ old: String, with new: String) -> String {
    var result = ""
    var rest = self[...]
    while let found = rest.firstRange(of: old) {
      result += rest[..<found.lowerBound] + new
      rest = rest[found.upperBound...]
    }
    return result + rest
  }

  func replacingFirst(_ old: String, with new: String) -> String {
    guard let found = firstRange(of: old) else { return self }
    return self[..<found.lowerBound] + new + self[found.upperBound...]
  }

  func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }

  func replacingCharacters(_ range: Range<String.Index>, _ new: String) -> String {
    self[..<range.lowerBound] + new + self[range.upperBound...]
  }

  func components(of text: String) -> Int { ranges(of: text).count }
}
