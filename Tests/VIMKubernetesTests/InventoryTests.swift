import Descriptors
import NFVModel
import Testing
import VIMKubernetes
import VIMProtocol
import VIMTransport

/// Nodes as hosts: what is free for us, and what is hidden.
@Suite struct InventoryTests {
  private static func node(
    _ name: String, labels: JSONValue = [:], spec: JSONValue = [:], ready: String = "True",
    more: JSONValue = [:]
  ) -> JSONValue {
    let amounts: JSONValue = .object(
      ["cpu": "15900m", "memory": "64Gi"].merging(more.objectValue ?? [:]) { _, new in new })
    return [
      "metadata": ["name": .string(name), "labels": labels], "spec": spec,
      "status": ["allocatable": amounts, "conditions": [["type": "Ready", "status": .string(ready)]]],
    ]
  }

  private static func pod(
    _ node: String, _ requests: JSONValue, ours: Bool = false, phase: String = "Running", cells: String? = nil
  )
    -> JSONValue
  {
    var annotations: [String: JSONValue] = [:]
    if let cells { annotations["placet.dev/cells"] = .string(cells) }
    return [
      "metadata": [
        "labels": ours ? ["placet.dev/owner": "placet"] : ["app": "x"], "annotations": .object(annotations),
      ],
      "spec": ["nodeName": .string(node), "containers": [["resources": ["requests": requests]]]],
      "status": ["phase": .string(phase)],
    ]
  }

  private func inventory(
    nodes: [JSONValue], pods: [JSONValue] = [], topologies: [JSONValue]? = nil,
    _ change: (inout KubernetesVIM.Options) -> Void = { _ in }
  ) async throws -> [String: Entity] {
    let cluster = FakeCluster { _, path in
      if path.hasPrefix("/api/v1/nodes?") { return FakeCluster.json(["items": .array(nodes)]) }
      if path.hasPrefix("/api/v1/pods?") { return FakeCluster.json(["items": .array(pods)]) }
      guard let topologies else { return nil }
      if path == "/apis" {
        return FakeCluster.json([
          "groups": [["name": "topology.node.k8s.io", "preferredVersion": ["version": "v1alpha2"]]]
        ])
      }
      return path.hasPrefix("/apis/topology.node.k8s.io/v1alpha2/noderesourcetopologies?")
        ? FakeCluster.json(["items": .array(topologies)]) : nil
    }
    let part = try await cluster.vim(change).inventory()
    #expect(part.source == "vim ber" && part.date == "2026-11-22T14:00:00Z")
    return Dictionary(part.entities.map { ("\($0.id)", $0) }, uniquingKeysWith: { first, _ in first })
  }

  @Test func `what others asked for is taken, what is ours is free, what is over takes nothing`() async throws
  {
    let found = try await inventory(
      nodes: [Self.node("n1")],
      pods: [
        Self.pod("n1", ["cpu": "1500m", "memory": "4Gi"]),
        Self.pod("n1", ["cpu": "4", "memory": "8Gi"], ours: true),
        Self.pod("n1", ["cpu": "8"], phase: "Succeeded"), Self.pod("gone", ["cpu": "1"]),
        [
          "spec": [
            "nodeName": "n1", "overhead": ["cpu": "100m"],
            "containers": [["resources": ["requests": ["cpu": "100m"]]]],
            "initContainers": [
              ["resources": ["requests": ["cpu": "2"]]],
              ["restartPolicy": "Always", "resources": ["requests": ["cpu": "300m"]]],
            ],
          ], "status": ["phase": "Running"],
        ],
      ])
    // 15.9 - 1.5 - max(0.1 + 0.3, 2, 0.3) - 0.1 = 12.3
    #expect(found["host n1"]?["cores"] == .int(12))
    #expect(found["host n1"]?["memory"] == .amount("60 GiB"))
    #expect(found["host n1"]?["disk"] == nil)
    #expect(found["host n1"]?["vim"] == .reference(kind: "vim", name: "ber"))
    #expect(found.count == 1)
  }

  @Test func `nodes that take no pods of ours are not offered`() async throws {
    let nodes = [
      Self.node("off", ready: "False"), Self.node("cordoned", spec: ["unschedulable": true]),
      Self.node("mine", spec: ["taints": [["key": "telecom", "value": "upf", "effect": "NoSchedule"]]]),
      Self.node("soft", spec: ["taints": [["key": "slow", "effect": "PreferNoSchedule"]]]),
      Self.node("hard", spec: ["taints": [["key": "dead", "effect": "NoExecute"]]]),
    ]
    #expect(try await Set(inventory(nodes: nodes).keys) == ["host soft"])
    let tolerated = try await inventory(nodes: nodes) {
      $0.tolerations = [Toleration(key: "telecom", value: "upf")]
    }
    #expect(Set(tolerated.keys) == ["host soft", "host mine"])
  }

