import Descriptors
package import NFVModel
package import VIMProtocol

extension KubernetesVIM: ActingVIM {
  /// One pod, applied with its token in one call; asking again finds it. It is the plan's when the scheduler has
  /// bound it to the plan's node; one that it finds no room for is withdrawn.
  package func create(
    _ instance: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    let known = try await learnt()
    try refuseWhatIsNotOffered(instance)
    await gate.enter()
    let result: Result<EffectOutcome, VIMError>
    do throws(VIMError) { result = .success(try await make(instance, token, known)) } catch {
      result = .failure(error)
    }
    await gate.leave()
    if case .failure(.rejected) = result { try? await tidy() }
    return try result.get()
  }

  package func find(_ token: EffectToken) async throws(VIMError) -> EffectOutcome? {
    let digest = KubernetesNames.digest(token.text)
    let pods = try await client.list(
      podsPath,
      query: ["labelSelector=" + KubernetesClient.escaped("\(KubernetesNames.Label.tokenDigest)=\(digest)")],
      limit: options.pageLimit, PodState.wanted)
    for pod in pods where Self.token(of: pod) == token.text && !PodState.isGoing(pod) {
      if let handle = PodState.handle(pod) { return EffectOutcome(handle, undo: .delete(handle)) }
    }
    return nil
  }

  package func delete(
    _ handle: ResourceHandle, spec: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    guard let path = path(of: handle) else { return EffectOutcome(handle, undo: .none) }
    let pod = try await client.getIfPresent(path, PodState.wanted)
    if let pod { try await remove(pod, at: path) }
    try await tidy(networksOf: pod)
    return EffectOutcome(handle, undo: pod == nil ? .none : .create(spec))
  }

  // MARK: Making

  private func make(
    _ instance: PlacedInstance, _ token: EffectToken, _ known: ClusterFacts.Known
  ) async throws(VIMError) -> EffectOutcome {
    let name = KubernetesNames.object(instance.id, token: token.text)
    let (path, handle) = ("\(podsPath)/\(name)", ResourceHandle("\(namespace)/\(name)"))
    try await ensureNamespace()
    if let there = try await client.getIfPresent(path, PodState.wanted) {
      guard Self.token(of: there) == token.text else {
        throw .rejected(.conflict, "vim \(self.name): a pod \(handle) is there, and it is not ours")
      }
      if PodState.isGoing(there) {
        throw .unavailable(
          .conflict, "vim \(self.name): pod \(handle) is still being removed", retryAfter: 1000)
      }
    } else if !instance.mayOverlap {
      try await refuseTwin(of: instance)
    }
    let manifest = try await self.manifest(for: instance)
    for link in manifest.shape.networks where known.hasNetworks {
      try await ensureNetwork(link, for: manifest)
    }
    // What is there already stays as it is, unless somebody else has set it differently.
    _ = try await client.apply(manifest.json(token: token.text), at: path)
    try await settle(handle, at: path, on: instance)
    return EffectOutcome(handle, undo: .delete(handle))
  }

  /// Waits for the scheduler. From here on the pod is there: what fails is either taken back or in doubt.
  private func settle(
    _ handle: ResourceHandle, at path: String, on instance: PlacedInstance
  ) async throws(VIMError) {
    var (waited, pause, crowded) = (0, 25, 0)
    while true {
      let pod: JSONValue?
      do throws(VIMError) { pod = try await client.getIfPresent(path, PodState.wanted) } catch {
        throw .unknownOutcome("pod \(handle) was applied, and then: \(error)")
      }
      guard let pod else {
        throw .unavailable(.conflict, "vim \(name): somebody has removed pod \(handle)", retryAfter: nil)
      }
      if let node = pod.at("spec", "nodeName")?.stringValue, !node.isEmpty {
        guard node != instance.host else { return }
        let trouble = "vim \(name): pod \(handle) landed on \(node) and not on \(instance.host)"
        try await withdraw(pod, at: path, because: .rejected(.conflict, trouble))
      }
      if let verdict = PodState.condition("PodScheduled", of: pod), verdict.status == "False" {
        // Room that is just being given back may come free in a moment.
        if crowded >= options.crowdedPatience {
          try await withdraw(
            pod, at: path,
            because: .rejected(
              .noCapacity(Self.shortage(verdict.message)),
              "vim \(name): the scheduler finds no room on \(instance.host) for \(instance.id): \(verdict.message)"
            ))
        }
        crowded += pause
      }
      if waited >= options.schedulingPatience {
        try await withdraw(
          pod, at: path,
          because: .unavailable(
            .unreachable, "vim \(name): no scheduler has looked at pod \(handle) in \(waited) ms",
            retryAfter: nil))
      }
      await sleep(pause)
      waited += pause
      pause = min(pause * 2, 1000)
    }
  }

