import PlacetSemantics
package import PlacetVM

/// What the capabilities of the library (`enum capability`) are called by VIMs (`VIMProtocol.Capability`), as text.
///
/// A capability that VIMs have no word for (`alone_on_host`, `no_overcommit`, `containers` …) is a promise that the
/// policy's own rules keep: it has no word here.
struct CapabilityWords {
  let reader: WorldReader

  /// The word for a value of the enumeration; nil where VIMs have none.
  func word(_ value: Value, of id: EnumID) -> String? {
    let heap = reader.world.heap
    let each = reader.program[id].cases[heap.caseIndex(value, of: id)]
    func argument() -> String? {
      each.members.first.map { heap.describe(heap.payload(value, 0), type: $0.type) }
    }
    return switch each.name {
    case "pinned_cpus": "pinning"
    case "isolated_threads": "threadPolicy(isolate)"
    case "isolated_emulator": "emulatorThreads(isolate)"
    case "one_numa_cell": "numaCells(1)"
    case "asymmetric_cells": "numaAsymmetric"
    case "hugepages":
      each.members.first.flatMap { reader.bytes(heap.payload(value, 0), $0.type) }.map { "hugepages(\($0))" }
    case "realtime": "realtime"
    case "sriov": "sriov"
    case "passthrough": "passthrough"
    case "fixed_mac": "fixedMAC"
    case "nic_model": argument().map { "emulatedNIC(\($0))" }
    case "disk_bus": argument().map { "emulatedDisk(\($0))" }
    default: nil
    }
  }

  /// The words for a field that holds capabilities, in its order, each once.
  func words(_ entity: EntityID, _ field: String) -> [String] {
    guard let (value, type) = reader.field(entity, field) else { return [] }
    let element: Type
    switch type {
    case .list(let each), .set(let each): element = each
    default: return []
    }
    guard case .enumeration(let id) = element, reader.program[id].name == "capability" else { return [] }
    var words: [String] = []
    for value in reader.world.heap.elements(value, type: type) {
      if let word = word(value, of: id), !words.contains(word) { words.append(word) }
    }
    return words
  }
}

extension World {
  /// What each VIM of the world offers by the policy, in the words of VIMs.
  package var offeredCapabilities: [String: Set<String>] {
    let reader = WorldReader(world: self)
    guard let kind = program.kinds.firstIndex(where: { $0.name == "vim" }) else { return [:] }
    let words = CapabilityWords(reader: reader)
    var result: [String: Set<String>] = [:]
    for vim in entities(of: KindID(kind)) { result[name(of: vim)] = Set(words.words(vim, "capabilities")) }
    return result
  }
}
