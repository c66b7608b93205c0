import Descriptors
import Diagnostics
import Testing
import Yams

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Every value of a descriptor is in the policy. The judge walks the YAML by itself and knows nothing of
/// the importer but the form of its comments, `// path.key: value`.
@Suite struct NothingDroppedTests {
  /// Real descriptors, where the folder is beside the package.
  static let data = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined() + "/shared/data"
  static let hasData = access(data + "/osm-descriptors", R_OK) == 0

  @Test func `of the samples nothing is dropped`() throws {
    for files in [
      [("gateway.yaml", Samples.gateway)], [("resolver.yaml", Samples.resolver)],
      [("border.yaml", Samples.border), ("gateway.yaml", Samples.gateway)],
      [("naming.yaml", Samples.naming), ("resolver.yaml", Samples.resolver)],
    ] {
      let policy = try #require(Import(files).policy)
      for (name, text) in files { try expectNothingDropped(from: text, name, in: policy) }
    }
  }

  @Test func `of a descriptor with a strange key anywhere nothing is dropped`() throws {
    let lines = Samples.gateway.split(separator: "\n", omittingEmptySubsequences: false)
    var imported = 0
    for index in lines.indices.dropFirst(2) where lines[index].hasSuffix(":") || lines[index].contains(": ") {
      var changed = lines
      let indent = lines[index].prefix { $0 == " " || $0 == "-" }.map { _ in " " }.joined()
      changed.insert("\(indent)strange-\(index): [{odd: {value: v\(index)}}, w\(index)]", at: index + 1)
      let text = changed.joined(separator: "\n")
      let result = Import(("gateway.yaml", text))
      guard let policy = result.policy else { continue }
      imported += 1
      try expectNothingDropped(from: text, "gateway.yaml", in: policy)
    }
    #expect(imported > 20)
  }

  @Test(.enabled(if: hasData, "no ../shared/data beside the package: real descriptors are not tried"))
  func `each real VNFD is imported and nothing of it dropped, or refused`() throws {
    var refused: [String: [String]] = [:]
    for (name, text) in try descriptors(in: "osm-descriptors") where name.hasSuffix("_vnfd.yaml") {
      let result = Import((name, text))
      guard let policy = result.policy else {
        refused[name] = result.places.filter { $0.hasPrefix("E") }
        continue
      }
      #expect(!result.diagnostics.contains { $0.severity == .error })
      #expect(!result.diagnostics.contains { $0.code == "W0460" }, "\(result.diagnostics.map(\.message))")
      try expectNothingDropped(from: text, name, in: policy)
    }
    // It has a VDU without a flavour: nobody could say how much room that takes.
    #expect(refused == ["ref12_vnfd.yaml": ["E0462 ref12_vnfd.yaml:52"]])
  }

  @Test(.enabled(if: hasData, "no ../shared/data beside the package: real descriptors are not tried"))
  func `each real NSD is imported with the VNFDs it names, or refused for those that are missing`() throws {
    let all = try descriptors(in: "osm-descriptors")
    let vnfds = all.filter { $0.name.hasSuffix("_vnfd.yaml") && $0.name != "ref12_vnfd.yaml" }
    var refused: Set<String> = []
    for nsd in all where nsd.name.hasSuffix("_nsd.yaml") {
      let named = vnfds.filter { vnfd in
        ids(in: vnfd.text, "vnfd-catalog", "vnfd").contains { nsd.text.contains("vnfd-id-ref: \($0)\n") }
      }
      let result = Import([nsd] + named)
      guard let policy = result.policy else {
        #expect(Set(result.diagnostics.filter { $0.severity == .error }.map(\.code)) == ["E0463"])
        refused.insert(nsd.name)
        continue
      }
      for file in [nsd] + named { try expectNothingDropped(from: file.text, file.name, in: policy) }
    }
    #expect(refused == ["hackfest_epasriov_nsd.yaml", "ubuntu_epa_virtio_nsd.yaml"])
  }

