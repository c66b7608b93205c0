import FaultProxy
import NFVModel
import Synchronization
import VIMContract
import VIMProtocol
import VIMTransport

@testable import VIMOpenStack

/// A cloud as it is seen through proxies that go wrong by script: one before each service, and the catalogue names
/// the proxies instead of the services.
final class CloudBehindProxies: Sendable {
  /// The same cloud and credential, reached through the proxies.
  let cloud: OpenStackCloud
  private let proxies: [String: FaultProxy]
  private let identity: FaultProxy
  /// Beside the proxies.
  private let direct: OpenStackVIM
  private let isFull = Mutex(false)

  private init(
    _ cloud: OpenStackCloud, _ proxies: [String: FaultProxy], _ identity: FaultProxy, _ direct: OpenStackVIM
  ) {
    (self.cloud, self.proxies, self.identity, self.direct) = (cloud, proxies, identity, direct)
  }

  static func start(before cloud: OpenStackCloud) async throws -> CloudBehindProxies {
    let exchange = try LiveHTTP(tls: cloud.tls)
    let keystone = Keystone(vim: cloud.name, cloud: cloud, exchange: exchange, clock: .system)
    var proxies: [String: FaultProxy] = [:]
    var replacing: [(of: String, with: String)] = []
    for endpoint in try await keystone.grant().endpoints where endpoint.interface == cloud.interface {
      guard Service(rawValue: endpoint.service) != nil, proxies[endpoint.service] == nil else { continue }
      let origin = Self.origin(endpoint.url)
      let proxy = try await FaultProxy.start(
        before: origin, over: exchange, replacing: [(of: origin, with: "PROXY")])
      proxies[endpoint.service] = proxy
      replacing.append((of: origin, with: proxy.url))
    }
    let origin = Self.origin(cloud.identity)
    let identity = try await FaultProxy.start(before: origin, over: exchange, replacing: replacing)
    var behind = cloud
    behind.identity = identity.url + cloud.identity.dropFirst(origin.count)
    behind.tls = TLSOptions()
    return CloudBehindProxies(
      behind, proxies, identity, OpenStackVIM(cloud.name, cloud: cloud, exchange: exchange))
  }

  /// `http://host:port` of `http://host:port/path`.
  private static func origin(_ url: String) -> String {
    url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
  }

  /// What the services were asked through the proxies, as often as they heard it.
  var passedOn: Int {
    (proxies.values + [identity]).reduce(0) { $0 + $1.requests.count(where: \.wasPassedOn) }
  }

  func stop() { for proxy in proxies.values + [identity] { proxy.stop() } }
}

extension CloudBehindProxies: Disturber {
  func arrange(_ trouble: Trouble) async -> Bool {
    let quota =
      #"{"forbidden": {"code": 403, "message": "Quota exceeded for cores: Requested 1, but already used 20 of 20 cores"}}"#
    let fault: FaultRule.Fault
    switch trouble {
    case .lostAnswer: fault = .cutAfter
    case .garbledAnswer: fault = .garbage
    case .lostRequest: fault = .cutBefore
    case .later: fault = .unavailable(retryAfter: Trouble.pause / 1000)
    case .quota: fault = .answer(403, body: quota)
    case .slow: fault = .delay(2000)
    case .partial:
      let body = #"{"NeutronError": {"type": "X", "message": "no subnet today", "detail": ""}}"#
      proxies["network"]?.arm([FaultRule("POST", "*/subnets", gets: .answer(500, body: body))])
      return true
    case .expired:
      // Each service forgets us once.
      for proxy in proxies.values { proxy.arm([FaultRule(gets: .unauthorised)]) }
      return true
    case .garbage:
      proxies["compute"]?.arm([FaultRule("GET", "*/os-hypervisors/detail", gets: .garbage)])
      return true
    // Nova takes a server first, and looks for room afterwards: no single answer says that there is none.
    case .noCapacity: return await fill()
    }
    proxies["compute"]?.arm([FaultRule("POST", "*/servers", gets: fault)])
    return true
  }

  func calm() async {
    for proxy in proxies.values { proxy.calm() }
    if isFull.withLock({ $0 }) { _ = await reserve { _ in 0 } }
  }

  // MARK: No room, for real

  /// Reserves all memory of all hosts in Placement, until calm.
  private func fill() async -> Bool {
    isFull.withLock { $0 = true }
    return await reserve { $0 }
  }

  private func reserve(_ amount: (Int) -> Int) async -> Bool {
    do throws(VIMError) {
      for host in try await Discovery(vim: direct).hosts() {
        let path = "/resource_providers/\(host.provider)/inventories/MEMORY_MB"
        var inventory = try await direct.session.read(.placement, path).objectValue ?? [:]
        guard let total = inventory["total"]?.intValue else { return false }
        let wanted = amount(total)
        if inventory["reserved"]?.intValue == wanted { continue }
        inventory["reserved"] = .int(wanted)
        _ = try await direct.session.ask(.placement, "PUT", path, .object(inventory))
      }
      isFull.withLock { $0 = amount(1) > 0 }
      return true
    } catch {
      return false
    }
  }
}
