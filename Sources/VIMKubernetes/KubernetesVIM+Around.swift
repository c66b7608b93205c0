import Descriptors
import NFVModel
import VIMProtocol

/// What pods need around them: a namespace, and networks for their links. Made with the first that needs it, removed
/// with the last.
extension KubernetesVIM {
  private var namespacePath: String { "/api/v1/namespaces/\(namespace)" }

  private static let ours: JSONValue = [KubernetesNames.Label.owner: .string(KubernetesNames.owner)]

  private static let marks = JSONSelection.Wanted.members([
    "metadata": .members([
      "labels": .each(.all), "name": .all, "deletionTimestamp": .all, "uid": .all, "resourceVersion": .all,
    ]),
    "status": .members(["phase": .all]),
  ])

  private static func isOurs(_ object: JSONValue) -> Bool {
    object.at("metadata", "labels", KubernetesNames.Label.owner)?.stringValue == KubernetesNames.owner
  }

  func ensureNamespace() async throws(VIMError) {
    var waited = 0
    while true {
      guard let there = try await client.getIfPresent(namespacePath, Self.marks) else { break }
      guard PodState.isGoing(there) else { return }
      guard waited < options.schedulingPatience else {
        throw .unavailable(
          .conflict, "vim \(name): namespace \(namespace) is still being removed", retryAfter: 5000)
      }
      await sleep(500)
      waited += 500
    }
    do throws(VIMError) {
      _ = try await client.apply(
        [
          "apiVersion": "v1", "kind": "Namespace",
          "metadata": ["name": .string(namespace), "labels": Self.ours],
        ], at: namespacePath)
    } catch {
      // An answer that was lost: no pod was asked for yet, and a second asking changes nothing.
      if case .unknownOutcome(let text) = error { throw .unavailable(.unreachable, text, retryAfter: nil) }
      throw error
    }
  }

  // MARK: Networks

  private func networkPath(_ link: String) -> String {
    "/apis/k8s.cni.cncf.io/v1/namespaces/\(namespace)/network-attachment-definitions/"
      + KubernetesNames.network(link)
  }

  /// A network for a link: what an operator has put there under its name is left as it is.
  func ensureNetwork(_ link: String, for manifest: PodManifest) async throws(VIMError) {
    let path = networkPath(link)
    if try await client.getIfPresent(path, Self.marks) != nil { return }
    let network = NetworkManifest(link, namespace: namespace, device: manifest.virtualFunctionResource)
    do throws(VIMError) { _ = try await client.apply(network.json, at: path) } catch {
      if case .unknownOutcome(let text) = error { throw .unavailable(.unreachable, text, retryAfter: nil) }
      throw error
    }
  }

  // MARK: Leaving nothing behind

  /// Removes networks that nobody uses any more, and the namespace when it was ours and is empty.
  func tidy(networksOf pod: JSONValue? = nil) async throws(VIMError) {
    let result: VIMError?
    do throws(VIMError) {
      // Mostly there is nothing to do, and nobody has to wait for that.
      guard try await mayTidy(pod) else { return }
      await gate.close()
    } catch { return try forgive(error) }
    do throws(VIMError) {
      try await removeUnusedNetworks(pod)
      try await removeEmptyNamespace()
      result = nil
    } catch { result = error }
    await gate.open()
    if let result { try forgive(result) }
  }

  private func mayTidy(_ pod: JSONValue?) async throws(VIMError) -> Bool {
    if facts.known?.hasNetworks ?? false,
      pod?.at("metadata", "annotations", KubernetesNames.Annotation.links)?.stringValue != nil
    {
      return true
    }
    let pods = try await client.get("\(podsPath)?limit=1", .members(["items": .members([:])]))
    return pods["items"]?.arrayValue?.isEmpty ?? false
  }

  private func forgive(_ error: VIMError) throws(VIMError) {
    switch error {
    // What we may not look at, or are not allowed to remove, stays; the instance itself is gone.
    case .rejected(.unauthorised, _), .rejected(.notFound, _), .rejected(.conflict, _): return
    case .unknownOutcome(let text): throw .unavailable(.unreachable, text, retryAfter: nil)
    default: throw error
    }
  }

