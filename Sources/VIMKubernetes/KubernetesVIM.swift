package import Descriptors
import Foundation
import NFVModel
import Synchronization
package import VIMProtocol
package import VIMTransport

/// A Kubernetes cluster: its nodes are hosts, an instance is a pod that is pinned to its node.
///
/// One context of a kubeconfig and one namespace. Pods are applied server-side under the manager `placet`, named
/// after their effect, and marked with its token in the same call, so that asking again changes nothing.
package struct KubernetesVIM: Sendable {
  package struct Options: Sendable {
    /// Nil takes the context's, else `placet`.
    package var namespace: String?
    /// The policy's site that the cluster belongs to: its zones lie in it. Nil takes the nodes' region.
    package var site: String?
    package var tolerations: [Toleration] = []
    /// The extended resource that stands for a virtual function; nil takes what the node offers under such a name.
    package var virtualFunctions: String?
    /// Extended resources by kind of device.
    package var devices: [String: String] = [:]
    package var placeholderImage = "registry.k8s.io/pause:3.9"
    package var pageLimit = 500
    /// Milliseconds: for the scheduler to place, to go on trying where it found no room, and for a pod to be gone.
    package var schedulingPatience = 30_000
    package var crowdedPatience = 3_000
    package var deletionPatience = 90_000

    package init() {}
  }

  package let name: String
  let client: KubernetesClient
  let options: Options
  let namespace: String
  let sleep: @Sendable (_ milliseconds: Int) async -> Void
  let now: @Sendable () -> String
  let facts = ClusterFacts()
  let gate = NamespaceGate()

  /// - Parameters:
  ///   - http: carries the requests; see `exchange(for:)`.
  ///   - sleep: how it waits between two looks.
  ///   - now: the time in UTC, for the date of an inventory.
  package init(
    _ name: String, _ config: Kubeconfig, over http: any HTTPExchange, options: Options = Options(),
    sleep: @escaping @Sendable (_ milliseconds: Int) async -> Void = {
      try? await Task.sleep(for: .milliseconds($0))
    }, now: @escaping @Sendable () -> String = { Date.now.formatted(.iso8601) }
  ) {
    self.name = name
    self.options = options
    self.sleep = sleep
    self.now = now
    self.namespace = options.namespace ?? config.namespace ?? "placet"
    self.client = KubernetesClient(
      vim: name, server: config.server, credential: config.credential, http: http)
  }

  /// The network, as the kubeconfig has it.
  package static func exchange(for config: Kubeconfig, vim: String) throws(VIMError) -> any HTTPExchange {
    do { return try LiveHTTP(tls: config.tls) } catch {
      throw VIMError(error, of: vim, call: "kubeconfig", isSafe: true)
    }
  }

  /// `kubernetes:CONTEXT`, or the current context where the name is `-`.
  /// - Parameter insecure: somebody said that certificates need not be verified.
  package static func connect(
    _ name: String, context: String?, options: Options = Options(), insecure: Bool = false,
    environment: [String: String]
  ) throws(VIMError) -> KubernetesVIM {
    var config = try Kubeconfig.load(
      context: context == "-" ? nil : context, paths: Kubeconfig.paths(environment: environment))
    if insecure { config.tls.insecure = true }
    return KubernetesVIM(name, config, over: try exchange(for: config, vim: name), options: options)
  }

  var manifestOptions: PodManifest.Options {
    PodManifest.Options(
      namespace: namespace, tolerations: options.tolerations, virtualFunctions: options.virtualFunctions,
      devices: options.devices, placeholderImage: options.placeholderImage,
      hasNetworks: facts.known?.hasNetworks ?? false)
  }

  var podsPath: String { "/api/v1/namespaces/\(namespace)/pods" }
}

/// What has been learnt of the cluster by asking it.
final class ClusterFacts: Sendable {
  struct Known: Sendable, Equatable {
    var version: String
    /// Networks beside the cluster's own (Multus).
    var hasNetworks: Bool
    /// The version of the node topology objects, where there are such.
    var topologyVersion: String?
  }

  private let state = Mutex<Known?>(nil)

  var known: Known? { state.withLock { $0 } }

  func learn(_ facts: Known) { state.withLock { $0 = facts } }
}

extension KubernetesVIM: DescribingVIM {
  package func describe() -> VIMDescription {
    let known = facts.known
    // Pods that are placed and named by us; what only a node's own agents decide (cells, cores) is not promised
    // beyond what a pod can ask for.
    var claims: Set<Capability> = [
      .pinning, .hugepages(2 << 20), .hugepages(1 << 30), .sriov, .passthrough, .hostTargeting,
      .affinity(.host), .capacityVisible,
    ]
    if known?.hasNetworks == true { claims.insert(.fixedMAC) }
    return VIMDescription(
      kind: "kubernetes", version: known?.version ?? "not asked yet", capabilities: Capabilities(claims))
  }

  /// Learns what the cluster is, once.
  func learnt() async throws(VIMError) -> ClusterFacts.Known {
    if let known = facts.known { return known }
    let version = try await client.get("/version")
    guard let major = version["major"]?.stringValue, let text = version["gitVersion"]?.stringValue,
      let minor = version["minor"]?.stringValue.flatMap({ Int($0.prefix { $0.isASCII && $0.isNumber }) })
    else {
      throw .rejected(.unsupported, "vim \(name), GET /version: this does not say that it is Kubernetes")
    }
    guard major == "1", minor >= 18 else {
      throw .rejected(
        .unsupported, "vim \(name): Kubernetes \(text) is too old; server-side apply wants 1.18 or newer")
    }
    let groups = try await client.get(
      "/apis",
      .members(["groups": .members(["name": .all, "preferredVersion": .members(["version": .all])])]))
    var versions: [String: String] = [:]
    for group in groups["groups"]?.arrayValue ?? [] {
      guard let name = group["name"]?.stringValue else { continue }
      versions[name] = group.at("preferredVersion", "version")?.stringValue
    }
    let known = ClusterFacts.Known(
      version: text, hasNetworks: versions["k8s.cni.cncf.io"] == "v1",
      topologyVersion: versions["topology.node.k8s.io"])
    facts.learn(known)
    return known
  }
}
