package import NFVModel

/// A virtual link as a network that pods can have beside the cluster's own (`NetworkAttachmentDefinition`).
///
/// Links of functions with virtual functions run over those; others over a bridge of each node. Neither gives out
/// addresses: that is the functions' own business.
package struct NetworkManifest: Sendable {
  let link: String
  let namespace: String
  let device: String?
  let owner: String

  /// - Parameter device: the extended resource whose devices carry it; nil for a bridge.
  package init(
    _ link: String, namespace: String, device: String?, owner: String = KubernetesNames.owner
  ) {
    self.owner = owner
    self.link = link
    self.namespace = namespace
    self.device = device
  }

  package var json: JSONValue {
    var annotations: [String: JSONValue] = [KubernetesNames.Annotation.links: .string(link)]
    if let device { annotations[KubernetesNames.Annotation.deviceResource] = .string(device) }
    return [
      "apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition",
      "metadata": [
        "name": .string(KubernetesNames.network(link)), "namespace": .string(namespace),
        "labels": [KubernetesNames.Label.owner: .string(owner)],
        "annotations": .object(annotations),
      ],
      "spec": ["config": .string(configuration.canonicalText)],
    ]
  }

  private var configuration: JSONValue {
    if device != nil { return ["cniVersion": "0.3.1", "type": "sriov", "ipam": [:]] }
    // An interface's name has at most 15 characters.
    let bridge = "plc\(KubernetesNames.digest(link).prefix(12))"
    return ["cniVersion": "0.3.1", "type": "bridge", "bridge": .string(bridge), "ipam": [:]]
  }
}
