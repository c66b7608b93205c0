import NFVModel
import Testing
import VIMKubernetes
import VIMProtocol
import VIMTransport

/// What goes wrong, said as what the caller does next.
@Suite struct RefusalTests {
  let spec = Sample.small("web.front[0]", on: "n1")
  let token = EffectToken("r1-1-create-1")

  /// The answer to the request that makes the pod.
  private func onApply(_ answer: @escaping @Sendable () throws(TransportError) -> HTTPResponse)
    -> KubernetesVIM
  {
    FakeCluster { request, path throws(TransportError) in
      if request.method == "PATCH", path.contains("/pods/") { return try answer() }
      if path == "/api/v1/namespaces/placet" { return FakeCluster.json(["metadata": ["name": "placet"]]) }
      return nil
    }.vim()
  }

  @Test func `a quota is a quota, and forbidden is not`() async {
    let quota = await refused {
      _ = try await onApply {
        FakeCluster.refusal(
          403, "Forbidden",
          "pods \"x\" is forbidden: exceeded quota: small, requested: cpu=1, used: cpu=2, limited: cpu=2")
      }.create(spec, as: token)
    }
    #expect(quota?.isRejection == true && quota?.reason == .quota)
    #expect(
      "\(quota.map(String.init(describing:)) ?? "")".contains(
        "vim ber, PATCH /api/v1/namespaces/placet/pods/web-front-0-"))
    let forbidden = await refused {
      _ = try await onApply {
        FakeCluster.refusal(403, "Forbidden", "pods is forbidden: User \"u\" cannot patch")
      }
      .create(spec, as: token)
    }
    #expect(forbidden?.isRejection == true && forbidden?.reason == .unauthorised)
  }

  @Test func `a conflict names who manages the field, and the field`() async {
    let error = await refused {
      _ = try await onApply {
        FakeCluster.refusal(
          409, "Conflict", "Apply failed with 1 conflict",
          causes: [
            [
              "reason": "FieldManagerConflict", "message": "conflict with \"kubectl-edit\" using v1",
              "field": ".metadata.labels.app",
            ]
          ])
      }.create(spec, as: token)
    }
    #expect(error?.reason == .conflict)
    #expect(
      "\(error.map(String.init(describing:)) ?? "")".contains(
        ".metadata.labels.app (conflict with \"kubectl-edit\" using v1)"))
  }

  @Test func `a field that is not taken is named`() async {
    let error = await refused {
      _ = try await onApply {
        FakeCluster.refusal(
          422, "Invalid", "Pod is invalid",
          causes: [["reason": "FieldValueInvalid", "message": "no", "field": "spec.containers[0].resources"]])
      }.create(spec, as: token)
    }
    #expect(error?.isRejection == true && error?.reason == .invalid("spec.containers[0].resources"))
  }

  @Test func `busy servers are asked again, when they say`() async {
    for status in [429, 503] {
      let error = await refused {
        _ = try await onApply { FakeCluster.refusal(status, "TooManyRequests", "slow down", retryAfter: 7) }
          .create(spec, as: token)
      }
      guard case .unavailable(_, _, retryAfter: 7000) = error else { Issue.record("\(status)"); return }
    }
    let ending = await refused {
      _ = try await onApply {
        FakeCluster.refusal(
          403, "Forbidden", "unable to create new content in namespace placet because it is being terminated",
          causes: [
            [
              "reason": "NamespaceTerminating", "message": "namespace placet is being terminated",
              "field": "metadata.namespace",
            ]
          ])
      }.create(spec, as: token)
    }
    #expect(ending?.isUnavailable == true)
  }

  @Test
  func `an answer that is lost, broken or garbage leaves a creation in doubt and a look to be repeated`()
    async
  {
    let lost = await refused {
      _ = try await onApply { () throws(TransportError) in throw .interrupted("closed") }.create(
        spec, as: token)
    }
    #expect(lost?.isUnknown == true)
    let broken = await refused {
      _ = try await onApply { FakeCluster.refusal(500, "InternalError", "etcdserver: request timed out") }
        .create(spec, as: token)
    }
    #expect(broken?.isUnknown == true)
    for garbage in ["", "<html>", "{\"metadata\":", "{\"a\":\"", "[}", "{\"spec\":{\"x\":[1,2}"] {
      let made = await refused {
        _ = try await onApply { FakeCluster.text(garbage, status: 201) }.create(spec, as: token)
      }
      #expect(made?.isUnknown == true, "\(garbage)")
      let looked = await refused {
        _ = try await FakeCluster { _, _ in FakeCluster.text(garbage) }.vim().inventory()
      }
      #expect(looked?.isUnavailable == true, "\(garbage)")
    }
  }

  @Test func `credentials that the cluster does not know are refused, and shown nowhere`() async {
    let cluster = FakeCluster { _, _ in FakeCluster.refusal(401, "Unauthorized", "Unauthorized") }
    let error = await refused { try await cluster.vim().probe() }
    #expect(error?.isRejection == true && error?.reason == .unauthorised)
    #expect(!"\(error.map(String.init(describing:)) ?? "s3cret")".contains("s3cret"))
    #expect(
      cluster.requests.first?.headers.contains {
        $0.name == "Authorization" && $0.value == "Bearer s3cret-token"
      } == true)
  }

  @Test func `what is too old, or no Kubernetes at all, is unsupported`() async {
    let old = await refused {
      try await FakeCluster { _, path in
        path == "/version" ? FakeCluster.json(["major": "1", "minor": "14", "gitVersion": "v1.14.0"]) : nil
      }.vim().probe()
    }
    #expect(old?.reason == .unsupported)
    let other = await refused {
      try await FakeCluster { _, _ in FakeCluster.json(["hello": "world"]) }.vim().probe()
    }
    #expect(other?.reason == .unsupported)
  }

  @Test func `what our credentials do not allow is listed`() async {
    let error = await refused {
      try await FakeCluster { request, path in
        if path.hasPrefix("/api/v1/nodes") { return FakeCluster.json(["items": []]) }
        guard path.hasSuffix("selfsubjectaccessreviews") else { return nil }
        let mayDo = !String(decoding: request.body, as: UTF8.self).contains("\"verb\":\"delete\"")
        return FakeCluster.json(["status": ["allowed": .bool(mayDo)]], status: 201)
      }.vim().probe()
    }
    #expect(error?.reason == .unauthorised)
    #expect(
      "\(error.map(String.init(describing:)) ?? "")".contains("do not let us delete pods (namespace placet)"))
  }

  @Test func `what it does not offer is refused before anything is asked for`() async {
    var wanting = spec
    wanting.requires = [CapabilityRequirement("liveMigration", rule: "moves")]
    let cluster = FakeCluster { _, _ in nil }
    let error = await refused { _ = try await cluster.vim().create(wanting, as: token) }
    #expect(error?.reason == .unsupported)
    #expect(cluster.requests.allSatisfy { $0.method == "GET" })
  }
}