  @Test func `zones lie in the site that we were told of, else in the region`() async throws {
    let labels: JSONValue = ["topology.kubernetes.io/zone": "a", "topology.kubernetes.io/region": "eu"]
    let byRegion = try await inventory(nodes: [Self.node("n1", labels: labels)])
    #expect(byRegion["host n1"]?["zone"] == .reference(kind: "zone", name: "eu.a"))
    #expect(byRegion["zone eu.a"]?.parent == EntityReference(kind: "site", name: "eu"))
    let bySite = try await inventory(nodes: [Self.node("n1", labels: labels)]) { $0.site = "berlin" }
    #expect(bySite["zone berlin.a"]?.parent == EntityReference(kind: "site", name: "berlin"))
  }

  @Test func `cells are hidden unless the node tells them`() async throws {
    let more: JSONValue = [
      "hugepages-1Gi": "16Gi", "hugepages-2Mi": "0", "vendor.io/sriov_vf": "8", "nvidia.com/gpu": "2",
    ]
    let hidden = try await inventory(nodes: [Self.node("n1", more: more)])
    #expect(Set(hidden.keys) == ["host n1"])
    // Pages are memory that instances can have.
    #expect(hidden["host n1"]?["memory"] == .amount("80 GiB"))

    let one = try await inventory(
      nodes: [
        Self.node(
          "n1",
          labels: [
            "feature.node.kubernetes.io/cpu-cpuid.AVX512F": "true",
            "feature.node.kubernetes.io/cpu-cpuid.SSE": "false",
            "feature.node.kubernetes.io/kernel-config.PREEMPT_RT": "true",
          ], more: more)
      ], pods: [Self.pod("n1", ["hugepages-1Gi": "4Gi", "vendor.io/sriov_vf": "1"])])
    #expect(one["host n1"]?["traits"] == .list([.text("HW_CPU_X86_AVX512F")]))
    #expect(one["host n1"]?["realtime"] == .bool(true))
    #expect(one["cell n1.c0"]?.parent == EntityReference(kind: "host", name: "n1"))
    #expect(one["cell n1.c0"]?["cores"] == .int(15))
    #expect(one["cell n1.c0"]?["pages"] == .map(["1 GiB": .int(12), "2 MiB": .int(0)]))
    #expect(one["nic n1.c0.sriov_vf"]?["vfs"] == .int(7))
    #expect(one["device n1.c0.gpu-1"]?["kind"] == .text("nvidia.com/gpu"))
  }

  @Test func `cells that the node tells show what is free on each`() async throws {
    func resources(_ amounts: [String: (String, String)]) -> JSONValue {
      .array(
        amounts.map { ["name": .string($0), "allocatable": .string($1.0), "available": .string($1.1)] })
    }
    let topology: JSONValue = [
      "metadata": ["name": "n1"],
      "zones": [
        [
          "name": "node-1", "type": "Node",
          "resources": resources(["cpu": ("8", "8"), "memory": ("32Gi", "32Gi")]),
        ],
        [
          "name": "node-0", "type": "Node",
          "resources": resources([
            "cpu": ("8", "2"), "memory": ("24Gi", "24Gi"), "hugepages-1Gi": ("8Gi", "4Gi"),
            "vendor.io/vf": ("4", "2"),
          ]),
        ],
        ["name": "pci-7", "type": "Device", "resources": []],
      ],
    ]
    let found = try await inventory(
      nodes: [Self.node("n1")],
      pods: [
        Self.pod(
          "n1", ["cpu": "4", "hugepages-1Gi": "4Gi", "memory": "64Mi", "vendor.io/vf": "2"], ours: true,
          cells: "0")
      ],
      topologies: [topology, ["metadata": ["name": "n2"], "zones": []]])
    #expect(found["cell n1.c0"]?["cores"] == .int(6))
    #expect(found["cell n1.c0"]?["memory"] == .amount("32 GiB"))
    #expect(found["cell n1.c0"]?["pages"] == .map(["1 GiB": .int(8)]))
    #expect(found["nic n1.c0.vf"]?["vfs"] == .int(4))
    #expect(found["cell n1.c1"]?["cores"] == .int(8))
    #expect(found["cell n1.c1"]?["threads_per_core"] == .int(1))
  }

  @Test func `nodes that make no sense are passed over`() async throws {
    let found = try await inventory(
      nodes: [
        .null, "n", ["metadata": [:]], Self.node("n1"), Self.node("n1"),
        Self.node("n2", more: ["cpu": "lots", "memory": 7]),
      ],
      pods: [.null, ["spec": ["nodeName": "n1", "containers": "none"]]])
    #expect(Set(found.keys) == ["host n1", "host n2"])
    #expect(found["host n2"]?["cores"] == nil)
    #expect(found["host n2"]?["memory"] == .amount("7 B"))
  }

  /// What a big cluster sends: counted by hand here, timed by `PLACET_SCALE=5000` in a release build.
  @Test func `many nodes and pods are read right`() async throws {
    let count = Scale.nodes
    let cluster = Scale.cluster(nodes: count, pods: 4 * count)
    let clock = Scale.cpuSeconds()
    let entities = try await cluster.vim().inventory().entities.filter { $0.id.kind == "host" }
    let seconds = Scale.cpuSeconds() - clock
    #expect(entities.count == count)
    // Four pods of 250 millicores each.
    #expect(entities.allSatisfy { $0["cores"] == .int(15) })
    if count > 200 { print("\(count) nodes, \(4 * count) pods: \(seconds) CPU seconds") }
  }
}
