import Descriptors
import NFVModel

/// A node as the API shows it: what it can give, and whether we may use it.
struct NodeReading: Sendable {
  let name: String
  let labels: [String: String]
  /// In thousandths for `cpu`, in ones for all else.
  let allocatable: [String: Int]
  let isReady: Bool
  let isCordoned: Bool
  let taints: [(key: String, value: String, effect: String)]

  static let wanted = JSONSelection.Wanted.members([
    "metadata": .members(["name": .all, "labels": .each(.all)]),
    "spec": .members(["unschedulable": .all, "taints": .all]),
    "status": .members(["allocatable": .each(.all), "conditions": .members(["type": .all, "status": .all])]),
  ])

  /// Nil for what is no node.
  init?(_ json: JSONValue) {
    guard let name = json.at("metadata", "name")?.stringValue else { return nil }
    self.name = name
    labels = json.at("metadata", "labels")?.objectValue?.compactMapValues(\.stringValue) ?? [:]
    allocatable = Self.amounts(json.at("status", "allocatable"))
    isReady =
      json.at("status", "conditions")?.arrayValue?.contains {
        $0["type"]?.stringValue == "Ready" && $0["status"]?.stringValue == "True"
      } ?? false
    isCordoned = json.at("spec", "unschedulable")?.boolValue ?? false
    taints = (json.at("spec", "taints")?.arrayValue ?? []).map {
      ($0["key"]?.stringValue ?? "", $0["value"]?.stringValue ?? "", $0["effect"]?.stringValue ?? "")
    }
  }

  /// What keeps us off the node; nil when nothing does.
  func obstacle(_ tolerations: [Toleration]) -> String? {
    if !isReady { return "it is not ready" }
    if isCordoned { return "it is cordoned" }
    let hard = taints.first { taint in
      taint.effect != "PreferNoSchedule"
        && !tolerations.contains { $0.stands(key: taint.key, value: taint.value, effect: taint.effect) }
    }
    return hard.map { "it is tainted \($0.key)\($0.value.isEmpty ? "" : "=\($0.value)"):\($0.effect)" }
  }

  /// Resources with their amounts; what cannot be read is left out.
  static func amounts(_ json: JSONValue?) -> [String: Int] {
    var amounts: [String: Int] = [:]
    for (resource, value) in json?.objectValue ?? [:] {
      let text: String? =
        switch value {
        case .string(let text): text
        case .number(let text): text
        default: nil
        }
      guard let text else { continue }
      let amount = resource == "cpu" ? KubernetesQuantity.milli(text) : KubernetesQuantity.whole(text)
      if let amount { amounts[resource] = amount }
    }
    return amounts
  }

  // MARK: What labels tell

  static let featurePrefix = "feature.node.kubernetes.io/"

  var zone: String? {
    labels["topology.kubernetes.io/zone"] ?? labels["failure-domain.beta.kubernetes.io/zone"]
  }
  var region: String? {
    labels["topology.kubernetes.io/region"] ?? labels["failure-domain.beta.kubernetes.io/region"]
  }

  /// CPU features in the words of the policies (`HW_CPU_X86_AVX512F`), where Node Feature Discovery tells them.
  var traits: [String] {
    let prefix = Self.featurePrefix + "cpu-cpuid."
    return labels.compactMap { key, value in
      guard key.hasPrefix(prefix), value == "true" else { return nil }
      return "HW_CPU_X86_\(key.dropFirst(prefix.count).uppercased())"
    }.sorted()
  }

  var isRealtime: Bool {
    labels[Self.featurePrefix + "kernel-config.PREEMPT_RT"] == "true"
      || labels[Self.featurePrefix + "kernel-config.PREEMPT_RT_FULL"] == "true"
  }

  /// Node Feature Discovery has looked at it and found no second NUMA node.
  var hasOneCell: Bool {
    labels[Self.featurePrefix + "memory-numa"] != "true"
      && labels.keys.contains { $0.hasPrefix(Self.featurePrefix) }
  }
}
