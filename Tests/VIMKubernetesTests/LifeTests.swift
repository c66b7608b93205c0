import NFVModel
import Synchronization
import Testing
import VIMKubernetes
import VIMProtocol
import VIMTransport

/// A pod from its creation to its end, with a cluster that does odd things.
@Suite struct LifeTests {
  let spec = Sample.small("web.front[0]", on: "n1")
  let token = EffectToken("r1-1-create-1")

  /// Holds one pod, which the test's scheduler may change at every look.
  private final class OnePod: Sendable {
    let pod = Mutex<JSONValue?>(nil)
    let looks = Mutex(0)

    /// - Parameter look: the pod as it is from the look of this number on.
    func cluster(_ look: @escaping @Sendable (_ pod: JSONValue, _ looks: Int) -> JSONValue) -> FakeCluster {
      FakeCluster { request, path in
        if path == "/api/v1/namespaces/placet" { return FakeCluster.json(["metadata": ["name": "placet"]]) }
        guard path.contains("/pods") else { return nil }
        if path.contains("/pods?") {
          let items = self.pod.withLock { $0.map { [$0] } ?? [] }
          return FakeCluster.json(["items": .array(items)])
        }
        switch request.method {
        case "PATCH":
          guard let sent = try? JSONValue.parse(request.body), let metadata = sent["metadata"]?.objectValue
          else {
            return FakeCluster.refusal(400, "BadRequest", "no pod")
          }
          let made = JSONValue.object([
            "metadata": .object(metadata.merging(["uid": "u1"]) { _, new in new }), "spec": [:],
            "status": ["phase": "Pending"],
          ])
          self.pod.withLock { if $0 == nil { $0 = made } }
          return FakeCluster.json(made, status: 201)
        case "DELETE":
          self.pod.withLock { $0 = nil }
          return FakeCluster.json(["kind": "Status", "status": "Success"])
        default:
          guard let pod = self.pod.withLock({ $0 }) else { return nil }
          let count = self.looks.withLock {
            $0 += 1; return $0
          }
          return FakeCluster.json(look(pod, count))
        }
      }
    }
  }

  private static func with(_ pod: JSONValue, node: String? = nil, status: JSONValue = ["phase": "Pending"])
    -> JSONValue
  {
    var fields = pod.objectValue ?? [:]
    if let node { fields["spec"] = ["nodeName": .string(node)] }
    fields["status"] = status
    return .object(fields)
  }

  private static let crowded: JSONValue = [
    "phase": "Pending",
    "conditions": [
      [
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message":
          "0/6 nodes are available: 1 Insufficient cpu, 1 Insufficient vendor.io/sriov_vf, 5 node(s) didn't match node selector.",
      ]
    ],
  ]

  @Test func `one pod is applied, with its token, and asked for again it is found`() async throws {
    let world = OnePod()
    let cluster = world.cluster { pod, looks in looks > 2 ? Self.with(pod, node: "n1") : pod }
    let vim = cluster.vim()
    let made = try await vim.create(spec, as: token)
    #expect(made.undo == .delete(made.handle) && made.missing.isEmpty)
    let sent = try #require(cluster.requests.first { $0.method == "PATCH" })
    #expect(sent.url.hasSuffix("?fieldManager=placet&force=false"))
    #expect(sent.headers.contains { $0.name == "Content-Type" && $0.value == "application/apply-patch+yaml" })
    #expect(try await vim.create(spec, as: token) == made)
    #expect(try await vim.find(token) == made)
    #expect(try await vim.find(EffectToken("another")) == nil)
    #expect(try await vim.delete(made.handle, spec: spec, as: EffectToken("d")).undo == .create(spec))
    #expect(world.pod.withLock { $0 } == nil)
    #expect(try await vim.delete(made.handle, spec: spec, as: EffectToken("d")).undo == .none)
  }

