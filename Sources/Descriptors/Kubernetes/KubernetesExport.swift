package import NFVModel
import VIMProtocol

/// Placements as manifests that `kubectl apply` takes: a namespace, a network for each link, and for each instance a
/// pod where it runs as a container and a virtual machine of KubeVirt where it does not.
package enum KubernetesExport {
  package struct Result: Sendable {
    /// One YAML document an object.
    package let text: String
    /// What could not be said, with the instance that loses it.
    package let losses: [String]
  }

  /// - Parameter options: `virtualFunctions` names the resource that virtual functions come from, which only the
  ///   cluster's operator knows.
  package static func export(_ assignment: Assignment, _ options: PodManifest.Options) -> Result {
    var options = options
    options.owner = KubernetesNames.exporter
    var objects: [JSONValue] = [namespace(options.namespace)]
    var losses: [String] = []
    var (instances, networks): ([JSONValue], [String: NetworkManifest]) = ([], [:])
    for instance in assignment.instances {
      let pod = PodManifest(instance, options)
      var own: [String] = []
      if pod.shape.virtualFunctions > 0, options.virtualFunctions == nil {
        own.append("no resource is known for its virtual functions")
      }
      if pod.shape.isContainer {
        if pod.shape.image == nil { own.append("it names no image: \(options.placeholderImage) stands in") }
        for kind in pod.shape.devices where pod.deviceResource(kind) == nil {
          own.append("no resource is known for a device of kind \(kind)")
        }
        instances.append(pod.json)
      } else {
        let machine = MachineManifest(pod: pod)
        own += machine.losses
        instances.append(machine.json(token: instance.id))
      }
      if options.hasNetworks {
        for (index, link) in pod.shape.networks.enumerated() {
          let device = index < pod.shape.virtualFunctions ? pod.virtualFunctionResource : nil
          // One end with virtual functions is enough: the others have to meet it there.
          if device != nil || networks[link] == nil {
            networks[link] = NetworkManifest(
              link, namespace: options.namespace, device: device, owner: options.owner)
          }
        }
      }
      losses += own.map { "\(instance.id): \($0)" }
    }
    objects += networks.sorted { naturallyPrecedes($0.key, $1.key) }.map(\.value.json)
    return Result(text: ManifestText.yaml(objects + instances), losses: losses)
  }

  private static func namespace(_ name: String) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Namespace",
      "metadata": [
        "name": .string(name),
        "labels": [KubernetesNames.Label.owner: .string(KubernetesNames.exporter)],
      ],
    ]
  }
}