  private func removeUnusedNetworks(_ pod: JSONValue?) async throws(VIMError) {
    guard facts.known?.hasNetworks ?? false,
      let links = pod?.at("metadata", "annotations", KubernetesNames.Annotation.links)?.stringValue
    else { return }
    let pods = try await client.list(
      podsPath,
      query: [
        "labelSelector=" + KubernetesClient.escaped("\(KubernetesNames.Label.owner)=\(KubernetesNames.owner)")
      ],
      limit: options.pageLimit, PodState.wanted)
    var used: Set<Substring> = []
    for pod in pods {
      used.formUnion(
        pod.at("metadata", "annotations", KubernetesNames.Annotation.links)?.stringValue?.split(
          separator: " ")
          ?? [])
    }
    for link in links.split(separator: " ") where !used.contains(link) {
      let path = networkPath(String(link))
      guard let network = try await client.getIfPresent(path, Self.marks), Self.isOurs(network) else {
        continue
      }
      try await client.deleteIfPresent(path)
    }
  }

  private func removeEmptyNamespace() async throws(VIMError) {
    guard let space = try await client.getIfPresent(namespacePath, Self.marks), Self.isOurs(space),
      !PodState.isGoing(space), let uid = space.at("metadata", "uid")?.stringValue
    else { return }
    guard try await isEmpty() else { return }
    try await client.deleteIfPresent(namespacePath, options: ["preconditions": ["uid": .string(uid)]])
  }

  /// Whether nothing stands in the namespace that somebody put there: every kind is looked at.
  private func isEmpty() async throws(VIMError) -> Bool {
    let pods = try await client.get("\(podsPath)?limit=1", .members(["items": .members([:])]))
    guard pods["items"]?.arrayValue?.isEmpty ?? false else { return false }
    var prefixes = ["/api/v1"]
    let groups = try await client.get(
      "/apis",
      .members(["groups": .members(["name": .all, "preferredVersion": .members(["groupVersion": .all])])]))
    for group in groups["groups"]?.arrayValue ?? [] {
      guard let name = group["name"]?.stringValue, !Self.transient.contains(name),
        let version = group.at("preferredVersion", "groupVersion")?.stringValue
      else { continue }
      prefixes.append("/apis/\(version)")
    }
    for prefix in prefixes {
      let kinds = try await client.get(
        prefix, .members(["resources": .members(["name": .all, "namespaced": .all, "verbs": .all])]))
      for kind in kinds["resources"]?.arrayValue ?? [] {
        guard let resource = kind["name"]?.stringValue, kind["namespaced"]?.boolValue == true,
          kind["verbs"]?.arrayValue?.contains("list") ?? false, resource != "events"
        else { continue }
        let items = try await client.get(
          "\(prefix)/namespaces/\(namespace)/\(resource)?limit=50",
          .members(["items": .members(["metadata": .members(["name": .all]), "type": .all])]))
        for item in items["items"]?.arrayValue ?? [] where !Self.comesByItself(resource, item) {
          return false
        }
      }
    }
    return true
  }

  /// Groups whose objects nobody keeps: figures and events.
  private static let transient: Set<String> = ["metrics.k8s.io", "custom.metrics.k8s.io", "events.k8s.io"]

  /// What every namespace has from its first moment.
  private static func comesByItself(_ resource: String, _ item: JSONValue) -> Bool {
    let name = item.at("metadata", "name")?.stringValue
    switch resource {
    case "serviceaccounts": return name == "default"
    case "configmaps": return name == "kube-root-ca.crt" || name == "openshift-service-ca.crt"
    case "secrets": return item["type"]?.stringValue == "kubernetes.io/service-account-token"
    default: return false
    }
  }
}

extension KubernetesClient {
  /// What is gone already is as good.
  func deleteIfPresent(_ path: String, options: JSONValue = [:]) async throws(VIMError) {
    do throws(VIMError) { try await delete(path, options: options) } catch {
      if case .rejected(.notFound, _) = error { return }
      throw error
    }
  }
}
