import ConstraintModel
import Diagnostics
import PlacetSemantics
import PlacetVM

/// Who may not share a place, who has to, and how many places there are.
extension ConflictReader {
  /// A field path from a candidate, or the candidate itself, that a column tells apart.
  private struct Key {
    var noun: String
    var kind: KindID
    var read: (EntityID) -> EntityID?
  }

  /// `5 instances of vepc.sgw must be on different hosts, and only 4 can take them: h1, h2, h3, h4`
  func apart(_ origins: [Origin]) -> String? {
    var sentences: [String] = []
    for origin in origins {
      guard let all = constraints[origin], all.allSatisfy(\.enforcedBy.isEmpty) else { return nil }
      guard all.count == 1, case .allDifferent(let views, _) = all[0].form else {
        guard let sentence = apartWhereKnown(origin) else { return nil }
        sentences.append(sentence)
        continue
      }
      let entries = views.compactMap { stated.entry(of: $0.decision) }
      guard entries.count == views.count, let key = key(of: views[0]) else { return nil }
      let names = places(views, key)
      sentences.append(apart(entries, key.noun, names.count < views.count ? names : nil))
    }
    return sentences.isEmpty || sentences.count > 3 ? nil : sentences.joined(separator: "; ")
  }

  private func apart(_ entries: [StatedDecision], _ noun: String, _ room: [String]?) -> String {
    let names = entries.map { world.path(of: $0.entity) }
    guard let room else { return "\(Self.list(names)) may not share a \(noun)" }
    let rest =
      room.isEmpty
      ? "no \(noun) can take them"
      : "only \(room.count) can take them: \(Self.list(room, joiner: ", "))"
    return "\(counted(entries)) must be on different \(noun)s, and \(rest)"
  }

  /// `5 instances of vepc.sgw`, or the names where they are not all of one owner.
  private func counted(_ entries: [StatedDecision]) -> String {
    let names = entries.map { world.path(of: $0.entity) }
    let stems = Set(names.map { Self.numbered($0)?.stem })
    guard names.count > 2, stems.count == 1, let stem = stems.first ?? nil else { return Self.list(names) }
    return "\(names.count) \(program.kinds[Int(entries[0].entity.kind)].name)s of \(stem)"
  }

  /// The same where some of them have one place only, so that the model has other forms, or a plain contradiction.
  private func apartWhereKnown(_ origin: Origin) -> String? {
    guard let constraint = stated.origins[Int(origin.index)].constraint, case .require = constraint.verb,
      let noun = asksForDistinct(constraint.condition, origin)
    else { return nil }
    let condition = constraint.condition
    let entries = problem.decisionsRead(by: condition, origin)
    guard entries.count > 1 else { return nil }
    let key = entries.lazy.compactMap { self.key(named: noun, $0) }.first
    guard let key else { return apart(entries, noun, nil) }
    var names: [String] = []
    for entry in entries { add(entry, left[Decision(entry.decision)], key, to: &names) }
    return apart(entries, key.noun, names.count < entries.count ? names : nil)
  }

  /// Whether a condition is `all_different` of something, directly or through functions; what of, as a word: the
  /// level that a call names, or else the place of the decision.
  private func asksForDistinct(_ condition: TypedExpression, _ origin: Origin) -> String? {
    switch condition.form {
    case .aggregate(.allDifferent, _, _): return "host"
    case .call(let function, let arguments):
      guard asksForDistinct(program[function].body, origin) != nil else { return nil }
      for argument in arguments where !argument.isDecided {
        guard case .enumeration = argument.type,
          let value = try? world.evaluate(argument, frame: stated.origins[Int(origin.index)].frame)
        else { continue }
        return world.heap.describe(value, type: argument.type)
      }
      return "host"
    default: return nil
    }
  }

  // MARK: Together

