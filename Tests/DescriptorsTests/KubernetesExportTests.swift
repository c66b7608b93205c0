import Descriptors
import NFVModel
import Testing
import Yams

/// Placements as manifests: whole texts, and what no manifest can say.
@Suite struct KubernetesExportTests {
  private var container: PlacedInstance {
    PlacedInstance(
      "web.front[0]", vim: "ber", host: "n1", demand: ["memory": 1 << 30],
      attributes: [
        "vnf.cpu": .int(2), "vnf.overcommit": .int(4), "vdu.image": .text("registry.example/web:1"),
        "vnf.needs": .list([.text("containers")]), "apart": .text("web.front"),
        "links": .list([.text("web.lan")]),
      ])
  }

  private var machine: PlacedInstance {
    PlacedInstance(
      "core.upf[0]", vim: "ber", host: "n0", cells: [0], demand: ["memory": 8 << 30],
      attributes: [
        "vnf.cpu": .int(8), "vnf.cpus": .text("dedicated"), "vnf.threads": .text("require_siblings"),
        "vnf.emulator": .text("isolated"), "vnf.page_size": .amount("1 GiB"),
        "vnf.guest_cells": .list([.int(8)]),
        "vnf.vfs": .int(1), "vnf.devices": .list([.text("nvidia.com/gpu")]),
        "vdu.image": .text("registry.example/upf:7"),
        "vnf.needs": .list([.text("nic_model(model: e1000)"), .text("disk_bus(scsi)")]),
        "vnf.mac": .list([.text("02:00:00:00:00:01")]), "links": .list([.text("core.n3"), .text("core.n6")]),
      ])
  }

  private func export(_ instances: PlacedInstance...) -> KubernetesExport.Result {
    KubernetesExport.export(
      Assignment(instances: instances),
      PodManifest.Options(namespace: "core", virtualFunctions: "vendor.io/sriov_vf"))
  }

