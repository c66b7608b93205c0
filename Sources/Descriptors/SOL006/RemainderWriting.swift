import Diagnostics

/// What a descriptor says beyond the policy, as comments: nothing is dropped.
struct RemainderWriting {
  var bag = DiagnosticBag()

  /// Marks what is unknown, and what matters though no reader asked for it.
  mutating func classify(_ node: DescriptorNode, _ keys: DescriptorKeys?) {
    guard let keys else { return }
    for item in node.items { classify(item, keys) }
    for (key, child) in node.fields {
      guard keys.knows(key) else {
        bag.report(.unknownKey(child))
        for leaf in child.leaves { leaf.use = .unknown }
        continue
      }
      if let why = keys.mattering[key], child.leaves.contains(where: { $0.use == .untouched }) {
        child.leaveUnstated()
        bag.report(.unstated(child, why: why))
      } else {
        classify(child, keys[key])
      }
    }
  }

  /// All leaves below a node that the policy does not have as written, each under what became of it.
  static func write(
    _ node: DescriptorNode, title: String, less skipped: [DescriptorNode], to text: inout PolicyText
  ) {
    let paths = skipped.map(\.path)
    let leaves = node.leaves.filter { leaf in
      !paths.contains { leaf.path == $0 || leaf.path.hasPrefix("\($0).") }
    }
    guard leaves.contains(where: { $0.use != .stated }) else { return }
    text.line()
    text.comment(title)
    write(leaves, .unstated, "Placement that the policy above does not state:", below: node, to: &text)
    write(leaves, .unknown, "Not known to the importer:", below: node, to: &text)
    write(leaves, .reworded, "In other words above:", below: node, to: &text)
    write(leaves, .untouched, "Not placement:", below: node, to: &text)
  }

  private static func write(
    _ leaves: [DescriptorNode], _ use: DescriptorNode.Use, _ heading: String, below node: DescriptorNode,
    to text: inout PolicyText
  ) {
    let chosen = leaves.filter { $0.use == use }
    if chosen.isEmpty { return }
    text.comment("  \(heading)")
    for leaf in chosen {
      let path = leaf.path.dropFirst(node.path.count).drop { $0 == "." }
      write(leaf, path: String(path), to: &text)
    }
  }

  private static func write(_ leaf: DescriptorNode, path: String, to text: inout PolicyText) {
    switch leaf.form {
    case .list: text.comment("    \(path): []")
    case .map: text.comment("    \(path): {}")
    case .scalar(let value) where value.contains(where: \.isNewline):
      text.comment("    \(path): |")
      for line in value.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
        text.comment("      \(line)")
      }
    case .scalar(let value): text.comment("    \(path): \(value)")
    }
  }
}
