import Foundation
import NFVModel
import Testing
import VIMKubernetes
import VIMProtocol
import VIMTransport

/// The real cluster of `.ci/testbeds/kubernetes`, where `PLACET_BED_KUBERNETES` names its kubeconfig.
enum Bed {
  static let path = ProcessInfo.processInfo.environment["PLACET_BED_KUBERNETES"]
  static var isUp: Bool { path != nil }
  static let why: Comment = "no cluster: make testbed-kubernetes brings one up and runs this"

  static func config() throws -> Kubeconfig { try Kubeconfig.load(context: nil, paths: [try #require(path)]) }

  /// The cluster over the network, in a namespace of the test's own.
  static func vim(
    _ namespace: String, over http: (any HTTPExchange)? = nil,
    _ change: (inout KubernetesVIM.Options) -> Void = { _ in }
  ) throws -> KubernetesVIM {
    let config = try config()
    var options = KubernetesVIM.Options()
    options.namespace = namespace
    change(&options)
    return KubernetesVIM(
      "ber", config, over: try http ?? KubernetesVIM.exchange(for: config, vim: "ber"), options: options)
  }

  /// Asks the cluster itself, past the back end.
  static func ask(
    _ method: String, _ path: String, _ body: JSONValue? = nil, type: String = "application/json"
  ) async throws -> (status: Int, body: JSONValue) {
    let config = try config()
    guard case .token(let token) = config.credential else {
      throw VIMError.rejected(.unauthorised, "no token")
    }
    let answer = try await KubernetesVIM.exchange(for: config, vim: "ber").send(
      HTTPRequest(
        method, config.server + path,
        headers: [("Authorization", "Bearer \(token.reveal())"), ("Content-Type", type)],
        body: body?.canonicalBytes ?? []))
    return (answer.status, try JSONValue.parse(answer.body))
  }
}