  @Test func `a container becomes a pod on its node`() throws {
    let result = export(container)
    #expect(result.losses == [])
    let documents = try Array(Yams.compose_all(yaml: result.text))
    #expect(
      documents.compactMap { $0["kind"]?.string } == ["Namespace", "NetworkAttachmentDefinition", "Pod"])
    let pod = try #require(documents.last)
    #expect(pod["metadata"]?["namespace"]?.string == "core")
    let requests = pod["spec"]?["containers"]?[0]?["resources"]?["requests"]
    #expect(requests?["cpu"]?.string == "500m" && requests?["memory"]?.string == "1Gi")
    #expect(pod["spec"]?["containers"]?[0]?["resources"]?["limits"]?["cpu"]?.string == "2")
    let affinity = pod["spec"]?["affinity"]
    let term = affinity?["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]?[
      "nodeSelectorTerms"]?[0]
    #expect(term?["matchFields"]?[0]?["values"]?[0]?.string == "n1")
    #expect(affinity?["podAntiAffinity"] != nil)
    #expect(pod["spec"]?["topologySpreadConstraints"]?[0]?["whenUnsatisfiable"]?.string == "ScheduleAnyway")
  }

  @Test func `all else becomes a machine of KubeVirt`() throws {
    let result = export(machine)
    #expect(result.losses == [])
    let documents = try Array(Yams.compose_all(yaml: result.text))
    let spec = try #require(documents.last?["spec"])
    #expect(documents.last?["kind"]?.string == "VirtualMachineInstance")
    let domain = try #require(spec["domain"])
    #expect(domain["cpu"]?["dedicatedCpuPlacement"]?.bool == true)
    #expect(domain["cpu"]?["isolateEmulatorThread"]?.bool == true)
    #expect(domain["cpu"]?["cores"]?.int == 4 && domain["cpu"]?["threads"]?.int == 2)
    #expect(domain["cpu"]?["numa"]?["guestMappingPassthrough"] != nil)
    #expect(domain["memory"]?["hugepages"]?["pageSize"]?.string == "1Gi")
    #expect(domain["memory"]?["guest"]?.string == "8Gi")
    let interfaces = try #require(domain["devices"]?["interfaces"]?.sequence)
    #expect(interfaces.map { $0["name"]?.string } == ["core-n3", "core-n6"])
    #expect(interfaces[0]["sriov"] != nil && interfaces[0]["macAddress"]?.string == "02:00:00:00:00:01")
    #expect(interfaces[1]["bridge"] != nil && interfaces[1]["model"]?.string == "e1000")
    #expect(domain["devices"]?["hostDevices"]?[0]?["deviceName"]?.string == "nvidia.com/gpu")
    #expect(domain["devices"]?["disks"]?[0]?["disk"]?["bus"]?.string == "scsi")
    #expect(spec["networks"]?[1]?["multus"]?["networkName"]?.string?.hasPrefix("core/core-n6-") == true)
    let networks = documents.filter { $0["kind"]?.string == "NetworkAttachmentDefinition" }
    #expect(
      networks.map { $0["metadata"]?["annotations"]?["k8s.v1.cni.cncf.io/resourceName"]?.string } == [
        "vendor.io/sriov_vf", nil,
      ])
  }

  @Test func `what KubeVirt cannot say is told`() {
    var old = machine
    old.attributes["vnf.needs"] = .list([.text("nic_model(vmxnet3)"), .text("disk_bus(ide)")])
    old.attributes["vnf.threads"] = .text("isolate")
    old.attributes["vnf.devices"] = .list([.text("timing_card")])
    old.attributes["vdu.image"] = nil
    #expect(
      export(old).losses == [
        "core.upf[0]: KubeVirt has no IDE disks: its own bus is used",
        "core.upf[0]: KubeVirt has no vmxnet3 card: its own is used",
        "core.upf[0]: KubeVirt does not keep the other thread of a core free",
        "core.upf[0]: no resource is known for a device of kind timing_card",
        "core.upf[0]: it names no image: it has no disk to start from",
      ])
  }

  @Test func `what KubeVirt would refuse is not written, and told`() throws {
    var odd = machine
    odd.attributes["vnf.realtime"] = .bool(true)
    odd.attributes["vnf.page_size"] = nil
    odd.attributes["links"] = .list([.text("core.n3"), .text("core-n3")])
    #expect(
      export(odd).losses == [
        "core.upf[0]: guest cells want dedicated processors and large pages",
        "core.upf[0]: KubeVirt is realtime on dedicated processors and large pages only",
      ])
    let spec = try #require(try Array(Yams.compose_all(yaml: export(odd).text)).last?["spec"])
    #expect(spec["domain"]?["cpu"]?["realtime"] == nil && spec["domain"]?["cpu"]?["numa"] == nil)
    #expect(Set(try #require(spec["networks"]?.sequence).compactMap { $0["name"]?.string }).count == 2)

    odd.attributes["vnf.page_size"] = .amount("1 GiB")
    odd.attributes["vnf.guest_cells"] = nil
    let whole = try #require(try Array(Yams.compose_all(yaml: export(odd).text)).last?["spec"])
    #expect(export(odd).losses == [] && whole["domain"]?["cpu"]?["realtime"] != nil)
    #expect(whole["domain"]?["cpu"]?["numa"]?["guestMappingPassthrough"] != nil)

    odd.demand["memory"] = (8 << 30) + (1 << 20)
    let broken = try #require(try Array(Yams.compose_all(yaml: export(odd).text)).last?["spec"])
    #expect(broken["domain"]?["memory"]?["hugepages"] == nil)
    #expect(
      export(odd).losses.contains(
        "core.upf[0]: its memory is no multiple of its pages: ordinary ones are used"))
  }

  @Test func `any text comes back from the YAML as it was`() throws {
    for text in [
      "yes", "No", "1.5", "0x1F", "~", "", " x ", "a: b", "# no", "- x", "null", "\"quoted\"", "line\nbreak",
      "ü€𝄞",
      "{}", "1e3", "12:30:45", "registry.example:5000/a@sha256:0", "*a", "&a", "!t", "%", "@x", "`",
      "\u{7F}\u{1}", "2026-11-22",
    ] {
      var instance = container
      instance.attributes["vdu.image"] = .text(text)
      let documents = try Array(Yams.compose_all(yaml: export(instance).text))
      let image = documents.last?["spec"]?["containers"]?[0]?["image"]
      #expect(image?.scalar?.string == text)
    }
  }

  @Test func `a manifest is written the same way each time`() {
    #expect(export(container, machine).text == export(machine, container).text)
  }
}
