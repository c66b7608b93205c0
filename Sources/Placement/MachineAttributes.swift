import ConstraintModel
import NFVModel
import PlacetSemantics
import PlacetVM
import Quantities

/// What a VIM has to know of a machine beyond the fields of its VNF: the networks that it is an end of, whom it is
/// kept apart from, and how many cores it takes.
struct MachineAttributes {
  private let reader: WorldReader
  private let links: [EntityID: [String]]
  private let apart: [EntityID: String]

  init(_ stated: StatedModel, placing: (StatedDecision) -> Bool, reader: WorldReader) {
    self.reader = reader
    links = Self.links(reader)
    apart = Self.groups(stated, stated.decisions.filter(placing), reader)
  }

  func add(to instance: inout PlacedInstance, of entity: EntityID) {
    guard let vnf = reader.entity(entity, "vnf") else { return }
    if let names = links[vnf] { instance.attributes["links"] = .list(names.map { .text($0) }) }
    if let group = apart[entity] { instance.attributes["apart"] = .text(group) }
    if let cores = cores(entity, vnf) { instance.demand["cores"] = cores }
  }

  /// Whole names of the links of each VNF, sorted.
  private static func links(_ reader: WorldReader) -> [EntityID: [String]] {
    guard let kind = reader.program.kinds.firstIndex(where: { $0.name == "link" }) else { return [:] }
    var result: [EntityID: [String]] = [:]
    for link in reader.world.entities(of: KindID(kind)) {
      guard let (ends, type) = reader.field(link, "ends"), case .list(.entity) = type else { continue }
      let name = reader.world.path(of: link)
      for vnf in Set(reader.world.heap.elements(ends, type: type).map(\.entity)) {
        result[vnf, default: []].append(name)
      }
    }
    return result.mapValues { $0.sorted(by: naturallyPrecedes) }
  }

  /// The cores that it takes of its host, where that is a whole number: shared vCPUs by the overcommit ratio of
  /// their function, dedicated ones as a thread each, or as a core each where nothing may run beside them. A
  /// fraction is for the policy's own capacity rules: no host can be held to it by itself.
  private func cores(_ entity: EntityID, _ vnf: EntityID) -> Int? {
    guard let cpu = reader.field(entity, "cpu")?.value.bits, cpu > 0 else { return nil }
    func word(_ field: String) -> String? {
      reader.field(vnf, field).map { reader.world.heap.describe($0.value, type: $0.type) }
    }
    let divisor: Int
    switch word("cpus") {
    case "dedicated": divisor = word("threads") == "isolate" ? 1 : 2
    default: divisor = max(1, reader.field(vnf, "overcommit")?.value.bits ?? 1)
    }
    guard cpu % divisor == 0 else { return nil }
    return cpu / divisor + (word("emulator") == "isolated" ? 1 : 0)
  }

  // MARK: Apart

  /// Instances of one VNF of which the rules put no two on one host: the whole VNF where they are all of it, else
  /// the largest sets that one rule keeps apart. Different racks or sites are different hosts as well.
  private static func groups(
    _ stated: StatedModel, _ placing: [StatedDecision], _ reader: WorldReader
  ) -> [EntityID: String] {
    var instances: [Int32: (entity: EntityID, vnf: EntityID)] = [:]
    var sizes: [EntityID: Int] = [:]
    for entry in placing {
      guard let vnf = reader.entity(entry.entity, "vnf") else { continue }
      instances[Int32(entry.decision)] = (entry.entity, vnf)
      sizes[vnf, default: 0] += 1
    }
    var cliques: [EntityID: [Set<EntityID>]] = [:]
    var pairs: [EntityID: Set<Set<EntityID>>] = [:]
    for constraint in stated.model.constraints where constraint.enforcedBy.isEmpty {
      guard case .allDifferent(let views, nil) = constraint.form else { continue }
      let members = views.compactMap { instances[$0.decision.index] }
      for (vnf, group) in Dictionary(grouping: members, by: \.vnf) where group.count > 1 {
        let clique = Set(group.map(\.entity))
        if clique.count == 2, sizes[vnf] != 2 { pairs[vnf, default: []].insert(clique) }
        cliques[vnf, default: []].append(clique)
      }
    }
    var result: [EntityID: String] = [:]
    for (vnf, found) in cliques {
      let (name, size) = (reader.world.path(of: vnf), sizes[vnf] ?? 0)
      let isWhole =
        found.contains { $0.count == size } || (pairs[vnf]?.count ?? 0) == size * (size - 1) / 2
      if isWhole {
        for entry in instances.values where entry.vnf == vnf { result[entry.entity] = name }
        continue
      }
      let ordered = found.sorted {
        $0.count == $1.count
          ? ($0.map(\.index).min() ?? 0) < ($1.map(\.index).min() ?? 0) : $0.count > $1.count
      }
      var number = 0
      for clique in ordered where clique.allSatisfy({ result[$0] == nil }) {
        number += 1
        for entity in clique { result[entity] = "\(name).\(number)" }
      }
    }
    return result
  }
}
