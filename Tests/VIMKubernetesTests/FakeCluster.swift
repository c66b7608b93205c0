import NFVModel
import Synchronization
import Testing
import VIMKubernetes
import VIMProtocol
import VIMTransport

/// An API server that answers as a test says, and keeps what it was asked.
final class FakeCluster: HTTPExchange {
  typealias Answer =
    @Sendable (_ request: HTTPRequest, _ path: String) throws(TransportError) -> HTTPResponse?

  private let asked = Mutex<[HTTPRequest]>([])
  private let answer: Answer

  init(_ answer: @escaping Answer) { self.answer = answer }

  var requests: [HTTPRequest] { asked.withLock { $0 } }
  var calls: [String] { requests.map { "\($0.method) \(Self.path($0))" } }

  static func path(_ request: HTTPRequest) -> String {
    request.url.replacing("https://cluster.test", with: "")
  }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    asked.withLock { $0.append(request) }
    let path = Self.path(request)
    if let said = try answer(request, path) { return said }
    switch path {
    case "/version": return Self.json(["major": "1", "minor": "27+", "gitVersion": "v1.27.3"])
    case "/apis": return Self.json(["groups": []])
    default: return Self.refusal(404, "NotFound", "\(path) not found")
    }
  }

  static func json(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, headers: ["content-type": "application/json"], body: value.canonicalBytes)
  }

  static func text(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, body: [UInt8](text.utf8))
  }

  static func refusal(
    _ status: Int, _ reason: String, _ message: String, causes: [JSONValue] = [], retryAfter: Int? = nil
  ) -> HTTPResponse {
    var details: [String: JSONValue] = ["causes": .array(causes)]
    if let retryAfter { details["retryAfterSeconds"] = .int(retryAfter) }
    return json(
      [
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": .string(reason),
        "message": .string(message), "code": .int(status), "details": .object(details),
      ], status: status)
  }

  static func config(_ credential: Kubeconfig.Credential = .token(Secret("s3cret-token"))) -> Kubeconfig {
    Kubeconfig(
      context: "test", server: "https://cluster.test", namespace: nil, tls: TLSOptions(),
      credential: credential)
  }

  func vim(_ change: (inout KubernetesVIM.Options) -> Void = { _ in }) -> KubernetesVIM {
    var options = KubernetesVIM.Options()
    change(&options)
    return KubernetesVIM(
      "ber", Self.config(), over: self, options: options, sleep: { _ in }, now: { "2026-11-22T14:00:00Z" })
  }

  /// A pod as the server gives it back.
  static func pod(
    _ name: String, token: String, on node: String? = nil, phase: String = "Pending", uid: String = "u1",
    more: [String: JSONValue] = [:]
  ) -> JSONValue {
    var spec: [String: JSONValue] = [:]
    if let node { spec["nodeName"] = .string(node) }
    var status: [String: JSONValue] = ["phase": .string(phase)]
    status.merge(more) { _, new in new }
    return [
      "metadata": [
        "name": .string(name), "namespace": "placet", "uid": .string(uid),
        "annotations": ["placet.dev/token": .string(token)],
      ], "spec": .object(spec), "status": .object(status),
    ]
  }
}

/// The error of a call that has to fail.
func refused(_ call: () async throws -> Void, _ location: SourceLocation = #_sourceLocation) async
  -> VIMError?
{
  do {
    try await call()
    Issue.record("it went well", sourceLocation: location)
  } catch let error as VIMError {
    return error
  } catch {
    Issue.record("\(error)", sourceLocation: location)
  }
  return nil
}

extension VIMError {
  var reason: Reason? {
    switch self {
    case .rejected(let reason, _), .unavailable(let reason, _, _): reason
    case .unknownOutcome: nil
    }
  }

  var isRejection: Bool { if case .rejected = self { true } else { false } }
  var isUnavailable: Bool { if case .unavailable = self { true } else { false } }
  var isUnknown: Bool { if case .unknownOutcome = self { true } else { false } }
}