  /// Takes a pod back and throws why; in doubt where it cannot be taken back.
  private func withdraw(_ pod: JSONValue, at path: String, because reason: VIMError) async throws(VIMError) {
    do throws(VIMError) { try await remove(pod, at: path) } catch {
      throw .unknownOutcome("\(reason); and it could not be withdrawn: \(error)")
    }
    throw reason
  }

  /// `0/6 nodes are available: 1 Insufficient cpu, 5 node(s) didn't match …`: `cpu`.
  static func shortage(_ message: String) -> String {
    let lacking = message.split(separator: ",").compactMap { part in
      part.firstRange(of: "Insufficient ").map { part[$0.upperBound...].prefix { $0 != " " && $0 != "." } }
    }
    // A resource's name may hold dots, which are not the end of the sentence.
    guard !lacking.isEmpty else { return "node" }
    return Self.words(after: "Insufficient ", in: message).joined(separator: ", ")
  }

  private static func words(after lead: String, in message: String) -> [String] {
    var words: [String] = []
    for range in message.ranges(of: lead) {
      var word = String(message[range.upperBound...].prefix { $0 != "," && $0 != " " })
      if word.hasSuffix(".") { word.removeLast() }
      if !words.contains(word) { words.append(word) }
    }
    return words
  }

  private func refuseTwin(of instance: PlacedInstance) async throws(VIMError) {
    let digest = KubernetesNames.digest(instance.id)
    let twins = try await client.list(
      podsPath,
      query: [
        "labelSelector=" + KubernetesClient.escaped("\(KubernetesNames.Label.instanceDigest)=\(digest)")
      ],
      limit: options.pageLimit, PodState.wanted)
    guard
      let twin = twins.first(where: {
        $0.at("metadata", "annotations", KubernetesNames.Annotation.instance)?.stringValue == instance.id
      })
    else { return }
    throw .rejected(
      .conflict,
      "vim \(name): \(instance.id) is there as pod \(PodState.handle(twin)?.text ?? "?"), and two may not run side by side"
    )
  }

  /// The manifest with the resource that stands for virtual functions on its host.
  func manifest(for instance: PlacedInstance) async throws(VIMError) -> PodManifest {
    let manifest = PodManifest(instance, manifestOptions)
    guard manifest.shape.virtualFunctions > 0, options.virtualFunctions == nil else { return manifest }
    let node = try await self.node(instance.host)
    let offers = node.allocatable.filter { NodeOffer.isVirtualFunctions($0.key) }
      .sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
    guard let offer = offers.first else {
      throw .rejected(
        .noCapacity("vfs"),
        "vim \(name): node \(instance.host) offers no virtual functions, \(instance.id) needs \(manifest.shape.virtualFunctions)"
      )
    }
    var options = manifestOptions
    options.virtualFunctions = offer.key
    return PodManifest(instance, options)
  }

  func node(_ host: String) async throws(VIMError) -> NodeReading {
    let found = try await client.getIfPresent(
      "/api/v1/nodes/\(KubernetesClient.escaped(host))", NodeReading.wanted)
    guard let found, let node = NodeReading(found) else {
      throw .rejected(.invalid("host"), "vim \(name) has no node \(host)")
    }
    return node
  }

