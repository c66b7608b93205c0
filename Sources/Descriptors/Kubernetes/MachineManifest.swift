import NFVModel
import VIMProtocol

/// A placed instance as a virtual machine of KubeVirt (`VirtualMachineInstance`), pinned like a pod.
struct MachineManifest {
  let pod: PodManifest

  private var shape: MachineShape { pod.shape }

  /// What KubeVirt cannot say of it, each in one line.
  var losses: [String] {
    var losses: [String] = []
    if shape.diskBus == "ide" { losses.append("KubeVirt has no IDE disks: its own bus is used") }
    if let model = shape.nicModel, Self.models[model] == nil {
      losses.append("KubeVirt has no \(model) card: its own is used")
    }
    if shape.threads == .isolate { losses.append("KubeVirt does not keep the other thread of a core free") }
    if shape.virtualFunctions > links.count {
      losses.append("\(shape.virtualFunctions) virtual functions, and links for \(links.count) of them")
    }
    if !passesCells, !shape.guestCells.isEmpty {
      losses.append("guest cells want dedicated processors and large pages")
    }
    if !passesCells, shape.isRealtime {
      losses.append("KubeVirt is realtime on dedicated processors and large pages only")
    }
    if shape.cpuPolicy == .shared, shape.isolatesEmulator {
      losses.append("a processor for the emulator alone wants dedicated ones")
    }
    if let page = shape.pageSize, shape.memory % page != 0 {
      losses.append("its memory is no multiple of its pages: ordinary ones are used")
    }
    for kind in shape.devices where pod.deviceResource(kind) == nil {
      losses.append("no resource is known for a device of kind \(kind)")
    }
    if shape.image == nil { losses.append("it names no image: it has no disk to start from") }
    return losses
  }

  /// Large pages, where its memory is made of whole ones: KubeVirt refuses any other.
  private var pageSize: Int? { shape.pageSize.flatMap { shape.memory % $0 == 0 ? $0 : nil } }

  /// Whether the node's cells can be passed through to the guest.
  private var passesCells: Bool { shape.cpuPolicy == .dedicated && pageSize != nil }

  func json(token: String) -> JSONValue {
    var spec: [String: JSONValue] = [
      "affinity": pod.affinity, "domain": domain, "networks": .array(networks),
      "terminationGracePeriodSeconds": 30,
    ]
    if !pod.options.tolerations.isEmpty { spec["tolerations"] = .array(pod.options.tolerations.map(\.json)) }
    if let image = shape.image {
      spec["volumes"] = [["name": "root", "containerDisk": ["image": .string(image)]]]
    }
    // Networks are said in the machine's own words.
    var metadata = pod.metadata(token: token).objectValue ?? [:]
    var annotations = metadata["annotations"]?.objectValue ?? [:]
    annotations[KubernetesNames.Annotation.networks] = nil
    metadata["annotations"] = .object(annotations)
    return [
      "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance", "metadata": .object(metadata),
      "spec": .object(spec),
    ]
  }

  // MARK: The machine

  private var domain: JSONValue {
    var memory: [String: JSONValue] = ["guest": .string(KubernetesQuantity.bytes(shape.memory))]
    if let page = pageSize {
      memory["hugepages"] = ["pageSize": .string(KubernetesQuantity.bytes(page))]
    }
    var domain: [String: JSONValue] = ["cpu": cpu, "devices": devices]
    if shape.memory > 0 { domain["memory"] = .object(memory) }
    if shape.cpuPolicy == .shared {
      // Dedicated processors are asked for by `dedicatedCpuPlacement` itself.
      let milli = max(1, shape.cpus * 1000 / shape.overcommit)
      domain["resources"] = ["requests": ["cpu": .string(KubernetesQuantity.cpu(milli: milli))]]
    }
    return .object(domain)
  }

  private var cpu: JSONValue {
    let threads = shape.threads == .require && shape.cpus % 2 == 0 ? 2 : 1
    var cpu: [String: JSONValue] = [
      "sockets": 1, "cores": .int(shape.cpus / threads), "threads": .int(threads),
    ]
    guard shape.cpuPolicy == .dedicated else { return .object(cpu) }
    cpu["dedicatedCpuPlacement"] = true
    if shape.isolatesEmulator { cpu["isolateEmulatorThread"] = true }
    // It takes realtime with the cells only.
    if passesCells, shape.isRealtime { cpu["realtime"] = [:] }
    if passesCells, shape.isRealtime || !shape.guestCells.isEmpty {
      cpu["numa"] = ["guestMappingPassthrough": [:]]
    }
    return .object(cpu)
  }

  private var devices: JSONValue {
    var devices: [String: JSONValue] = ["interfaces": .array(interfaces)]
    if shape.image != nil {
      var disk: [String: JSONValue] = [:]
      if let bus = shape.diskBus, bus != "ide" { disk["bus"] = .string(bus) }
      devices["disks"] = [["name": "root", "disk": .object(disk)]]
    }
    let hosted = shape.devices.enumerated().compactMap { index, kind in
      pod.deviceResource(kind).map { resource -> JSONValue in
        ["name": .string("device\(index)"), "deviceName": .string(resource)]
      }
    }
    if !hosted.isEmpty { devices["hostDevices"] = .array(hosted) }
    return .object(devices)
  }

  // MARK: Networks

  /// A network each for its links; the cluster's own where it has none.
  private var links: [String] { shape.networks }

  /// What the machine calls the networks of its links: no two alike.
  private var linkNames: [String] {
    let short = links.map { KubernetesNames.slug($0) }
    return Set(short).count == short.count ? short : links.map { KubernetesNames.network($0) }
  }

  private var networks: [JSONValue] {
    guard !links.isEmpty else { return [["name": "default", "pod": [:]]] }
    return zip(links, linkNames).map { link, name in
      [
        "name": .string(name),
        "multus": ["networkName": .string("\(pod.options.namespace)/\(KubernetesNames.network(link))")],
      ]
    }
  }

  /// The first of its links run over its virtual functions, as many as there are.
  private var interfaces: [JSONValue] {
    guard !links.isEmpty else { return [interface("default", ["masquerade": [:]], isFirst: true)] }
    return linkNames.enumerated().map { index, name in
      let binding = index < shape.virtualFunctions ? "sriov" : "bridge"
      return interface(name, [binding: [:]], isFirst: index == 0)
    }
  }

  private func interface(_ name: String, _ binding: [String: JSONValue], isFirst: Bool) -> JSONValue {
    var fields = binding
    fields["name"] = .string(name)
    if isFirst, let mac = shape.mac { fields["macAddress"] = .string(mac) }
    if binding["sriov"] == nil, let model = shape.nicModel.flatMap({ Self.models[$0] }) {
      fields["model"] = .string(model)
    }
    return .object(fields)
  }

  private static let models = ["virtio": "virtio", "e1000": "e1000"]
}