  /// `vepc.sgw_u[0].vf1 and vepc.sgw_u[0].cell0 must have the same cell, and only h1.c0 and h2.c0 can be shared`
  func together(_ origins: [Origin]) -> String? {
    var pairs: [String] = []
    var shared: [String] = []
    var noun = ""
    var others = 0
    for origin in origins {
      guard let all = constraints[origin], !all.isEmpty else { return nil }
      for constraint in all {
        guard constraint.enforcedBy.isEmpty, case .equal(let a, let b) = constraint.form,
          let first = stated.entry(of: a.decision), let second = stated.entry(of: b.decision),
          let (one, other) = sharedKey(a, b)
        else { return nil }
        noun = program[one.kind].name
        let (here, there) = (places([a], one), places([b], other))
        for name in here where there.contains(name) && !shared.contains(name) { shared.append(name) }
        others = max(others, here.count, there.count)
        pairs.append("\(world.path(of: first.entity)) and \(world.path(of: second.entity))")
      }
    }
    guard let first = pairs.first else { return nil }
    let who =
      pairs.count == 1 ? "\(first) must" : "each of \(pairs.count) pairs, such as \(first), must"
    let room =
      shared.isEmpty
      ? ", and none is left for both"
      : shared.count < others ? ", which leaves \(Self.list(shared, joiner: ", "))" : ""
    return "\(who) be on the same \(noun)\(room)"
  }

  // MARK: Places

  /// The names of what is left for the decisions of views.
  private func places(_ views: [View], _ key: Key) -> [String] {
    var found: [String] = []
    for view in views {
      guard let entry = stated.entry(of: view.decision) else { continue }
      add(entry, left[view.decision], key, to: &found)
    }
    return found
  }

  private func add(_ entry: StatedDecision, _ mask: Bitset?, _ key: Key, to found: inout [String]) {
    for (number, candidate) in entry.candidates.enumerated()
    where !candidate.isNone && mask?.contains(number) ?? true {
      guard let entity = key.read(candidate.entity) else { continue }
      let name = world.path(of: entity)
      if !found.contains(name) { found.append(name) }
    }
  }

  /// What a column of a view tells apart: the candidates themselves, a field of theirs that names an entity, or a
  /// field of such a field.
  private func key(of view: View) -> Key? { keys(of: view).first }

  /// The same for two views, of one kind of place.
  private func sharedKey(_ a: View, _ b: View) -> (Key, Key)? {
    let second = keys(of: b)
    for one in keys(of: a) {
      if let other = second.first(where: { $0.kind == one.kind }) { return (one, other) }
    }
    return nil
  }

  private func keys(of view: View) -> [Key] {
    guard let entry = stated.entry(of: view.decision) else { return [] }
    let column = model[view.column]
    return keys(entry).filter { key in
      var forward: [Int: EntityID] = [:]
      var backward: [EntityID: Int] = [:]
      for (number, candidate) in entry.candidates.enumerated()
      where !candidate.isNone && number < column.count {
        guard let value = key.read(candidate.entity) else { return false }
        guard forward[column[number], default: value] == value,
          backward[value, default: column[number]] == column[number]
        else { return false }
        forward[column[number]] = value
        backward[value] = column[number]
      }
      return true
    }
  }

  private func key(named noun: String, _ entry: StatedDecision) -> Key? {
    keys(entry).first { $0.noun == noun }
  }

  private func keys(_ entry: StatedDecision) -> [Key] {
    guard case .entity(let kind) = entry.type.unwrapped else { return [] }
    var keys = [Key(noun: program[kind].name, kind: kind, read: { $0 })]
    for depth in 0..<2 {
      for (field, index, inner) in fields(of: kind) {
        if depth == 0 {
          keys.append(Key(noun: field, kind: inner, read: { self.entity($0, index) }))
          continue
        }
        for (outer, next, last) in fields(of: inner) {
          keys.append(
            Key(
              noun: outer, kind: last,
              read: { self.entity($0, index).flatMap { self.entity($0, next) } }))
        }
      }
    }
    return keys
  }

  private func fields(of kind: KindID) -> [(name: String, index: Int, kind: KindID)] {
    program[kind].fields.enumerated().compactMap { index, field in
      guard case .entity(let inner) = field.type.unwrapped else { return nil }
      if case .decision = field.form { return nil }
      return (field.name, index, inner)
    }
  }

  private func entity(_ entity: EntityID, _ field: Int) -> EntityID? {
    guard let value = try? world.read(entity, field: field), !value.isNone else { return nil }
    return value.entity
  }
}