  private func refuseWhatIsNotOffered(_ instance: PlacedInstance) throws(VIMError) {
    if let missing = describe().capabilities.missing(for: instance).first {
      throw .rejected(.unsupported, "vim \(name) does not offer \(missing.capability)")
    }
    let manifest = PodManifest(instance, manifestOptions)
    if let kind = manifest.shape.devices.first(where: { manifest.deviceResource($0) == nil }) {
      throw .rejected(.unsupported, "vim \(name) knows no resource for a device of kind \(kind)")
    }
  }

  // MARK: Removing

  /// Asks for it to be removed, and waits until it is; one of the same name that came later is another's.
  private func remove(_ pod: JSONValue, at path: String) async throws(VIMError) {
    let uid = pod.at("metadata", "uid")?.stringValue
    do throws(VIMError) {
      try await client.delete(path, options: uid.map { ["preconditions": ["uid": .string($0)]] } ?? [:])
    } catch {
      switch error {
      case .rejected(.notFound, _): return
      case .rejected(.conflict, _): break
      default: throw error
      }
    }
    var (waited, pause) = (0, 25)
    while true {
      let left: JSONValue?
      do throws(VIMError) { left = try await client.getIfPresent(path, PodState.wanted) } catch {
        throw .unknownOutcome("pod at \(path) is being removed, and then: \(error)")
      }
      guard let left, left.at("metadata", "uid")?.stringValue == uid else { return }
      guard waited < options.deletionPatience else {
        throw .unavailable(
          .conflict, "vim \(name), DELETE \(path): it is still there after \(waited) ms", retryAfter: 5000)
      }
      await sleep(pause)
      waited += pause
      pause = min(pause * 2, 1000)
    }
  }

  static func token(of pod: JSONValue) -> String? {
    pod.at("metadata", "annotations", KubernetesNames.Annotation.token)?.stringValue
  }
}

extension KubernetesVIM: ValidatingVIM {
  /// Refusals that can be known without changing anything; the API server itself tries the pod (`dryRun`) where its
  /// namespace is there.
  package func validate(_ instance: PlacedInstance) async throws(VIMError) -> [String] {
    _ = try await learnt()
    var complaints = describe().capabilities.missing(for: instance).map {
      "vim \(name) does not offer \($0.capability), which rule \($0.rule) asks for"
    }
    do throws(VIMError) {
      try refuseWhatIsNotOffered(instance)
      let node = try await self.node(instance.host)
      if let obstacle = node.obstacle(options.tolerations) {
        complaints.append("vim \(name): node \(instance.host) takes no pods of ours: \(obstacle)")
      }
      let manifest = try await self.manifest(for: instance)
      for (resource, value) in manifest.limits.sorted(by: { $0.key < $1.key }) {
        let want = NodeReading.amounts(.object([resource: value]))[resource] ?? 0
        let most = node.allocatable[resource] ?? 0
        // What a node does not count it does not refuse, but for resources that are not there at all.
        guard node.allocatable[resource] != nil || resource.contains("/") || resource.hasPrefix("hugepages-"),
          want > most
        else { continue }
        complaints.append(
          "vim \(name): node \(instance.host) has \(most) \(resource) in all, \(instance.id) needs \(want)")
      }
      let name = KubernetesNames.object(instance.id, token: "trial")
      _ = try await client.apply(manifest.json(token: "trial"), at: "\(podsPath)/\(name)", isTrial: true)
    } catch {
      switch error {
      // The namespace is made with the first of its pods; an earlier one may still be on its way out.
      case .rejected(.notFound, _), .unavailable(.conflict, _, _): break
      case .rejected(.unsupported, _) where !complaints.isEmpty: break
      case .rejected(_, let text): complaints.append(text)
      default: throw error
      }
    }
    return complaints
  }
}
