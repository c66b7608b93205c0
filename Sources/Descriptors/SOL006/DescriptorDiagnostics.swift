import Diagnostics

/// What the importer has to say about descriptors, in order of code.
extension Diagnostic {
  /// A file that holds neither VNFDs nor NSDs.
  static func noDescriptor(in source: Source, at range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0460", "'\(source.name)' holds no VNFD and no NSD",
      at: Label(range, "expected 'vnfd-catalog', 'nsd-catalog', 'vnfd' or 'nsd'"))
    diagnostic.notes = [
      "help: SOL006 descriptors are read in the form of OSM, before and after its release 9"
    ]
    return diagnostic
  }

  /// `memory-mb: lots`.
  static func wrongForm(_ node: DescriptorNode, wanted: String) -> Self {
    Diagnostic(
      "E0461", "\(node.path): expected \(wanted), found \(node.found)",
      at: Label(node.range, "this is \(node.found)"))
  }

  /// A VDU without `vcpu-count`.
  static func missing(_ path: String, in node: DescriptorNode, why: String) -> Self {
    let place = node.path.isEmpty ? path : "\(node.path).\(path)"
    return Diagnostic("E0462", "\(place) is missing: \(why)", at: Label(node.range, "not said here"))
  }

  /// `vnfd-id-ref: cirros_vnfd` where no file describes it.
  static func unknownVNFD(_ node: DescriptorNode, known: [String]) -> Self {
    var diagnostic = Diagnostic(
      "E0463", "\(node.path): no file describes the VNFD \(node.found)", at: Label(node.range, "named here"))
    let list = known.isEmpty ? "none was given" : "given were: \(known.joined(separator: ", "))"
    diagnostic.notes = ["help: name the file of its VNFD beside that of the NSD (\(list))"]
    return diagnostic
  }

  /// A link to a connection point that the VNFD does not have.
  static func unknownReference(_ node: DescriptorNode, what: String) -> Self {
    Diagnostic(
      "E0464", "\(node.path): there is no \(what) \(node.found)", at: Label(node.range, "named here"))
  }

  /// Two VNFDs, members or VDUs of one name.
  static func givenTwice(_ node: DescriptorNode, what: String, first: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0465", "\(node.path): the \(what) \(node.found) is given twice", at: Label(node.range, "again here"))
    diagnostic.secondary = [Label(first, "first here")]
    return diagnostic
  }

  /// `cpu-thread-pinning-policy: AVOID`.
  static func noCounterpart(_ node: DescriptorNode, why: String) -> Self {
    Diagnostic(
      "E0466", "\(node.path): \(node.found) has no counterpart in a policy: \(why)",
      at: Label(node.range, "cannot be stated"))
  }

  /// Guest NUMA nodes that do not add up.
  static func contradictoryCells(_ node: DescriptorNode, why: String) -> Self {
    Diagnostic("E0467", "\(node.path): \(why)", at: Label(node.range, "these nodes"))
  }

  /// A key that no version of the model has, or that is newer than the importer.
  static func unknownKey(_ node: DescriptorNode) -> Self {
    Diagnostic(
      "W0460", "\(node.path): unknown key '\(node.key)', kept as a comment",
      at: Label(node.range, "not understood"),
      severity: .warning)
  }

  /// `host-epa`: it would matter, and the policy does not say it.
  static func unstated(_ node: DescriptorNode, why: String) -> Self {
    Diagnostic(
      "W0461", "\(node.path) matters for placement and is kept as a comment alone: \(why)",
      at: Label(node.range, "not in the policy"), severity: .warning)
  }

  /// `mempage-size: LARGE` becomes one size.
  static func narrowed(_ node: DescriptorNode, to meaning: String) -> Self {
    Diagnostic(
      "W0462", "\(node.path)\(node.text.map { ": '\($0)'" } ?? "") is taken as \(meaning)",
      at: Label(node.range, "read more narrowly"),
      severity: .warning)
  }
}