  @Test(.enabled(if: hasData, "no ../shared/data beside the package: real descriptors are not tried"))
  func `services of OSM's placement module keep their limits on latency and jitter`() throws {
    let points = ["vnf-cp0", "vnf_cp_one_cp", "vnf_cp_two_cp", "vnf_cp_three_cp"]
    let interfaces = points.map { "{name: \($0), external-connection-point-ref: \($0)}" }.joined(
      separator: ", ")
    let vnfds = ["cirros_vnfd_v2", "test_one_a_vnfd", "test_two_vnfd"].map { id in
      (
        "\(id).yaml",
        "vnfd-catalog: {vnfd: [{id: \(id), vdu: [{id: vm, vm-flavor: {vcpu-count: 1, memory-mb: 256}, interface: [\(interfaces)]}]}]}"
      )
    }
    var services = 0
    for nsd in try descriptors(in: "osm-pla-prices") where nsd.text.contains("nsd-catalog") {
      #expect(Import([(nsd.name, nsd.text)]).places.allSatisfy { $0.hasPrefix("E0463") })
      let result = Import([(nsd.name, nsd.text)] + vnfds)
      let policy = try #require(result.policy, "\(result.diagnostics.map(\.message))")
      try expectNothingDropped(from: nsd.text, nsd.name, in: policy)
      #expect(result.code.components(of: "max_latency: ") == nsd.text.components(of: "LATENCY"))
      #expect(result.code.components(of: "max_jitter: ") == nsd.text.components(of: "JITTER"))
      services += 1
    }
    #expect(services == 3)
  }

  @Test func `the judge finds what is dropped`() throws {
    let policy = try #require(Import(("gateway.yaml", Samples.gateway)).policy)
    let cut = policy.replacing("//     vendor: Us\n", with: "")

    let lost = dropped(from: try leaves(of: Samples.gateway), in: cut)
    #expect(lost == ["vendor: Us"])
  }

  // MARK: The judge

  private func expectNothingDropped(from text: String, _ name: String, in policy: String) throws {
    let lost = dropped(from: try leaves(of: text), in: policy)
    #expect(lost == [], "\(name)")
  }

  /// Leaves that are in no comment under their key, and in no line of code as a whole word.
  private func dropped(from leaves: [(key: String, value: String)], in policy: String) -> [String] {
    let lines = policy.split(separator: "\n").map { $0.drop { $0 == " " } }
    let comments = lines.filter { $0.hasPrefix("//") }
    let code = lines.filter { !$0.hasPrefix("//") }
    let words = Set(
      code.flatMap { $0.split(whereSeparator: { " \"()[]{},:_".contains($0) }).map(String.init) })
    let texts = Set(code.flatMap { $0.split(separator: "\"").map(String.init) })
    let bare = Set(code.flatMap { $0.split(separator: " ").map(String.init) })
    return leaves.filter { key, value in
      let parts = value.split(whereSeparator: \.isNewline)
      if parts.count > 1 { return !parts.allSatisfy { part in comments.contains { $0.hasSuffix(part) } } }
      if comments.contains(where: { $0.hasSuffix("\(key): \(value)") || $0.hasSuffix("]: \(value)") }) {
        return false
      }
      if words.contains(value) || texts.contains(value) || bare.contains(value) { return false }
      // A member is named by its VNFD and its index, a name that is echoed by what is named.
      let stem = texts.union(bare).contains {
        $0.hasPrefix(value + "_") || $0.hasPrefix(value + "-") || $0.hasSuffix("_" + value)
          || $0.hasSuffix("-" + value)
      }
      return !stem
    }.map { "\($0.key): \($0.value)" }
  }

  private func leaves(of text: String) throws -> [(key: String, value: String)] {
    var result: [(String, String)] = []
    func walk(_ node: Node, _ key: String) {
      switch node {
      case .scalar(let scalar): if !scalar.string.isEmpty { result.append((key, scalar.string)) }
      case .sequence(let items): for item in items { walk(item, key) }
      case .mapping(let pairs): for (name, value) in pairs { walk(value, name.string.map(last) ?? "") }
      case .alias: Issue.record("an alias")
      }
    }
    walk(try #require(try compose(yaml: text)), "")
    return result
  }

  /// `vnfd:id` is `id`.
  private func last(_ key: String) -> String { key.split(separator: ":").last.map(String.init) ?? key }

  private func ids(in text: String, _ catalog: String, _ kind: String) -> [String] {
    guard let root = try? compose(yaml: text)?.mapping else { return [] }
    let items = root.first { $0.key.string?.hasSuffix(catalog) == true }?.value.mapping?[kind]?.sequence
    return items?.compactMap { $0.mapping?["id"]?.string } ?? []
  }

  func descriptors(in folder: String) throws -> [(name: String, text: String)] {
    let path = "\(Self.data)/\(folder)"
    let directory = try #require(opendir(path))
    defer { closedir(directory) }
    var files: [(String, String)] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasSuffix(".yaml") else { continue }
      let file = try #require(fopen("\(path)/\(name)", "r"))
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 1 << 20)
      let count = fread(&bytes, 1, bytes.count, file)
      files.append((name, String(decoding: bytes[..<count], as: UTF8.self)))
    }
    #expect(!files.isEmpty)
    return files.sorted { $0.0 < $1.0 }
  }
}
