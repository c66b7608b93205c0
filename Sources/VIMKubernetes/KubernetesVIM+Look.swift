import Descriptors
package import NFVModel
package import VIMProtocol

extension KubernetesVIM: LookingVIM {
  /// Reached, recent enough, and we may do what we have to.
  package func probe() async throws(VIMError) {
    let known = try await learnt()
    // Knowing it does not say that it still lets us in.
    _ = try await client.get("/api/v1/nodes?limit=1", .members([:]))
    var refused: [String] = []
    for need in Self.needs(networks: known.hasNetworks) {
      for verb in need.verbs {
        var attributes: [String: JSONValue] = [
          "verb": .string(verb), "resource": .string(need.resource), "group": .string(need.group),
        ]
        if need.isNamespaced { attributes["namespace"] = .string(namespace) }
        if try await !client.mayI(.object(attributes)) { refused.append("\(verb) \(need.resource)") }
      }
    }
    guard refused.isEmpty else {
      throw .rejected(
        .unauthorised,
        "vim \(name): our credentials do not let us \(refused.joined(separator: ", ")) (namespace \(namespace))"
      )
    }
  }

  /// What we ask of the cluster, and no more.
  struct Need: Sendable {
    let verbs: [String]
    let resource: String
    var group = ""
    var isNamespaced = false
  }

  static func needs(networks: Bool) -> [Need] {
    var needs = [
      Need(verbs: ["list"], resource: "nodes"), Need(verbs: ["list"], resource: "pods"),
      Need(verbs: ["get", "create", "patch", "delete"], resource: "pods", isNamespaced: true),
    ]
    if networks {
      needs.append(
        Need(
          verbs: ["get", "create", "patch", "delete"], resource: "network-attachment-definitions",
          group: "k8s.cni.cncf.io", isNamespaced: true))
    }
    return needs
  }

  package func observe(_ handles: [ResourceHandle]) async throws(VIMError) -> [ObservedResource] {
    var known: [String: JSONValue] = [:]
    // One list tells of many: what is ours is in our namespace.
    if handles.count > 4 {
      let ours = try await client.list(
        podsPath,
        query: [
          "labelSelector="
            + KubernetesClient.escaped("\(KubernetesNames.Label.owner)=\(KubernetesNames.owner)")
        ],
        limit: options.pageLimit, PodState.wanted)
      for pod in ours { if let handle = PodState.handle(pod) { known[handle.text] = pod } }
    }
    var seen: [ObservedResource] = []
    for handle in handles {
      var pod = known[handle.text]
      if pod == nil, let path = path(of: handle), handles.count <= 4 || !isOurNamespace(handle) {
        pod = try await client.getIfPresent(path, PodState.wanted)
      }
      seen.append(observed(handle, pod))
    }
    return seen
  }

  private func isOurNamespace(_ handle: ResourceHandle) -> Bool { handle.text.hasPrefix("\(namespace)/") }

  private func observed(_ handle: ResourceHandle, _ pod: JSONValue?) -> ObservedResource {
    ObservedResource(
      vim: name, handle: handle, status: pod.map(PodState.status) ?? .missing,
      host: pod?.at("spec", "nodeName")?.stringValue)
  }

  /// `/api/v1/namespaces/placet/pods/vepc-mme-0-…`; nil for a handle that no pod can have.
  func path(of handle: ResourceHandle) -> String? {
    let parts = handle.text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2,
      parts.allSatisfy({ part in
        !part.isEmpty && part.utf8.count <= 253
          && part.utf8.allSatisfy {
            ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D || $0 == 0x2E
          }
      })
    else { return nil }
    return "/api/v1/namespaces/\(parts[0])/pods/\(parts[1])"
  }
}

extension KubernetesVIM: AdoptingVIM {
  /// Pods of all namespaces that we may see, beside the known ones.
  package func strangers(besides known: Set<ResourceHandle>) async throws(VIMError) -> [ObservedResource] {
    try await client.list("/api/v1/pods", limit: options.pageLimit, PodState.wanted).compactMap { pod in
      guard let handle = PodState.handle(pod), !known.contains(handle) else { return nil }
      return observed(handle, pod)
    }
  }
}

/// What a pod's own words say of how it is.
enum PodState {
  static let wanted = JSONSelection.Wanted.members([
    "metadata": .members([
      "name": .all, "namespace": .all, "uid": .all, "deletionTimestamp": .all,
      "labels": .each(.all), "annotations": .each(.all),
    ]),
    "spec": .members(["nodeName": .all]),
    "status": .members([
      "phase": .all, "reason": .all, "message": .all, "conditions": .all,
      "containerStatuses": .members(["state": .all, "ready": .all]),
    ]),
  ])

  static func handle(_ pod: JSONValue) -> ResourceHandle? {
    guard let name = pod.at("metadata", "name")?.stringValue,
      let namespace = pod.at("metadata", "namespace")?.stringValue
    else { return nil }
    return ResourceHandle("\(namespace)/\(name)")
  }

  static func isGoing(_ pod: JSONValue) -> Bool {
    pod.at("metadata", "deletionTimestamp")?.stringValue != nil
  }

  static func status(_ pod: JSONValue) -> ObservedResource.Status {
    if isGoing(pod) { return .changing }
    switch pod.at("status", "phase")?.stringValue {
    case "Succeeded": return .stopped
    case "Failed": return .failed
    case "Running":
      return isStuck(pod) ? .failed : condition("Ready", of: pod)?.status == "False" ? .changing : .running
    default: return isStuck(pod) ? .failed : .changing
    }
  }

  /// A container waits for something that waiting does not bring.
  private static func isStuck(_ pod: JSONValue) -> Bool {
    (pod.at("status", "containerStatuses")?.arrayValue ?? []).contains {
      stuck.contains($0.at("state", "waiting", "reason")?.stringValue ?? "")
    }
  }

  private static let stuck: Set<String> = [
    "CrashLoopBackOff", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError", "RunContainerError",
  ]

  static func condition(_ type: String, of pod: JSONValue) -> (
    status: String, reason: String, message: String
  )? {
    guard
      let found = pod.at("status", "conditions")?.arrayValue?.first(where: { $0["type"]?.stringValue == type }
      )
    else { return nil }
    return (
      found["status"]?.stringValue ?? "", found["reason"]?.stringValue ?? "",
      found["message"]?.stringValue ?? ""
    )
  }
}

extension KubernetesClient {
  /// Whether the cluster would let us, by its own judgement.
  func mayI(_ attributes: JSONValue) async throws(VIMError) -> Bool {
    let review = try await post(
      [
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": ["resourceAttributes": attributes],
      ], at: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
    return review.at("status", "allowed")?.boolValue ?? false
  }
}
