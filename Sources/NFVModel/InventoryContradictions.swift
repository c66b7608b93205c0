extension Inventory.Part {
  /// What of it cannot be so, in the words of its entities; at most so many. A source that contradicts itself is not to
  /// be planned on: what it says of free room may be wrong by as much.
  package func contradictions(atMost most: Int = 3) -> [String] {
    var found: [String] = []
    var known: [EntityReference: Entity] = [:]
    for entity in entities where found.count < most {
      if known.updateValue(entity, forKey: entity.id) != nil { found.append("\(entity.id) is there twice") }
    }
    for entity in entities where found.count < most {
      if let negative = entity.negative { found.append("\(entity.id) has \(negative) free") }
      guard let parent = entity.parent else {
        if ["cell", "nic", "device"].contains(entity.id.kind) { found.append("\(entity.id) is in no host") }
        continue
      }
      guard let whole = known[parent] else {
        // Sites are the policy's own.
        if ["host", "cell"].contains(parent.kind) {
          found.append("\(entity.id) is in \(parent), which is not there")
        }
        continue
      }
      if entity.id.kind == "cell", let more = entity.more(than: whole) {
        found.append("\(entity.id) has \(more.part) free, and all of \(parent) has \(more.whole)")
      }
    }
    return Array(found.prefix(most))
  }
}

extension Entity {
  private static let amounts = ["cores", "memory", "disk", "vfs"]

  /// `-4 cores`
  fileprivate var negative: String? {
    for field in Self.amounts {
      guard let text = self[field]?.json.plainText, text.hasPrefix("-") else { continue }
      return field == "cores" || field == "vfs" ? "\(text) \(field)" : "\(text) of \(field)"
    }
    return nil
  }

  /// What of this is more than what it is a part of has.
  fileprivate func more(than whole: Entity) -> (part: String, whole: String)? {
    for field in ["cores", "memory"] {
      guard let part = self[field], let all = whole[field], let less = all.number, let more = part.number,
        less >= 0, more > less
      else { continue }
      let noun = field == "cores" ? " cores" : " of memory"
      return (part.json.plainText + noun, all.json.plainText)
    }
    return nil
  }
}

extension AttributeValue {
  fileprivate var number: Int? {
    switch self {
    case .int(let count): count
    case .amount(let text), .text(let text): byteCount(text)
    case .bool, .list, .map, .reference: nil
    }
  }
}

extension JSONValue {
  fileprivate var plainText: String {
    switch self {
    case .number(let text), .string(let text): text
    default: ""
    }
  }
}
