import ConstraintModel
import PlacetSemantics
import PlacetVM

extension PlacementProblem {
  /// What a search of a large model may begin at (`SolverOptions.start`): where the last solution of another problem has
  /// what is placed here. It is a start and nothing more: what is best, and what is proved, is found as ever.
  package func start(from other: PlacementProblem) -> [Int?]? {
    stated.model.isLarge ? standing(in: other) : nil
  }

  /// Where the last solution of another problem has what is placed here, by path and field; nil for what is new.
  package func standing(in other: PlacementProblem) -> [Int?]? {
    guard let before = other.world.decisions else { return nil }
    struct Key: Hashable {
      var path, field: String
    }
    var chosen: [Key: Value] = [:]
    var types: [Key: Type] = [:]
    for entry in other.stated.decisions {
      let field = other.program.kinds[Int(entry.entity.kind)].fields[entry.field].name
      let key = Key(path: other.world.path(of: entry.entity), field: field)
      chosen[key] = before[entry.entity, entry.field]
      types[key] = entry.type
    }
    // What an entity of the other world is called, each once.
    var names: [EntityID: String] = [:]
    var ids: [String: EntityID] = [:]
    func name(_ entity: EntityID) -> String {
      if let known = names[entity] { return known }
      let made = other.program.kinds[Int(entity.kind)].name + " " + other.world.path(of: entity)
      names[entity] = made
      return made
    }
    for (kind, declaration) in program.kinds.enumerated() {
      for entity in world.entities(of: KindID(kind)) {
        ids[declaration.name + " " + world.path(of: entity)] = entity
      }
    }
    var start: [Int?] = Array(repeating: nil, count: stated.model.decisions.count)
    for entry in stated.decisions {
      let field = program.kinds[Int(entry.entity.kind)].fields[entry.field].name
      let key = Key(path: world.path(of: entry.entity), field: field)
      guard let value = chosen[key], !value.isNone, let type = types[key], case .entity = type.unwrapped,
        case .entity = entry.type.unwrapped, let entity = ids[name(value.entity)]
      else { continue }
      start[entry.decision] = entry.candidates.firstIndex(of: Value(entity))
    }
    return start
  }
}
