import Descriptors
package import NFVModel
package import VIMProtocol

extension KubernetesVIM {
  /// Nodes that pods of ours may run on, with what nobody else has asked for.
  ///
  /// `cores` are CPUs as Kubernetes counts them, whole ones. `memory` is what instances may have of either kind,
  /// ordinary and on large pages. Cells are there where the node tells them (`NodeResourceTopology`), or Node Feature
  /// Discovery has found a single one; pages, cards and devices lie in cells, so they are hidden where cells are.
  package func inventory() async throws(VIMError) -> Inventory.Part {
    let known = try await learnt()
    async let nodeList = outcome { () throws(VIMError) in
      try await client.list("/api/v1/nodes", limit: options.pageLimit, NodeReading.wanted)
        .compactMap(NodeReading.init)
    }
    async let podList = outcome { () throws(VIMError) in
      try await client.list(
        "/api/v1/pods",
        query: [
          "fieldSelector="
            + KubernetesClient.escaped("spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed")
        ],
        limit: options.pageLimit, PodReading.wanted
      ).compactMap(PodReading.init)
    }
    async let cellList = outcome { () throws(VIMError) in try await cellsByNode(known) }
    let (nodes, pods, cells) = await (nodeList, podList, cellList)

    var taken: [String: Taken] = [:]
    for pod in try pods.get() { taken[pod.node, default: Taken()].add(pod) }
    let topologies = try cells.get()
    var entities: [Entity] = []
    var zones: Set<EntityReference> = []
    var seen: Set<String> = []
    for node in try nodes.get() where node.obstacle(options.tolerations) == nil {
      guard seen.insert(node.name).inserted else { continue }
      let offer = NodeOffer(
        vim: name, site: options.site, node: node, taken: taken[node.name] ?? Taken(),
        cells: topologies[node.name] ?? [])
      entities += offer.entities
      if let zone = offer.zone, zones.insert(zone.id).inserted { entities.append(zone) }
    }
    return Inventory.Part(source: "vim \(name)", date: now(), entities: entities)
  }

  private func cellsByNode(_ known: ClusterFacts.Known) async throws(VIMError) -> [String: [CellReading]] {
    guard let version = known.topologyVersion else { return [:] }
    let list: [JSONValue]
    do throws(VIMError) {
      list = try await client.list(
        "/apis/topology.node.k8s.io/\(version)/noderesourcetopologies", limit: options.pageLimit,
        CellReading.wanted)
    } catch {
      // The kind was there when it was asked for; whoever took it away has hidden the cells.
      if case .rejected(.notFound, _) = error { return [:] }
      throw error
    }
    return Dictionary(list.compactMap(CellReading.read), uniquingKeysWith: { first, _ in first })
  }

  /// A typed throw as a value, which `async let` can carry.
  private func outcome<T: Sendable>(
    _ body: @Sendable () async throws(VIMError) -> T
  ) async -> Result<T, VIMError> {
    do throws(VIMError) { return .success(try await body()) } catch { return .failure(error) }
  }
}

/// What the pods of one node take.
struct Taken: Sendable {
  /// By those that are not ours.
  var byOthers: [String: Int] = [:]
  /// By ours, of each cell that they were planned on.
  var byUs: [Int: [String: Int]] = [:]

  mutating func add(_ pod: PodReading) {
    guard pod.isOurs else {
      byOthers.merge(pod.requests, uniquingKeysWith: +)
      return
    }
    for (index, cell) in pod.cells.enumerated() {
      // What does not divide goes to the first.
      let share = pod.requests.mapValues { $0 / pod.cells.count + (index == 0 ? $0 % pod.cells.count : 0) }
      byUs[cell, default: [:]].merge(share, uniquingKeysWith: +)
    }
  }
}
