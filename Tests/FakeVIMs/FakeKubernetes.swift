import NFVModel
import Synchronization
package import VIMTransport

/// An API server as far as pods without networks want one: what is applied is kept and bound to its node at once.
package final class FakeKubernetes: FakeService {
  /// What a test changes while it runs.
  package struct Behaviour: Sendable {
    package var token: String
    package var version = "v1.27.3"
    /// The scheduler finds no room, whatever the nodes say.
    package var isFull = false
    /// Called with every request, before it is answered.
    package var onRequest: @Sendable () -> Void = {}
  }

  private struct State {
    var behaviour: Behaviour
    var objects: [String: JSONValue] = [:]
    var last = 0
  }

  private let state: Mutex<State>
  private let nodes: [String]

  package init(token: String, nodes: [String] = ["k1", "k2"]) {
    state = Mutex(State(behaviour: Behaviour(token: token)))
    self.nodes = nodes
  }

  package func change(_ body: (inout Behaviour) -> Void) { state.withLock { body(&$0.behaviour) } }

  /// Paths of the pods that are there.
  package var pods: [String] {
    state.withLock { $0.objects.keys.filter { $0.contains("/pods/") }.sorted() }
  }

  /// Takes all pods away, as somebody else would.
  package func losePods() {
    state.withLock { state in state.objects = state.objects.filter { !$0.key.contains("/pods/") } }
  }

  package func answer(
    _ request: HTTPRequest, path: String, query: [(name: String, value: String)], origin: String
  ) -> HTTPResponse {
    state.withLock { $0.behaviour.onRequest }()
    let behaviour = state.withLock { $0.behaviour }
    guard request.header("Authorization") == "Bearer \(behaviour.token)" else {
      return refusal(401, "Unauthorized", "Unauthorized")
    }
    switch (request.method, path) {
    case ("GET", "/version"):
      let parts = behaviour.version.dropFirst().split(separator: ".").map { JSONValue.string(String($0)) }
      return .json(["major": parts[0], "minor": parts[1], "gitVersion": .string(behaviour.version)])
    case ("GET", "/apis"): return .json(["groups": []])
    case ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"):
      return .json(["status": ["allowed": true]], status: 201)
    case ("GET", "/api/v1/nodes"): return list(nodes.map(node))
    case ("GET", _) where path.hasPrefix("/api/v1/nodes/"):
      let name = String(path.dropFirst("/api/v1/nodes/".count))
      return nodes.contains(name) ? .json(node(name)) : refusal(404, "NotFound", "no such node")
    case ("GET", "/api/v1/pods"): return list(objects(under: "/pods/", query))
    case ("GET", _) where path.hasSuffix("/pods"): return list(objects(under: path + "/", query))
    case ("GET", _):
      return object(path).map { HTTPResponse.json($0) } ?? refusal(404, "NotFound", "\(path) not found")
    case ("PATCH", _):
      return apply(request.json, path, isTrial: query.contains { $0.name == "dryRun" }, behaviour.isFull)
    case ("DELETE", _):
      let gone = state.withLock { $0.objects.removeValue(forKey: path) }
      return gone.map { HTTPResponse.json($0) } ?? refusal(404, "NotFound", "\(path) not found")
    default: return refusal(405, "MethodNotAllowed", "\(request.method) \(path)")
    }
  }

  private func object(_ path: String) -> JSONValue? { state.withLock { $0.objects[path] } }

  private func objects(under path: String, _ query: [(name: String, value: String)]) -> [JSONValue] {
    let all = state.withLock { $0.objects }.filter { $0.key.contains(path) }.sorted { $0.key < $1.key }
    guard let wanted = query.first(where: { $0.name == "labelSelector" })?.value.split(separator: "=") else {
      return all.map(\.value)
    }
    return all.map(\.value).filter {
      $0["metadata"]?["labels"]?[String(wanted[0])]?.stringValue == String(wanted[1])
    }
  }

  private func apply(_ given: JSONValue, _ path: String, isTrial: Bool, _ isFull: Bool) -> HTTPResponse {
    state.withLock { state in
      if let there = state.objects[path] { return .json(there) }
      state.last += 1
      var object = given.objectValue ?? [:]
      var metadata = object["metadata"]?.objectValue ?? [:]
      metadata["uid"] = .string("u\(state.last)")
      if path.contains("/pods/") {
        let parts = path.split(separator: "/")
        metadata["namespace"] = .string(String(parts[3]))
        var spec = object["spec"]?.objectValue ?? [:]
        if isFull {
          object["status"] = [
            "phase": "Pending",
            "conditions": [
              [
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                "message": "0/2 nodes are available: 2 Insufficient cpu.",
              ]
            ],
          ]
        } else {
          spec["nodeName"] = .string(Self.target(of: spec) ?? nodes.first ?? "")
          object["status"] = ["phase": "Running"]
        }
        object["spec"] = .object(spec)
      }
      object["metadata"] = .object(metadata)
      if !isTrial { state.objects[path] = .object(object) }
      return .json(.object(object), status: 201)
    }
  }

  /// The node that a pod's affinity names.
  private static func target(of spec: [String: JSONValue]) -> String? {
    if let name = spec["nodeName"]?.stringValue { return name }
    let terms = spec["affinity"]?["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]?[
      "nodeSelectorTerms"]?.arrayValue
    let term = terms?.first
    let match =
      (term?["matchFields"]?.arrayValue ?? []) + (term?["matchExpressions"]?.arrayValue ?? [])
    return match.first {
      ["metadata.name", "kubernetes.io/hostname"].contains($0["key"]?.stringValue ?? "")
    }?[
      "values"]?.arrayValue?.first?.stringValue
  }

  private func node(_ name: String) -> JSONValue {
    let amounts: JSONValue = ["cpu": "8", "memory": "16Gi", "pods": "110"]
    return [
      "metadata": ["name": .string(name), "labels": ["kubernetes.io/hostname": .string(name)]],
      "spec": [:],
      "status": [
        "capacity": amounts, "allocatable": amounts, "conditions": [["type": "Ready", "status": "True"]],
      ],
    ]
  }

  private func list(_ items: [JSONValue]) -> HTTPResponse {
    .json(["items": .array(items), "metadata": [:]])
  }

  private func refusal(_ status: Int, _ reason: String, _ message: String) -> HTTPResponse {
    .json(
      [
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": .string(reason),
        "message": .string(message), "code": .int(status), "details": [:],
      ], status: status)
  }
}
