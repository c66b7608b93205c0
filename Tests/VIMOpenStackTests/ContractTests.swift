import Foundation
import NFVModel
import Synchronization
import Testing
import VIMContract
import VIMProtocol
import VIMTransport

@testable import VIMOpenStack

/// Stands between the back end and a cloud, and makes the next call of a kind go wrong.
private final class WireTrouble: HTTPExchange, Disturber {
  private let next: any HTTPExchange
  private let planned = Mutex<Trouble?>(nil)

  init(before next: any HTTPExchange) { self.next = next }

  func arrange(_ trouble: Trouble) async -> Bool {
    // What has no room is tried on the cloud itself, with a machine that is too large.
    guard trouble != .noCapacity else { return false }
    planned.withLock { $0 = trouble }
    return true
  }

  func calm() async { planned.withLock { $0 = nil } }

  /// Which call a kind of trouble is for.
  private static func concerns(_ trouble: Trouble, _ request: HTTPRequest) -> Bool {
    let path = request.url.split(separator: "?")[0]
    switch trouble {
    case .expired: return !path.hasSuffix("/auth/tokens")
    case .garbage: return path.hasSuffix("/os-hypervisors/detail")
    case .partial: return request.method == "POST" && path.hasSuffix("/subnets")
    default: return request.method == "POST" && path.hasSuffix("/servers")
    }
  }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let trouble = planned.withLock { planned -> Trouble? in
      guard let now = planned, Self.concerns(now, request) else { return nil }
      planned = nil
      return now
    }
    var request = request
    switch trouble {
    case .lostRequest: throw .interrupted("cut off before")
    case .later: return HTTPResponse(status: 503, headers: ["retry-after": "1"])
    case .quota:
      return FakeCloud.answer(
        403, ["forbidden": ["code": 403, "message": "Quota exceeded for cores: Requested 1"]])
    case .partial:
      return FakeCloud.answer(500, ["NeutronError": ["type": "X", "message": "no subnet today"]])
    case .expired:
      request.headers = request.headers.map { $0.name == "X-Auth-Token" ? ($0.name, "gone") : $0 }
    case .slow: try? await Task.sleep(for: .seconds(2))
    default: break
    }
    let answer = try await next.send(request)
    switch trouble {
    case .lostAnswer: throw .interrupted("cut off after")
    case .garbledAnswer, .garbage: return HTTPResponse(status: answer.status, body: [UInt8]("{]".utf8))
    default: return answer
    }
  }
}

struct ContractTests {
  private func expectKept(_ report: ContractReport) {
    for row in report.rows {
      if case .broken = row.verdict { Issue.record("\(row.check.rawValue): \(row.verdict)") }
    }
    #expect(report.isKept)
  }

  @Test(.enabled(if: bed != nil, "no OpenStack: PLACET_BED_OPENSTACK is not set"))
  func `a real cloud keeps the contract, whatever goes wrong on the way`() async throws {
    let cloud = try CloudFiles.standard.cloud(bed ?? "")
    let trouble = WireTrouble(before: try LiveHTTP(tls: cloud.tls))
    let vim = OpenStackVIM("bed", cloud: cloud, exchange: trouble)
    var options = Contract.Options(nonce: String(UUID().uuidString.lowercased().prefix(8)))
    options.attributes = ["links": .list([.text("contract.lan")])]
    options.atOnce = 8
    options.disturber = trouble
    options.reopen = { OpenStackVIM("bed", cloud: cloud, exchange: trouble) }
    let report = await Contract(vim, options).run()
    print(report.text)
    expectKept(report)
  }
}
