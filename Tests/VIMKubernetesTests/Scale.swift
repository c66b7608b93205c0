import Foundation
import NFVModel
import VIMTransport

/// A cluster as large as `PLACET_SCALE` says, with all that real answers are full of. Pages are made before they are
/// asked for, so that the time of reading them can be taken.
enum Scale {
  static let nodes = ProcessInfo.processInfo.environment["PLACET_SCALE"].flatMap { Int($0) } ?? 100

  static func cluster(nodes: Int, pods: Int) -> FakeCluster {
    let nodePages = pages(nodes, of: "/api/v1/nodes", node)
    let podPages = pages(pods, of: "/api/v1/pods", pod)
    return FakeCluster { _, path in
      let index = path.firstRange(of: "continue=").flatMap { Int(path[$0.upperBound...]) } ?? 0
      if path.hasPrefix("/api/v1/nodes?") { return HTTPResponse(status: 200, body: nodePages[index]) }
      if path.hasPrefix("/api/v1/pods?") { return HTTPResponse(status: 200, body: podPages[index]) }
      return nil
    }
  }

  static func cpuSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

  private static func pages(_ count: Int, of path: String, _ item: (Int) -> JSONValue) -> [[UInt8]] {
    stride(from: 0, to: count, by: 500).map { start in
      let end = min(start + 500, count)
      let next = end < count ? "\(end / 500)" : ""
      let page: JSONValue = [
        "items": .array((start..<end).map(item)),
        "metadata": ["continue": .string(next), "resourceVersion": "7"],
      ]
      return page.canonicalBytes
    }
  }

  /// 10 kB: a kubelet lists fifty images.
  private static func node(_ i: Int) -> JSONValue {
    let images = (0..<50).map { n -> JSONValue in
      [
        "names": [
          .string("registry.example/functions/part-\(n)@sha256:\(String(repeating: "0a", count: 32))"),
          .string("registry.example/functions/part-\(n):1.\(n)"),
        ], "sizeBytes": .int(1_000_000 + n),
      ]
    }
    return [
      "metadata": [
        "name": .string("node-\(i)"), "uid": .string("uid-\(i)"), "managedFields": managed,
        "labels": [
          "topology.kubernetes.io/zone": .string("z\(i % 3)"), "kubernetes.io/hostname": .string("node-\(i)"),
        ],
      ], "spec": ["podCIDR": "10.0.0.0/24"],
      "status": [
        "allocatable": ["cpu": "16", "memory": "64Gi", "pods": "110", "ephemeral-storage": "200Gi"],
        "capacity": ["cpu": "16", "memory": "65Gi", "pods": "110", "ephemeral-storage": "220Gi"],
        "conditions": [["type": "Ready", "status": "True", "message": "kubelet is posting ready status"]],
        "images": .array(images),
      ],
    ]
  }

  /// 4 kB.
  private static func pod(_ i: Int) -> JSONValue {
    [
      "metadata": [
        "name": .string("pod-\(i)"), "namespace": "default", "uid": .string("uid-\(i)"),
        "managedFields": managed,
        "labels": ["app": .string("app-\(i % 50)")],
      ],
      "spec": [
        "nodeName": .string("node-\(i / 4)"),
        "containers": [
          [
            "name": "main", "image": "registry.example/other:1",
            "env": .array(
              (0..<20).map {
                ["name": .string("SETTING_\($0)"), "value": .string("value \($0) of pod \(i)")]
              }),
            "resources": [
              "requests": ["cpu": "250m", "memory": "256Mi"], "limits": ["cpu": "1", "memory": "1Gi"],
            ],
          ]
        ],
        "tolerations": [
          ["key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"]
        ],
      ],
      "status": [
        "phase": "Running", "podIP": "10.0.0.7", "conditions": [["type": "Ready", "status": "True"]],
        "containerStatuses": [
          ["name": "main", "ready": true, "state": ["running": ["startedAt": "2026-11-22T08:00:00Z"]]]
        ],
      ],
    ]
  }

  private static let managed: JSONValue = [
    [
      "manager": "kubelet", "operation": "Update",
      "fieldsV1": .object(
        Dictionary(
          uniqueKeysWithValues: (0..<40).map { ("f:field-\($0)", ["f:inner": [:], ".": [:]] as JSONValue) })),
    ]
  ]
}
