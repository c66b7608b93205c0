import ConstraintModel
import ConstraintSolver
import PlacetSemantics
import PlacetVM
import Quantities

/// Capacities of a conflict: who has to go where, what that takes, and what is there.
extension ConflictReader {
  /// A load's bins with their bounds, and how its weights count for the author.
  private struct Room {
    var load: LoadID
    var bins: [Int: Int] = [:]
    var bound = Rational(0)
    var largest = Rational(0)
    var hosts: [String] = []
    var field: FieldDeclaration
    var scale: Rational

    func amount(_ weight: Int) -> Rational? { Rational(weight).multiplied(by: scale) }
  }

  /// `mme[0] and mme[1] need 64 GiB of memory, h1 has 32 GiB`
  func room(_ origins: [Origin]) -> String? {
    guard let room = readRoom(origins) else { return nil }
    guard let forced = forced(into: room, besides: origins), let need = room.amount(forced.weight) else {
      return tooSmall(room)
    }
    let who = "\(Self.list(forced.names)) \(forced.names.count == 1 ? "needs" : "need")"
    let hosts = "\(Self.list(room.hosts)) \(room.hosts.count == 1 ? "has" : "have")"
    if need > room.bound {
      return "\(who) \(amount(need, room.field)), \(hosts) \(problem.number(room.bound, room.field.type))"
    }
    if let each = forced.each, let one = room.amount(each) {
      let places = room.bins.values.reduce(0) { $0 + $1 / each }
      guard places < forced.names.count else { return nil }
      return "\(who) \(amount(one, room.field)) each, \(hosts) room for \(places)"
    }
    return "\(who) \(amount(need, room.field)) in all, and they do not fit into \(Self.list(room.hosts))"
  }

  private func readRoom(_ origins: [Origin]) -> Room? {
    var room: Room?
    for origin in origins {
      guard let all = constraints[origin], all.count == 1, all[0].enforcedBy.isEmpty,
        case .linear(let terms, nil, let upper?) = all[0].form, terms.count == 1,
        case .load(let load, let bin) = terms[0].term, let side = problem.knownSide(of: origin),
        side.fields.count == 1, side.fields[0].coefficient == Rational(1), terms[0].coefficient > 0
      else { return nil }
      let place = side.fields[0]
      if room == nil, let scale = scale(of: origin, load, Int(bin)) {
        let field = program.kinds[Int(place.entity.kind)].fields[place.field]
        room = Room(load: load, field: field, scale: scale)
      }
      guard var wider = room, wider.load == load, let sum = wider.bound.adding(side.value) else { return nil }
      wider.bound = sum
      wider.largest = max(wider.largest, side.value)
      wider.bins[Int(bin)] = upper / terms[0].coefficient
      wider.hosts.append(world.path(of: place.entity))
      room = wider
    }
    return room
  }

  /// How much of the author's amount one unit of weight is: weights are scaled and divided for the solver.
  private func scale(of origin: Origin, _ load: LoadID, _ bin: Int) -> Rational? {
    var inside: [Int: Int] = [:]
    var weight = 0
    for item in model[load].items where item.weight > 0 {
      let decision = Int(item.view.decision.index)
      guard inside[decision] == nil, let place = model[item.view.column].firstIndex(of: bin) else { continue }
      inside[decision] = place
    }
    for item in model[load].items {
      let number = inside[Int(item.view.decision.index)] ?? 0
      if model[item.view.column][number] == bin { weight += item.weight }
    }
    guard weight > 0, let asked = problem.decidedSide(of: origin, where: { inside[$0.decision] ?? 0 }) else {
      return nil
    }
    return asked.divided(by: Rational(weight))
  }

  private func amount(_ value: Rational, _ field: FieldDeclaration) -> String {
    let what = if case .int = field.type { " " } else { " of " }
    return "\(problem.number(value, field.type))\(what)\(field.name)"
  }

  /// `even the smallest, web.front[0], needs 4 cores; h2 and h3 have at most 3`
  private func tooSmall(_ room: Room) -> String? {
    let items = model[room.load].items.filter { $0.weight > 0 }
    guard let smallest = items.min(by: { $0.weight < $1.weight }), let need = room.amount(smallest.weight),
      need > room.largest, let entry = stated.entry(of: smallest.view.decision)
    else { return nil }
    let hosts = "\(Self.list(room.hosts)) \(room.hosts.count == 1 ? "has" : "have at most")"
    return "even the smallest, \(world.path(of: entry.entity)), needs \(amount(need, room.field)); "
      + "\(hosts) \(problem.number(room.largest, room.field.type))"
  }

  /// Who has to be in one of the bins, whatever is decided; `each` where all weigh the same.
  private func forced(
    into room: Room, besides origins: [Origin]
  ) -> (names: [String], weight: Int, each: Int?)? {
    let others = model.keepingConstraints {
      !origins.contains($0.origin) && (constraints[$0.origin] != nil || problem.isAlwaysInForce($0.origin))
    }
    let isSmall = model[room.load].items.count <= 40 && model.decisions.count <= 2_000
    var names: [String] = []
    var weights: [Int] = []
    for item in model[room.load].items where item.weight > 0 {
      let column = model[item.view.column]
      let mask = left[item.view.decision]
      let isForced = column.indices.allSatisfy {
        !(mask?.contains($0) ?? true) || room.bins[column[$0]] != nil
      }
      guard isForced || isSmall && !mayLeave(item.view, room, others),
        let entry = stated.entry(of: item.view.decision)
      else { continue }
      names.append(world.path(of: entry.entity))
      weights.append(item.weight)
    }
    guard let first = weights.first else { return nil }
    return (names, weights.reduce(0, +), weights.allSatisfy { $0 == first } ? first : nil)
  }

  /// Whether the other members of the conflict let an item be elsewhere.
  private func mayLeave(_ view: View, _ room: Room, _ others: ConstraintModel) -> Bool {
    var asked = others
    let column = model[view.column]
    let outside = asked.mask(Bitset(count: column.count) { room.bins[column[$0]] == nil })
    asked.post(Constraint(.clause([Literal(view.decision, in: outside)]), origin: Origin(0)))
    guard let answer = try? Solver(asked).satisfiable(SolverOptions(workLimit: 100_000)) else { return true }
    if case .unsatisfiable = answer { return false }
    return true
  }
}
