import FaultProxy
import Testing
import VIMContract
import VIMProtocol
import VIMTransport

@testable import VIMVSphere

/// The contract of all back ends, on the simulated vCenter behind a proxy that goes wrong. One of the live tests: what
/// others make on its hosts meanwhile would be taken for surplus.
extension LiveTests {
  @Test func `it keeps the contract of every back end`() async throws {
    let address = try #require(Bed.address)
    let proxy = try await FaultProxy.start(
      before: address.hasSuffix("/sdk") ? String(address.dropLast(4)) : address,
      over: try LiveHTTP(tls: Bed.tls))
    defer { proxy.stop() }
    let open: @Sendable () throws -> VSphereVIM = {
      try VSphereVIM(
        "bed", at: proxy.url, user: Bed.environment["VSPHERE_USER"] ?? "placet",
        password: Secret(Bed.environment["VSPHERE_PASSWORD"] ?? "bed-only"), over: try LiveHTTP())
    }
    var options = Contract.Options(nonce: "\(run)")
    options.image = "router"
    options.hosts = ["DC0_C0_H0", "DC0_C0_H1"]
    options.reopen = { try open() }
    options.disturber = Disturbance(proxy: proxy)
    options.pause = { try? await Task.sleep(for: .milliseconds(50)) }
    let report = await Contract(try open(), options).run()
    #expect(report.rows.allSatisfy { $0.verdict == .kept }, Comment(rawValue: report.text))
  }
}

/// The contract's troubles as rules of the proxy. A machine is a clone; what belongs to it are its cluster's rules.
private struct Disturbance: Disturber {
  let proxy: FaultProxy

  func arrange(_ trouble: Trouble) async -> Bool {
    func clone(_ fault: FaultRule.Fault) -> FaultRule {
      FaultRule("POST", body: "<CloneVM_Task ", gets: fault)
    }
    let rule =
      switch trouble {
      case .lostAnswer: clone(.cutAfter)
      case .garbledAnswer: clone(.garbage)
      case .lostRequest: clone(.cutBefore)
      case .later: clone(.unavailable(retryAfter: Trouble.pause / 1000))
      case .quota: clone(Self.fault("QuotaExceeded"))
      case .noCapacity: clone(Self.fault("InsufficientMemoryResourcesFault"))
      case .partial:
        FaultRule("POST", body: "<ReconfigureComputeResource_Task ", gets: Self.fault("NoPermission"))
      case .expired: clone(Self.fault("NotAuthenticated"))
      case .garbage: FaultRule("POST", body: "<RetrievePropertiesEx ", gets: .garbage)
      case .slow: clone(.delay(2000))
      }
    proxy.arm([rule])
    return true
  }

  func calm() async { proxy.calm() }

  private static func fault(_ name: String) -> FaultRule.Fault {
    .answer(
      500, headers: ["Content-Type": "text/xml"],
      body: """
        <?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" \
        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body><e:Fault><faultcode>ServerFaultCode</faultcode>\
        <faultstring>not now</faultstring><detail><\(name)Fault xmlns="urn:vim25" xsi:type="\(name)"/></detail>\
        </e:Fault></e:Body></e:Envelope>
        """)
  }
}
