import Descriptors
import NFVModel

/// A pod as far as it takes room.
struct PodReading: Sendable {
  let node: String
  let isOurs: Bool
  /// The cells that it was planned on; empty where nobody said.
  let cells: [Int]
  /// In thousandths for `cpu`, in ones for all else.
  let requests: [String: Int]

  static let wanted = JSONSelection.Wanted.members([
    "metadata": .members([
      "labels": .members([KubernetesNames.Label.owner: .all]),
      "annotations": .members([KubernetesNames.Annotation.cells: .all]),
    ]),
    "spec": .members([
      "nodeName": .all, "overhead": .each(.all), "containers": container, "initContainers": container,
    ]),
    "status": .members(["phase": .all]),
  ])

  private static let container = JSONSelection.Wanted.members([
    "restartPolicy": .all, "resources": .members(["requests": .each(.all)]),
  ])

  /// Nil for what takes no room: it is nowhere yet, or is over.
  init?(_ json: JSONValue) {
    guard let node = json.at("spec", "nodeName")?.stringValue, !node.isEmpty else { return nil }
    if let phase = json.at("status", "phase")?.stringValue, phase == "Succeeded" || phase == "Failed" {
      return nil
    }
    self.node = node
    isOurs = json.at("metadata", "labels", KubernetesNames.Label.owner)?.stringValue == KubernetesNames.owner
    cells =
      json.at("metadata", "annotations", KubernetesNames.Annotation.cells)?.stringValue?
      .split(separator: ",").compactMap { Int($0) } ?? []
    requests = Self.effective(json["spec"])
  }

  /// As the scheduler counts: containers side by side, the ones before them one after the other (those that never
  /// end beside all that follow), and what the sandbox itself takes.
  private static func effective(_ spec: JSONValue?) -> [String: Int] {
    var total: [String: Int] = [:]
    for container in spec?["containers"]?.arrayValue ?? [] {
      total.merge(NodeReading.amounts(container.at("resources", "requests")), uniquingKeysWith: +)
    }
    var (lasting, highest): ([String: Int], [String: Int]) = ([:], [:])
    for container in spec?["initContainers"]?.arrayValue ?? [] {
      let own = NodeReading.amounts(container.at("resources", "requests"))
      let now = own.merging(lasting, uniquingKeysWith: +)
      if container["restartPolicy"]?.stringValue == "Always" { lasting = now }
      highest.merge(now, uniquingKeysWith: max)
    }
    total.merge(lasting, uniquingKeysWith: +)
    total.merge(highest, uniquingKeysWith: max)
    total.merge(NodeReading.amounts(spec?["overhead"]), uniquingKeysWith: +)
    return total
  }
}
