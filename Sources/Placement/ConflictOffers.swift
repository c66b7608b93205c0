import ConstraintModel
import PlacetSemantics
import PlacetVM

/// What functions need and VIMs do not offer.
extension ConflictReader {
  private struct Lack: Hashable {
    var need: String
    /// `vim edge does not declare`
    var who: String
    var left: [String]
  }

  /// `web.fast[0] needs hugepages(1 GiB), which vim edge does not declare; core-1 is left`
  ///
  /// Of the library's rule `capabilities`, where it leaves out whole VIMs.
  func offers(_ origins: [Origin]) -> String? {
    var order: [Lack] = []
    var names: [Lack: [String]] = [:]
    for origin in origins {
      guard let need = need(of: origin), let (entry, mask) = admitted(by: origin),
        let lack = lack(need, entry, mask)
      else { return nil }
      if names[lack] == nil { order.append(lack) }
      names[lack, default: []].append(world.path(of: entry.entity))
    }
    guard !order.isEmpty, order.count <= 3 else { return nil }
    return order.map { lack in
      let subjects = names[lack] ?? []
      let rest =
        switch lack.left.count {
        case 0: "no host is left"
        case 1: "\(lack.left[0]) is left"
        default: "\(Self.list(lack.left, joiner: ", ")) are left"
        }
      return
        "\(Self.list(subjects)) \(subjects.count == 1 ? "needs" : "need") \(lack.need), which \(lack.who); \(rest)"
    }.joined(separator: "; ")
  }

  /// The capability that a rule's variable stands for.
  private func need(of origin: Origin) -> (value: Value, type: Type)? {
    guard case .rule(let index) = stated.origins[Int(origin.index)].subject,
      program[stated.instances[index].rule].name == "capabilities"
    else { return nil }
    for variable in stated.instances[index].variables where !variable.value.isDecided {
      if case .enumeration(let id) = variable.type, program[id].name == "capability" {
        return (variable.value, variable.type)
      }
    }
    return nil
  }

  /// The decision that a statement is about, and what it admits of it.
  private func admitted(by origin: Origin) -> (StatedDecision, Bitset)? {
    let all = constraints[origin] ?? []
    let found = all.flatMap { Self.restrictions($0, model) ?? [] }
    if let first = found.first, found.allSatisfy({ $0.0 == first.0 }) {
      guard let entry = stated.entry(of: first.0) else { return nil }
      return (entry, found.dropFirst().reduce(first.1) { $0.intersection($1.1) })
    }
    // Where no candidate keeps it, the model has a plain contradiction.
    guard found.isEmpty, let constraint = stated.origins[Int(origin.index)].constraint,
      let entry = problem.decisionsRead(by: constraint.condition, origin).first
    else { return nil }
    return (entry, Bitset(count: entry.candidates.count))
  }

  /// `hugepages(1 GiB)`
  private func asWritten(_ value: Value, _ type: Type) -> String {
    guard case .enumeration(let id) = type else { return world.heap.describe(value, type: type) }
    let each = program[id].cases[world.heap.caseIndex(value, of: id)]
    let members = each.members.indices.map { place -> String in
      let payload = world.heap.payload(value, place)
      return payload.isNone ? "none" : world.heap.describe(payload, type: each.members[place].type)
    }
    return members.isEmpty ? each.name : "\(each.name)(\(members.joined(separator: ", ")))"
  }

  private func lack(_ need: (value: Value, type: Type), _ entry: StatedDecision, _ mask: Bitset) -> Lack? {
    let reader = WorldReader(world: world)
    let text = asWritten(need.value, need.type)
    let members = Set(mask.members)
    var (without, with): ([EntityID], Set<EntityID>) = ([], [])
    var left: [String] = []
    for (number, candidate) in entry.candidates.enumerated() where !candidate.isNone {
      guard let vim = reader.entity(candidate.entity, "vim") else { return nil }
      if members.contains(number) {
        with.insert(vim)
        left.append(describe(candidate, entry))
      } else if !without.contains(vim) {
        without.append(vim)
      }
    }
    guard !without.isEmpty, without.allSatisfy({ !with.contains($0) }) else { return nil }
    let declares = without.allSatisfy { vim in
      guard let (value, type) = reader.field(vim, "declares"), case .set(let element) = type else {
        return false
      }
      return !world.heap.elements(value, type: type).contains {
        asWritten($0, element) == text
      }
    }
    let names = without.map { "vim \(world.path(of: $0))" }
    let verb = declares ? "declare" : "offer"
    return Lack(
      need: text, who: "\(Self.list(names)) \(names.count == 1 ? "does" : "do") not \(verb)", left: left)
  }
}
