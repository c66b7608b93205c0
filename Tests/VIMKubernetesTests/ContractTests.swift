import FaultProxy
import Testing
import VIMContract
import VIMKubernetes
import VIMProtocol
import VIMTransport

/// The contract of all back ends, on a real cluster behind a proxy that goes wrong. One of the live tests: what others
/// make on its nodes meanwhile would be taken for surplus.
extension LiveTests {
  @Test func `it keeps the contract of all back ends`() async throws {
    let config = try Bed.config()
    let proxy = try await FaultProxy.start(
      before: config.server, over: try KubernetesVIM.exchange(for: config, vim: "ber"))
    defer { proxy.stop() }
    let behind = Kubeconfig(
      context: "proxy", server: proxy.url, namespace: nil, tls: TLSOptions(), credential: config.credential)
    let open: @Sendable () throws -> KubernetesVIM = {
      var options = KubernetesVIM.Options()
      options.namespace = "t-contract"
      return KubernetesVIM("ber", behind, over: try LiveHTTP(), options: options)
    }
    var options = Contract.Options(nonce: "k8s")
    options.reopen = { try open() }
    options.disturber = Disturbance(proxy: proxy)
    options.hosts = ["n0", "n1", "n2"]
    options.pause = { try? await Task.sleep(for: .milliseconds(50)) }
    let report = await Contract(try open(), options).run()
    #expect(report.isKept, Comment(rawValue: report.text))
    // These cannot be tried here, and nothing else is left untried.
    let untried = Set(
      report.rows.filter { if case .untried = $0.verdict { true } else { false } }.map(\.check))
    #expect(
      untried == [.stopStart, .migrate, .resize, .noCapacity, .partial, .expired],
      Comment(rawValue: report.text))
  }
}

/// The contract's troubles as rules of the proxy. Pods are made whole or not at all, a token does not expire and is
/// renewed by others, and room is the real scheduler's business.
private struct Disturbance: Disturber {
  let proxy: FaultProxy

  func arrange(_ trouble: Trouble) async -> Bool {
    let pods = "/api/v1/namespaces/t-contract/pods/*"
    let quota =
      #"{"kind":"Status","status":"Failure","reason":"Forbidden","code":403,"message":"pods is forbidden: exceeded quota: small"}"#
    switch trouble {
    case .lostAnswer: proxy.arm([FaultRule("PATCH", pods, gets: .cutAfter)])
    case .garbledAnswer: proxy.arm([FaultRule("PATCH", pods, gets: .garbage)])
    case .lostRequest: proxy.arm([FaultRule("PATCH", pods, gets: .cutBefore)])
    case .later: proxy.arm([FaultRule("PATCH", pods, gets: .tooMany(retryAfter: Trouble.pause / 1000))])
    case .quota: proxy.arm([FaultRule("PATCH", pods, gets: .answer(403, body: quota))])
    case .garbage: proxy.arm([FaultRule("GET", "/api/v1/nodes", gets: .garbage)])
    case .slow: proxy.arm([FaultRule("PATCH", pods, gets: .delay(2000))])
    case .noCapacity, .partial, .expired: return false
    }
    return true
  }

  func calm() async { proxy.calm() }
}
