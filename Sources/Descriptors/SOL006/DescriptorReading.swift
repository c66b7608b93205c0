import Diagnostics

/// Reads typed parts of a descriptor; what is not as wanted goes into the bag and comes back as nil.
struct DescriptorReading {
  var bag = DiagnosticBag()

  /// The items of a list that may be absent; each must be a map.
  mutating func maps(_ node: DescriptorNode, _ key: String) -> [DescriptorNode] {
    guard let list = node[key] else { return [] }
    if case .scalar("") = list.form { return [] }
    guard case .list(let items) = list.form else {
      bag.report(.wrongForm(list, wanted: "a list"))
      return []
    }
    return items.filter { item in
      if case .map = item.form { return true }
      bag.report(.wrongForm(item, wanted: "a map"))
      return false
    }
  }

  /// A map that may be absent.
  mutating func map(_ node: DescriptorNode, _ key: String) -> DescriptorNode? {
    guard let child = node[key] else { return nil }
    switch child.form {
    case .map: return child
    case .scalar(""): return nil
    default:
      bag.report(.wrongForm(child, wanted: "a map"))
      return nil
    }
  }

  /// A word or text that may be absent; empty is absent.
  mutating func scalar(_ node: DescriptorNode, _ key: String) -> DescriptorNode? {
    guard let child = node[key] else { return nil }
    guard let text = child.text else {
      bag.report(.wrongForm(child, wanted: "a word or text"))
      return nil
    }
    return text.isEmpty ? nil : child
  }

  /// A word or text that must be there.
  mutating func required(_ node: DescriptorNode, _ key: String, why: String) -> DescriptorNode? {
    if let child = node[key], child.text == nil {
      bag.report(.wrongForm(child, wanted: "a word or text"))
      return nil
    }
    guard let found = scalar(node, key) else {
      bag.report(.missing(key, in: node, why: why))
      return nil
    }
    return found
  }

  /// A whole number, quoted or not, that is at least `least`.
  mutating func whole(_ node: DescriptorNode, atLeast least: Int = 0) -> Int? {
    guard let text = node.text, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
      number >= least, number <= 1_000_000_000
    else {
      bag.report(
        .wrongForm(node, wanted: least > 0 ? "a whole number of \(least) or more" : "a whole number"))
      return nil
    }
    return number
  }

  /// An amount of at least nothing with decimals, as a policy writes it.
  mutating func decimal(_ node: DescriptorNode) -> String? {
    let parts = (node.text ?? "").split(separator: ".", omittingEmptySubsequences: false)
    let isDecimal =
      (1...2).contains(parts.count)
      && parts.allSatisfy {
        !$0.isEmpty && $0.count <= 12 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) }
      }
    guard isDecimal, let text = node.text else {
      bag.report(.wrongForm(node, wanted: "a number"))
      return nil
    }
    return text
  }

  /// The ids of a list of words, or one word.
  mutating func words(_ node: DescriptorNode, _ key: String) -> [DescriptorNode] {
    guard let child = node[key] else { return [] }
    switch child.form {
    case .scalar(let text): return text.isEmpty ? [] : [child]
    case .list(let items):
      return items.filter { item in
        if item.text != nil { return true }
        bag.report(.wrongForm(item, wanted: "a word or text"))
        return false
      }
    case .map:
      bag.report(.wrongForm(child, wanted: "a word or text"))
      return []
    }
  }
}
