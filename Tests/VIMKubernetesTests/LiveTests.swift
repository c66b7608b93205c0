import Descriptors
import Foundation
import NFVModel
import Synchronization
import Testing
import VIMKubernetes
import VIMProtocol
import VIMTransport

/// Against a real API server, scheduler and controller manager.
@Suite(.enabled(if: Bed.isUp, Bed.why), .serialized) struct LiveTests {
  @Test func `the cluster lets us in and shows its nodes`() async throws {
    let vim = try Bed.vim("t-look")
    try await vim.probe()
    #expect(vim.describe().version.hasPrefix("v1."))
    let hosts = try await vim.inventory().entities.filter { $0.id.kind == "host" }
    let n0 = try #require(hosts.first { $0.id.name == "n0" })
    #expect(n0["cores"] == .int(16))
    #expect(n0["memory"] == .amount("80 GiB"))
  }

  @Test func `pods of other people are seen, and take room`() async throws {
    let vim = try Bed.vim("t-others")
    let made = try await Bed.ask(
      "POST", "/api/v1/namespaces/default/pods",
      [
        "metadata": ["name": "stranger"],
        "spec": [
          "nodeName": "n5",
          "containers": [
            ["name": "main", "image": "x", "resources": ["requests": ["cpu": "2500m", "memory": "1Gi"]]]
          ],
        ],
      ])
    #expect(made.status == 201)
    let handle = ResourceHandle("default/stranger")
    #expect(try await vim.strangers(besides: []).first { $0.handle == handle }?.host == "n5")
    let host = try await vim.inventory().entities.first { $0.id == EntityReference(kind: "host", name: "n5") }
    #expect(host?["cores"] == .int(13) && host?["memory"] == .amount("79 GiB"))
    // What was adopted can be removed.
    _ = try await vim.delete(handle, spec: Sample.small("stranger", on: "n5"), as: EffectToken("s1"))
    #expect(try await vim.observe([handle]).map(\.status) == [.missing])
  }

  @Test(.enabled(if: Kubectl.isThere, "kubectl is not installed"))
  func `what is exported is what kubectl takes`() async throws {
    var instances = [Sample.small("web.front[0]", on: "n1"), Sample.dataPlane("core.upf[0]", on: "n0")]
    instances[1].attributes["vnf.needs"] = .list([.text("containers")])
    let export = KubernetesExport.export(
      Assignment(instances: instances),
      PodManifest.Options(namespace: "t-export", virtualFunctions: "vendor.io/sriov_vf"))
    #expect(export.losses == [])
    _ = try await Bed.ask("POST", "/api/v1/namespaces", ["metadata": ["name": "t-export"]])
    let said = try Kubectl.run(
      ["apply", "--dry-run=server", "--validate=false", "-f", "-"], input: export.text)
    #expect(said.contains("pod/web-front-0-") && said.contains("pod/core-upf-0-"), "\(said)")
    #expect(said.split(separator: "\n").count(where: { $0.hasSuffix("(server dry run)") }) == 5, "\(said)")
    _ = try await Bed.ask("DELETE", "/api/v1/namespaces/t-export")
  }

  @Test func `certificates are verified, and credentials judged`() async throws {
    let config = try Bed.config()
    let stranger = Kubeconfig(
      context: "x", server: config.server, namespace: nil, tls: config.tls,
      credential: .token(Secret("s3cret-wrong")))
    let wrong = await refused {
      try await KubernetesVIM("ber", stranger, over: KubernetesVIM.exchange(for: stranger, vim: "ber"))
        .probe()
    }
    #expect(wrong?.isRejection == true && wrong?.reason == .unauthorised)
    #expect(!"\(wrong.map(String.init(describing:)) ?? "s3cret")".contains("s3cret"))
    let untrusting = Kubeconfig(
      context: "x", server: config.server, namespace: nil, tls: TLSOptions(), credential: config.credential)
    let untrusted = await refused {
      try await KubernetesVIM("ber", untrusting, over: KubernetesVIM.exchange(for: untrusting, vim: "ber"))
        .probe()
    }
    #expect(untrusted?.isRejection == true)
    #expect("\(untrusted.map(String.init(describing:)) ?? "")".contains("certificate is not trusted"))
    let nobody = Kubeconfig(
      context: "x", server: "https://127.0.0.1:1", namespace: nil, tls: config.tls,
      credential: config.credential)
    let unreachable = await refused {
      try await KubernetesVIM("ber", nobody, over: KubernetesVIM.exchange(for: nobody, vim: "ber")).probe()
    }
    #expect(unreachable?.isUnavailable == true && unreachable?.reason == .unreachable)
  }

  @Test func `a data plane has its pages, functions, networks and address, and takes them all with it`()
    async throws
  {
    let vim = try Bed.vim("t-plane")
    let spec = Sample.dataPlane("core.upf[0]", on: "n0")
    #expect(try await vim.validate(spec) == [])
    let made = try await vim.create(spec, as: EffectToken("p1"))
    let pods = try await Bed.ask("GET", "/api/v1/namespaces/t-plane/pods").body["items"]?.arrayValue ?? []
    let pod = try #require(pods.first)
    let container = try #require(pod["spec"]?["containers"]?.arrayValue?.first)
    let wanted: JSONValue = ["cpu": "4", "hugepages-1Gi": "4Gi", "memory": "64Mi", "vendor.io/sriov_vf": "2"]
    #expect(container["resources"]?["requests"] == wanted && container["resources"]?["limits"] == wanted)
    #expect(pod["status"]?["qosClass"] == "Guaranteed")
    #expect(
      pod["metadata"]?["annotations"]?["k8s.v1.cni.cncf.io/networks"]?.stringValue?.contains(
        "\"mac\":\"02:00:00:00:00:01\"") == true)
    let networks = "/apis/k8s.cni.cncf.io/v1/namespaces/t-plane/network-attachment-definitions"
    let there = try await Bed.ask("GET", networks).body["items"]?.arrayValue ?? []
    #expect(there.count == 2)
    #expect(
      there.allSatisfy {
        $0["metadata"]?["annotations"]?["k8s.v1.cni.cncf.io/resourceName"] == "vendor.io/sriov_vf"
      })
    // A second user of one of the links keeps it alive.
    var neighbour = Sample.small("core.smf[0]", on: "n2")
    neighbour.attributes["links"] = .list([.text("core.n6")])
    let second = try await vim.create(neighbour, as: EffectToken("p2"))
    _ = try await vim.delete(made.handle, spec: spec, as: EffectToken("p3"))
    #expect(try await Bed.ask("GET", networks).body["items"]?.arrayValue?.count == 1)
    _ = try await vim.delete(second.handle, spec: neighbour, as: EffectToken("p4"))
    let left = try await Bed.ask("GET", networks)
    #expect(left.body["items"]?.arrayValue?.isEmpty == true)
  }

  @Test func `those that are apart repel each other, but not their own successor`() async throws {
    let vim = try Bed.vim("t-apart")
    var first = Sample.small("web.front[0]", on: "n3")
    var other = Sample.small("web.front[1]", on: "n3")
    first.attributes["apart"] = .text("web.front")
    other.attributes["apart"] = .text("web.front")
    let made = try await vim.create(first, as: EffectToken("a1"))
    let refusal = await refused { _ = try await vim.create(other, as: EffectToken("a2")) }
    #expect(refusal?.isRejection == true && refusal?.reason == .noCapacity("node"))
    #expect("\(refusal.map(String.init(describing:)) ?? "")".contains("anti-affinity"))
    let successor = try await vim.create(first, as: EffectToken("a3"))
    #expect(successor.handle != made.handle)
    _ = try await vim.delete(made.handle, spec: first, as: EffectToken("a4"))
    _ = try await vim.delete(successor.handle, spec: first, as: EffectToken("a5"))
  }

  @Test func `too much is refused by the scheduler, in its own words`() async throws {
    let vim = try Bed.vim("t-much")
    var spec = Sample.small("web.front[0]", on: "n4")
    spec.attributes["vnf.cpu"] = .int(99)
    #expect(
      try await vim.validate(spec).contains("vim ber: node n4 has 16000 cpu in all, web.front[0] needs 99000")
    )
    let refusal = await refused { _ = try await vim.create(spec, as: EffectToken("m1")) }
    #expect(refusal?.reason == .noCapacity("cpu"))
    #expect("\(refusal.map(String.init(describing:)) ?? "")".contains("Insufficient cpu"))
    #expect(try await vim.find(EffectToken("m1")) == nil)
    let space = try await Bed.ask("GET", "/api/v1/namespaces/t-much")
    #expect(space.status == 404 || space.body["metadata"]?["deletionTimestamp"] != nil)
  }

  @Test func `a quota refuses, and a namespace of others stays`() async throws {
    _ = try await Bed.ask("POST", "/api/v1/namespaces", ["metadata": ["name": "t-quota"]])
    _ = try await Bed.ask(
      "POST", "/api/v1/namespaces/t-quota/resourcequotas",
      ["metadata": ["name": "small"], "spec": ["hard": ["requests.cpu": "1"]]])
    // The controller has to have counted before it lets anything in.
    for _ in 0..<12_000 {
      let quota = try await Bed.ask("GET", "/api/v1/namespaces/t-quota/resourcequotas/small").body
      if quota["status"]?["hard"]?["requests.cpu"] != nil { break }
      try await Task.sleep(for: .milliseconds(50))
    }
    let vim = try Bed.vim("t-quota")
    var spec = Sample.small("web.front[0]", on: "n4")
    spec.attributes["vnf.cpu"] = .int(2)
    #expect(try await vim.validate(spec).contains { $0.contains("exceeded quota: small") })
    let refusal = await refused { _ = try await vim.create(spec, as: EffectToken("q1")) }
    #expect(refusal?.isRejection == true && refusal?.reason == .quota)
    let space = try await Bed.ask("GET", "/api/v1/namespaces/t-quota")
    #expect(space.status == 200 && space.body["metadata"]?["deletionTimestamp"] == nil)
    _ = try await Bed.ask("DELETE", "/api/v1/namespaces/t-quota")
  }

  @Test func `what somebody else has changed is a conflict that names them`() async throws {
    let vim = try Bed.vim("t-conflict")
    let (spec, token) = (Sample.small("web.front[0]", on: "n5"), EffectToken("c1"))
    let made = try await vim.create(spec, as: token)
    let name = made.handle.text.dropFirst("t-conflict/".count)
    _ = try await Bed.ask(
      "PATCH", "/api/v1/namespaces/t-conflict/pods/\(name)?fieldManager=intruder",
      ["spec": ["containers": [["name": "main", "image": "registry.example/other:2"]]]],
      type: "application/strategic-merge-patch+json")
    let refusal = await refused { _ = try await vim.create(spec, as: token) }
    #expect(refusal?.reason == .conflict)
    let text = "\(refusal.map(String.init(describing:)) ?? "")"
    #expect(text.contains("intruder") && text.contains(".image"), "\(text)")
    _ = try await vim.delete(made.handle, spec: spec, as: EffectToken("c2"))
  }

  @Test func `an answer that is lost leaves a doubt that looking ends`() async throws {
    let config = try Bed.config()
    let vim = try Bed.vim(
      "t-lost",
      over: LosingAnswers(
        to: "PATCH", on: "/pods/", next: try KubernetesVIM.exchange(for: config, vim: "ber")))
    let (spec, token) = (Sample.small("web.front[0]", on: "n5"), EffectToken("l1"))
    let doubt = await refused { _ = try await vim.create(spec, as: token) }
    #expect(doubt?.isUnknown == true)
    let found = try #require(try await vim.find(token))
    #expect(try await vim.create(spec, as: token) == found)
    _ = try await vim.delete(found.handle, spec: spec, as: EffectToken("l2"))
  }

  @Test func `fifty at a time come and go`() async throws {
    let vim = try Bed.vim("t-fifty")
    let specs = (0..<50).map { Sample.small("web.front[\($0)]", on: "n\($0 % 6)") }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, spec) in specs.enumerated() {
        group.addTask {
          let made = try await vim.create(spec, as: EffectToken("f-\(index)"))
          _ = try await vim.delete(made.handle, spec: spec, as: EffectToken("g-\(index)"))
        }
      }
      try await group.waitForAll()
    }
    let left = try await Bed.ask("GET", "/api/v1/namespaces/t-fifty/pods").body["items"]?.arrayValue
    #expect(left?.isEmpty == true)
    let space = try await Bed.ask("GET", "/api/v1/namespaces/t-fifty")
    #expect(space.status == 404 || space.body["metadata"]?["deletionTimestamp"] != nil)
  }

  @Test func `a namespace in which somebody keeps something stays`() async throws {
    let vim = try Bed.vim("t-kept")
    let spec = Sample.small("web.front[0]", on: "n5")
    let made = try await vim.create(spec, as: EffectToken("k1"))
    _ = try await Bed.ask(
      "POST", "/api/v1/namespaces/t-kept/configmaps", ["metadata": ["name": "notes"], "data": ["a": "b"]])
    _ = try await vim.delete(made.handle, spec: spec, as: EffectToken("k2"))
    let space = try await Bed.ask("GET", "/api/v1/namespaces/t-kept")
    #expect(space.status == 200 && space.body["metadata"]?["deletionTimestamp"] == nil)
    _ = try await Bed.ask("DELETE", "/api/v1/namespaces/t-kept")
  }

  @Test func `the role that the documentation gives is enough, and less is not`() async throws {
    _ = try await Bed.ask("POST", "/api/v1/namespaces", ["metadata": ["name": "t-role"]])
    _ = try await Bed.ask(
      "POST", "/api/v1/namespaces/t-role/serviceaccounts", ["metadata": ["name": "placet"]])
    var token: String?
    for _ in 0..<100 where token == nil {
      let secrets =
        try await Bed.ask("GET", "/api/v1/namespaces/t-role/secrets").body["items"]?.arrayValue ?? []
      let own = secrets.first {
        $0["metadata"]?["annotations"]?["kubernetes.io/service-account.name"] == "placet"
      }
      token = own?["data"]?["token"]?.stringValue
      if token == nil { try await Task.sleep(for: .milliseconds(50)) }
    }
    let encoded = try #require(token)
    let secret = Secret(String(decoding: try #require(Data(base64Encoded: encoded)), as: UTF8.self))
    let config = try Bed.config()
    let limited = Kubeconfig(
      context: "x", server: config.server, namespace: "t-role", tls: config.tls, credential: .token(secret))
    let least = KubernetesVIM("ber", limited, over: try KubernetesVIM.exchange(for: limited, vim: "ber"))
    let refusal = await refused { try await least.probe() }
    #expect(refusal?.isRejection == true && refusal?.reason == .unauthorised)

    for object in try Role.objects(namespace: "t-role") {
      let made = try await Bed.ask(
        "PATCH", object.path + "?fieldManager=test&force=true", object.body,
        type: "application/apply-patch+yaml")
      #expect(made.status < 300, "\(made.body)")
    }
    let spec = Sample.dataPlane("core.upf[0]", on: "n2")
    var granted = false
    for _ in 0..<12_000 where !granted {
      do {
        try await least.probe()
        granted = true
      } catch { try await Task.sleep(for: .milliseconds(50)) }
    }
    try await least.probe()
    _ = try await least.inventory()
    let made = try await least.create(spec, as: EffectToken("r1"))
    #expect(try await least.find(EffectToken("r1")) == made)
    _ = try await least.delete(made.handle, spec: spec, as: EffectToken("r2"))
    for object in try Role.objects(namespace: "t-role") { _ = try await Bed.ask("DELETE", object.path) }
    _ = try await Bed.ask("DELETE", "/api/v1/namespaces/t-role")
  }

  @Test func `an instance is made once for its token, on its node, and leaves nothing behind`() async throws {
    let vim = try Bed.vim("t-once")
    let (spec, token) = (Sample.small("web.front[0]", on: "n1"), EffectToken("r1-1-create-1"))
    #expect(try await vim.validate(spec) == [])
    let made = try await vim.create(spec, as: token)
    let again = try await vim.create(spec, as: token)
    #expect(made == again)
    #expect(try await vim.find(token) == made)
    #expect(try await vim.find(EffectToken("r1-1-create-2")) == nil)
    let pod = try await Bed.ask("GET", "/api/v1/namespaces/t-once/pods")
    let pods = try #require(pod.body["items"]?.arrayValue)
    #expect(pods.count == 1)
    #expect(pods.first?["status"]?["qosClass"] == "Guaranteed")
    #expect(pods.first?["spec"]?["nodeName"] == "n1")
    try await running(vim, made.handle, on: "n1")
    let gone = try await vim.delete(made.handle, spec: spec, as: EffectToken("r1-2-delete-1"))
    #expect(gone.undo == .create(spec))
    let twice = try await vim.delete(made.handle, spec: spec, as: EffectToken("r1-2-delete-1"))
    #expect(twice.undo == .none)
    #expect(try await vim.observe([made.handle]).map(\.status) == [.missing])
    let space = try await Bed.ask("GET", "/api/v1/namespaces/t-once")
    #expect(space.status == 404 || space.body["metadata"]?["deletionTimestamp"] != nil)
  }

  private func running(_ vim: KubernetesVIM, _ handle: ResourceHandle, on host: String) async throws {
    for _ in 0..<6000 {
      let seen = try await vim.observe([handle])
      if seen.first?.status == .running {
        #expect(seen.first?.host == host)
        return
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("\(handle) does not run")
  }
}

/// Carries everything on, and loses the first answer to one kind of request.
final class LosingAnswers: HTTPExchange {
  private let method: String
  private let place: String
  private let next: any HTTPExchange
  private let isDone = Mutex(false)

  init(to method: String, on place: String, next: any HTTPExchange) {
    self.method = method
    self.place = place
    self.next = next
  }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let answer = try await next.send(request)
    guard request.method == method, request.url.contains(place), !request.url.contains("dryRun") else {
      return answer
    }
    let isFirst = isDone.withLock { done in
      defer { done = true }
      return !done
    }
    if isFirst { throw .interrupted("the answer was lost") }
    return answer
  }
}

/// The objects of `docs/backends/kubernetes-role.yaml`.
enum Role {
  static func objects(namespace: String) throws -> [(path: String, body: JSONValue)] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/backends/kubernetes-role.yaml").standardized
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
      .replacing("namespace: placet", with: "namespace: \(namespace)")
    return try text.components(separatedBy: "---\n").compactMap { document in
      guard case .success(let node?) = YAMLNode.compose(name: file.path, bytes: [UInt8](document.utf8)) else {
        return nil
      }
      let body = json(node)
      let kind = try #require(body["kind"]?.stringValue)
      let name = try #require(body["metadata"]?["name"]?.stringValue)
      let plural = "\(kind.lowercased())s"
      let isNamespaced = body["metadata"]?["namespace"] != nil
      return (
        "/apis/rbac.authorization.k8s.io/v1/\(isNamespaced ? "namespaces/\(namespace)/" : "")\(plural)/\(name)",
        body
      )
    }
  }

  private static func json(_ node: YAMLNode) -> JSONValue {
    switch node.form {
    case .scalar(let text, _): .string(text)
    case .list(let items): .array(items.map(json))
    case .map(let fields):
      .object(Dictionary(fields.map { ($0.key, json($0.value)) }, uniquingKeysWith: { first, _ in first }))
    }
  }
}

/// The cluster's own client, where it is installed.
enum Kubectl {
  private static let path = ["/usr/bin/kubectl", "/usr/local/bin/kubectl"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  static var isThere: Bool { path != nil }

  /// All that it prints.
  static func run(_ arguments: [String], input: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(path))
    process.arguments = ["--kubeconfig", try #require(Bed.path)] + arguments
    let (sent, said) = (Pipe(), Pipe())
    process.standardInput = sent
    process.standardOutput = said
    process.standardError = said
    try process.run()
    try sent.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try sent.fileHandleForWriting.close()
    let text = try said.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: text, as: UTF8.self)
  }
}
