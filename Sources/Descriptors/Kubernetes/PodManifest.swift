package import NFVModel
package import VIMProtocol

/// A placed instance as Kubernetes has to make it. The back end applies what the export writes: there is one reading.
///
/// What the instance takes it asks for and is held to (requests are limits), so that its quality of service is
/// `Guaranteed` and a node with a static CPU manager gives whole CPUs to those that are dedicated. Only CPUs that a
/// policy lets instances share are asked for by their share.
package struct PodManifest: Sendable {
  /// What is the same for all instances of a cluster.
  package struct Options: Hashable, Sendable {
    package var namespace: String
    /// The value of the owner's label: what a back end made has another than what was exported.
    package var owner = KubernetesNames.owner
    package var tolerations: [Toleration]
    /// The extended resource that stands for a virtual function.
    package var virtualFunctions: String?
    /// Extended resources by kind of device; a kind with a slash is a resource already.
    package var devices: [String: String]
    /// What runs where an instance names no image: it holds the room and does nothing.
    package var placeholderImage: String
    /// Ordinary memory of an instance whose memory is on large pages: bytes.
    package var memoryBesidePages: Int
    /// Whether links are networks of their own; else the cluster's one network carries them all.
    package var hasNetworks: Bool

    package init(
      namespace: String = "placet", tolerations: [Toleration] = [], virtualFunctions: String? = nil,
      devices: [String: String] = [:], placeholderImage: String = "registry.k8s.io/pause:3.9",
      memoryBesidePages: Int = 64 << 20, hasNetworks: Bool = true
    ) {
      self.namespace = namespace
      self.tolerations = tolerations
      self.virtualFunctions = virtualFunctions
      self.devices = devices
      self.placeholderImage = placeholderImage
      self.memoryBesidePages = memoryBesidePages
      self.hasNetworks = hasNetworks
    }
  }

  let instance: PlacedInstance
  package let shape: MachineShape
  let options: Options

  package init(_ instance: PlacedInstance, _ options: Options) {
    self.instance = instance
    self.shape = MachineShape(instance)
    self.options = options
  }

  package var json: JSONValue { json(token: instance.id) }

  /// - Parameter token: names the effect that makes it.
  package func json(token: String) -> JSONValue {
    var pod: [String: JSONValue] = [
      "containers": [container], "affinity": affinity, "automountServiceAccountToken": false,
      "enableServiceLinks": false,
    ]
    if !options.tolerations.isEmpty { pod["tolerations"] = .array(options.tolerations.map(\.json)) }
    if let spread { pod["topologySpreadConstraints"] = [spread] }
    if shape.pageSize != nil { pod["volumes"] = [pagesVolume] }
    return [
      "apiVersion": "v1", "kind": "Pod", "metadata": metadata(token: token), "spec": .object(pod),
    ]
  }

  // MARK: Who it is

  func metadata(token: String) -> JSONValue {
    var labels: [String: JSONValue] = [
      KubernetesNames.Label.owner: .string(options.owner),
      KubernetesNames.Label.service: .string(
        KubernetesNames.slug(KubernetesNames.service(of: instance.id))),
      KubernetesNames.Label.instance: .string(KubernetesNames.slug(instance.id)),
      KubernetesNames.Label.instanceDigest: .string(KubernetesNames.digest(instance.id)),
      KubernetesNames.Label.tokenDigest: .string(KubernetesNames.digest(token)),
    ]
    if let group = shape.apartGroup { labels[KubernetesNames.Label.apart] = .string(Self.groupLabel(group)) }
    var annotations: [String: JSONValue] = [
      KubernetesNames.Annotation.token: .string(token),
      KubernetesNames.Annotation.instance: .string(instance.id),
    ]
    if let cells = instance.cells, !cells.isEmpty {
      annotations[KubernetesNames.Annotation.cells] = .string(cells.map(String.init).joined(separator: ","))
    }
    if !shape.networks.isEmpty {
      annotations[KubernetesNames.Annotation.links] = .string(shape.networks.joined(separator: " "))
      if options.hasNetworks {
        annotations[KubernetesNames.Annotation.networks] = .string(networksAnnotation.canonicalText)
      }
    }
    return [
      "name": .string(KubernetesNames.object(instance.id, token: token)),
      "namespace": .string(options.namespace), "labels": .object(labels), "annotations": .object(annotations),
    ]
  }

  private var networksAnnotation: JSONValue {
    .array(
      shape.networks.enumerated().map { index, link in
        var entry: [String: JSONValue] = [
          "name": .string(KubernetesNames.network(link)), "namespace": .string(options.namespace),
        ]
        if index == 0, let mac = shape.mac { entry["mac"] = .string(mac) }
        return .object(entry)
      })
  }

  static func groupLabel(_ group: String) -> String {
    "\(KubernetesNames.slug(group, length: 46))-\(KubernetesNames.digest(group))"
  }

  // MARK: What it takes

  private var container: JSONValue {
    var container: [String: JSONValue] = [
      "name": "main", "image": .string(shape.image ?? options.placeholderImage),
      "resources": ["requests": .object(requests), "limits": .object(limits)],
    ]
    if shape.pageSize != nil {
      container["volumeMounts"] = [["name": "pages", "mountPath": "/dev/hugepages"]]
    }
    return .object(container)
  }

  /// By resource, as text that the server gives back unchanged.
  package var limits: [String: JSONValue] {
    var amounts: [String: JSONValue] = ["cpu": .string(KubernetesQuantity.cpu(milli: shape.cpus * 1000))]
    if let page = shape.pageSize, page > 0 {
      let pages = (shape.memory + page - 1) / page
      amounts[Self.pageResource(page)] = .string(KubernetesQuantity.bytes(pages * page))
      amounts["memory"] = .string(KubernetesQuantity.bytes(options.memoryBesidePages))
    } else if shape.memory > 0 {
      amounts["memory"] = .string(KubernetesQuantity.bytes(shape.memory))
    }
    if shape.disk > 0 { amounts["ephemeral-storage"] = .string(KubernetesQuantity.bytes(shape.disk)) }
    for (resource, count) in extended { amounts[resource] = .string("\(count)") }
    return amounts
  }

  private var requests: [String: JSONValue] {
    var amounts = limits
    if shape.cpuPolicy == .shared, shape.overcommit > 1 {
      amounts["cpu"] = .string(KubernetesQuantity.cpu(milli: max(1, shape.cpus * 1000 / shape.overcommit)))
    }
    return amounts
  }

  /// Extended resources with how many of each.
  package var extended: [String: Int] {
    var counts: [String: Int] = [:]
    if shape.virtualFunctions > 0, let resource = options.virtualFunctions {
      counts[resource] = shape.virtualFunctions
    }
    for kind in shape.devices { if let resource = deviceResource(kind) { counts[resource, default: 0] += 1 } }
    return counts
  }

  /// The resource that its virtual functions come from; nil where it has none.
  package var virtualFunctionResource: String? {
    shape.virtualFunctions > 0 ? options.virtualFunctions : nil
  }

  /// The resource for a kind of device; nil where nobody said.
  package func deviceResource(_ kind: String) -> String? {
    options.devices[kind] ?? (kind.contains("/") ? kind : nil)
  }

  /// `hugepages-1Gi`.
  package static func pageResource(_ page: Int) -> String { "hugepages-\(KubernetesQuantity.bytes(page))" }

  private var pagesVolume: JSONValue {
    let size = KubernetesQuantity.bytes(shape.pageSize ?? 0)
    return ["name": "pages", "emptyDir": ["medium": .string("HugePages-\(size)")]]
  }

  // MARK: Where it runs

  /// The node is ours to choose, by its name, which no label can fake; the scheduler still judges the room. Those
  /// that are to be apart repel each other, but no instance repels the one that replaces it.
  var affinity: JSONValue {
    let field: JSONValue = [
      "key": "metadata.name", "operator": "In", "values": [.string(instance.host)],
    ]
    var affinity: [String: JSONValue] = [
      "nodeAffinity": [
        "requiredDuringSchedulingIgnoredDuringExecution": [
          "nodeSelectorTerms": [["matchFields": [field]]]
        ]
      ]
    ]
    if let group = shape.apartGroup {
      let others: JSONValue = [
        "matchExpressions": [
          [
            "key": .string(KubernetesNames.Label.apart), "operator": "In",
            "values": [.string(Self.groupLabel(group))],
          ],
          [
            "key": .string(KubernetesNames.Label.instanceDigest), "operator": "NotIn",
            "values": [.string(KubernetesNames.digest(instance.id))],
          ],
        ]
      ]
      affinity["podAntiAffinity"] = [
        "requiredDuringSchedulingIgnoredDuringExecution": [
          ["labelSelector": others, "topologyKey": "kubernetes.io/hostname"]
        ]
      ]
    }
    return .object(affinity)
  }

  /// A wish alone: the plan has chosen, and this says why to whoever lifts the affinity.
  private var spread: JSONValue? {
    guard let group = shape.apartGroup else { return nil }
    return [
      "maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway",
      "labelSelector": ["matchLabels": [KubernetesNames.Label.apart: .string(Self.groupLabel(group))]],
    ]
  }
}

/// A taint that what we make may stand: an empty key stands all.
package struct Toleration: Hashable, Sendable {
  package var key: String
  /// Nil stands any value.
  package var value: String?
  /// Nil stands any effect.
  package var effect: String?

  package init(key: String, value: String? = nil, effect: String? = nil) {
    self.key = key
    self.value = value
    self.effect = effect
  }

  package func stands(key: String, value: String, effect: String) -> Bool {
    (self.key.isEmpty || self.key == key) && (self.value == nil || self.value == value)
      && (self.effect == nil || self.effect == effect)
  }

  var json: JSONValue {
    var fields: [String: JSONValue] = ["operator": value == nil ? "Exists" : "Equal"]
    if !key.isEmpty { fields["key"] = .string(key) }
    if let value { fields["value"] = .string(value) }
    if let effect { fields["effect"] = .string(effect) }
    return .object(fields)
  }
}
