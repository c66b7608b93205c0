package import Diagnostics

/// Makes a policy of VNFDs and NSDs in the forms of OSM: `vnfd-catalog` and `nsd-catalog`, and SOL006 as OSM
/// has it from its release 9 on.
///
/// An NSD becomes a service with a VNF for each member, a VNFD that no NSD names a service by itself. Each
/// key of a descriptor is stated, kept as a comment, or refused with its place; nothing is dropped.
package struct SOL006Importer {
  /// The policy, nil when anything was refused, and all there is to say, in order of files.
  package static func importFiles(
    _ files: [(name: String, bytes: [UInt8])]
  ) -> (policy: String?, diagnostics: [Diagnostic]) {
    var importer = SOL006Importer()
    for file in files { importer.read(file.name, file.bytes) }
    importer.findTwins()
    importer.findStrangers()
    let policy = importer.reading.bag.hasErrors ? nil : importer.write(files.map(\.name))
    return (importer.reading.bag.hasErrors ? nil : policy, importer.sortedDiagnostics(files.map(\.name)))
  }

  private struct Descriptor {
    var node: DescriptorNode
    var title: String
    var keys: DescriptorKeys
  }

  private var reading = DescriptorReading()
  private var roots: [DescriptorNode] = []
  private var descriptors: [Descriptor] = []
  private var vnfds: [VNFDModel] = []
  /// Of all VNFDs, also of those that are refused.
  private var vnfdIDs: Set<String> = []
  private var nsds: [NSDModel] = []

  // MARK: Reading

  private mutating func read(_ name: String, _ bytes: [UInt8]) {
    switch YAMLNode.compose(name: name, bytes: bytes) {
    case .failure(let diagnostic): reading.bag.report(diagnostic)
    case .success(let yaml):
      let source = Source(name: name, bytes: bytes)
      guard let yaml else {
        reading.bag.report(.noDescriptor(in: source, at: SourceRange(source, 0, 0)))
        return
      }
      let root = DescriptorNode(yaml, source: source)
      roots.append(root)
      if !readDescriptors(in: root) { reading.bag.report(.noDescriptor(in: source, at: root.range)) }
    }
  }

  /// False when the file holds no descriptor at all.
  private mutating func readDescriptors(in root: DescriptorNode) -> Bool {
    var isAny = false
    for (key, child) in root.fields {
      switch key {
      case "vnfd-catalog":
        isAny = true
        for node in reading.maps(child, "vnfd") { readVNFD(node, isCatalog: true) }
      case "nsd-catalog":
        isAny = true
        for node in reading.maps(child, "nsd") { readNSD(node, isCatalog: true) }
      case "vnfd":
        isAny = true
        for node in inner(child, "vnfd") { readVNFD(node, isCatalog: false) }
      case "nsd":
        isAny = true
        for node in inner(child, "nsd") { readNSD(node, isCatalog: false) }
      default: continue
      }
    }
    return isAny
  }

  /// `vnfd: {…}`, `vnfd: [{…}]` and `nsd: {nsd: [{…}]}` are all written.
  private mutating func inner(_ node: DescriptorNode, _ key: String) -> [DescriptorNode] {
    switch node.form {
    case .map: return node[key] == nil ? [node] : reading.maps(node, key)
    case .list(let items):
      return items.filter { item in
        if case .map = item.form { return true }
        reading.bag.report(.wrongForm(item, wanted: "a map"))
        return false
      }
    case .scalar:
      reading.bag.report(.wrongForm(node, wanted: "a map"))
      return []
    }
  }

  private mutating func readVNFD(_ node: DescriptorNode, isCatalog: Bool) {
    if let id = node["id"]?.text { vnfdIDs.insert(id) }
    guard let model = isCatalog ? reading.readCatalogVNFD(node) : reading.readStandardVNFD(node) else {
      return
    }
    vnfds.append(model)
    descriptors.append(
      Descriptor(
        node: node, title: "vnfd \(model.id)",
        keys: isCatalog ? DescriptorKeys.catalogVNFD : DescriptorKeys.standardVNFD))
  }

  private mutating func readNSD(_ node: DescriptorNode, isCatalog: Bool) {
    guard let model = isCatalog ? reading.readCatalogNSD(node) : reading.readStandardNSD(node) else { return }
    nsds.append(model)
    descriptors.append(
      Descriptor(
        node: node, title: "nsd \(model.id)",
        keys: isCatalog ? DescriptorKeys.catalogNSD : DescriptorKeys.standardNSD))
  }

  /// Members whose VNFD is in no file, well written or not.
  private mutating func findStrangers() {
    for nsd in nsds {
      for member in nsd.members where !vnfdIDs.contains(member.vnfd) {
        reading.bag.report(.unknownVNFD(member.vnfdNode, known: vnfdIDs.sorted()))
      }
    }
  }

  /// In order of the files, and of the places in them.
  private func sortedDiagnostics(_ names: [String]) -> [Diagnostic] {
    let order = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    func key(_ diagnostic: Diagnostic) -> (Int, Int) {
      let range = diagnostic.primary.range
      return (order[range.source.name] ?? names.count, range.start)
    }
    return reading.bag.all.enumerated().sorted { a, b in
      key(a.element) == key(b.element) ? a.offset < b.offset : key(a.element) < key(b.element)
    }.map(\.element)
  }

  private mutating func findTwins() {
    for (what, nodes) in [("VNFD", vnfds.map(\.node)), ("NSD", nsds.map(\.node))] {
      var first: [String: DescriptorNode] = [:]
      for id in nodes.compactMap({ $0["id"] }) {
        if let earlier = first.updateValue(id, forKey: id.text ?? "") {
          reading.bag.report(.givenTwice(id, what: what, first: earlier.range))
        }
      }
    }
  }

  // MARK: Writing

  private mutating func write(_ names: [String]) -> String {
    let models = Dictionary(vnfds.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let used = Set(nsds.flatMap(\.members).map(\.vnfd))
    var services = ServiceWriting()
    for nsd in nsds { services.writeService(nsd, models) }
    for vnfd in vnfds where !used.contains(vnfd.id) { services.writeService(vnfd) }
    reading.bag.report(contentsOf: services.bag.all)

    var text = PolicyText()
    text.comment("Imported from \(names.joined(separator: ", ")).")
    text.comment("MB and GB of a descriptor are taken as MiB and GiB, as OSM's connectors take them.")
    // ORDER: the vocabulary first, then what builds on it.
    for module in ["nfv", "epa", "rules.capacity", "rules.latency", "rules.spread"]
    where services.imports.contains(module) {
      text.line("import \(module)")
    }
    text.append(services.text)
    if services.imports.contains("epa") {
      text.line()
      text.line("minimize preferences")
    }
    writeRemainders(to: &text)
    return text.text
  }

  private mutating func writeRemainders(to text: inout PolicyText) {
    var remainders = RemainderWriting()
    for descriptor in descriptors {
      remainders.classify(descriptor.node, descriptor.keys)
      RemainderWriting.write(
        descriptor.node, title: "What else \(descriptor.node.source.name) says of \(descriptor.title):",
        less: [], to: &text)
    }
    for root in roots {
      let own = descriptors.map(\.node).filter { $0.source === root.source }
      for (key, child) in root.fields where !["vnfd-catalog", "nsd-catalog", "vnfd", "nsd"].contains(key) {
        remainders.bag.report(.unknownKey(child))
        for leaf in child.leaves { leaf.use = .unknown }
      }
      RemainderWriting.write(root, title: "What else \(root.source.name) says:", less: own, to: &text)
    }
    reading.bag.report(contentsOf: remainders.bag.all)
  }
}