  @Test func `no room is said in the scheduler's words, and the pod is withdrawn`() async {
    let world = OnePod()
    let vim = world.cluster { pod, _ in Self.with(pod, status: Self.crowded) }.vim()
    let error = await refused { _ = try await vim.create(spec, as: token) }
    #expect(error?.isRejection == true && error?.reason == .noCapacity("cpu, vendor.io/sriov_vf"))
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("5 node(s) didn't match node selector"))
    #expect(world.pod.withLock { $0 } == nil)
  }

  @Test func `room that comes free in a moment is waited for`() async throws {
    let world = OnePod()
    let vim = world.cluster { pod, looks in
      looks < 5 ? Self.with(pod, status: Self.crowded) : Self.with(pod, node: "n1")
    }.vim()
    _ = try await vim.create(spec, as: token)
  }

  @Test func `a pod that lands elsewhere is withdrawn`() async {
    let world = OnePod()
    let error = await refused {
      _ = try await world.cluster { pod, _ in Self.with(pod, node: "n9") }.vim().create(spec, as: token)
    }
    #expect(error?.isRejection == true)
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("landed on n9 and not on n1"))
    #expect(world.pod.withLock { $0 } == nil)
  }

  @Test func `a pod that no scheduler looks at is withdrawn, and may be asked for again`() async {
    let world = OnePod()
    let error = await refused { _ = try await world.cluster { pod, _ in pod }.vim().create(spec, as: token) }
    #expect(error?.isUnavailable == true)
    #expect(world.pod.withLock { $0 } == nil)
  }

  @Test func `a pod of that name that is not ours is a conflict, and is left alone`() async {
    let world = OnePod()
    world.pod.withLock { $0 = FakeCluster.pod("x", token: "somebody's") }
    let cluster = world.cluster { pod, _ in pod }
    let error = await refused { _ = try await cluster.vim().create(spec, as: token) }
    #expect(error?.reason == .conflict)
    #expect(!cluster.requests.contains { $0.method == "PATCH" || $0.method == "DELETE" })
  }

  @Test func `two that may not run side by side do not`() async throws {
    let world = OnePod()
    let cluster = world.cluster { pod, _ in Self.with(pod, node: "n1") }
    var fixed = spec
    fixed.mayOverlap = false
    _ = try await cluster.vim().create(fixed, as: token)
    let error = await refused { _ = try await cluster.vim().create(fixed, as: EffectToken("r2-1-create-1")) }
    #expect(error?.reason == .conflict)
  }

  @Test func `a pod that will not go is said to be there still`() async {
    let cluster = FakeCluster { request, path in
      guard path.contains("/pods/") else { return nil }
      return request.method == "GET"
        ? FakeCluster.json(FakeCluster.pod("web", token: "t", on: "n1")) : FakeCluster.json(["kind": "Pod"])
    }
    let error = await refused {
      _ = try await cluster.vim().delete(ResourceHandle("placet/web"), spec: spec, as: EffectToken("d"))
    }
    #expect(error?.isUnavailable == true)
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("still there"))
  }

  @Test func `a deletion names the very pod, so that a later one of its name lives`() async throws {
    let world = OnePod()
    let cluster = world.cluster { pod, _ in Self.with(pod, node: "n1") }
    let vim = cluster.vim()
    let made = try await vim.create(spec, as: token)
    _ = try await vim.delete(made.handle, spec: spec, as: EffectToken("d"))
    let sent = try #require(cluster.requests.first { $0.method == "DELETE" })
    #expect(String(decoding: sent.body, as: UTF8.self).contains("\"preconditions\":{\"uid\":\"u1\"}"))
  }

  static let states: [(JSONValue, ObservedResource.Status)] = [
    (["phase": "Pending"], .changing), (["phase": "Running"], .running),
    (["phase": "Succeeded"], .stopped), (["phase": "Failed", "reason": "OutOfcpu"], .failed),
    ([:], .changing),
    (["phase": "Running", "conditions": [["type": "Ready", "status": "False"]]], .changing),
    (
      ["phase": "Pending", "containerStatuses": [["state": ["waiting": ["reason": "ImagePullBackOff"]]]]],
      .failed
    ),
    (
      ["phase": "Pending", "containerStatuses": [["state": ["waiting": ["reason": "ContainerCreating"]]]]],
      .changing
    ),
    (
      ["phase": "Running", "containerStatuses": [["state": ["waiting": ["reason": "CrashLoopBackOff"]]]]],
      .failed
    ),
    (["phase": 7], .changing),
  ]

  @Test(arguments: states)
  func `a pod's state is read`(_ status: JSONValue, _ wanted: ObservedResource.Status) async throws {
    let cluster = FakeCluster { _, path in
      path.hasSuffix("/pods/web")
        ? FakeCluster.json([
          "metadata": ["name": "web", "namespace": "placet"], "spec": ["nodeName": "n1"], "status": status,
        ]) : nil
    }
    let seen = try await cluster.vim().observe([
      ResourceHandle("placet/web"), ResourceHandle("placet/gone"), ResourceHandle("../../nodes/n1"),
      ResourceHandle("x"),
    ])
    #expect(seen.map(\.status) == [wanted, .missing, .missing, .missing])
    #expect(seen[0].host == "n1")
    #expect(cluster.requests.count == 2)
  }

  @Test func `many are observed with one list`() async throws {
    let cluster = FakeCluster { _, path in
      guard path.contains("/pods?") else { return nil }
      return FakeCluster.json([
        "items": .array(
          (0..<40).map { FakeCluster.pod("p\($0)", token: "t\($0)", on: "n1", phase: "Running") })
      ])
    }
    let seen = try await cluster.vim().observe((0..<50).map { ResourceHandle("placet/p\($0)") })
    #expect(seen.count(where: { $0.status == .running }) == 40)
    #expect(seen.count(where: { $0.status == .missing }) == 10)
    #expect(cluster.requests.count == 1)
  }
}
