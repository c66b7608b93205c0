import Foundation
import NFVModel
import Testing
import VIMContract
import VIMProtocol
import VIMTransport

@testable import VIMOpenStack

/// The contract of all back ends, on a real cloud behind proxies that go wrong; not beside the others, which would be
/// strangers to it.
extension LiveTests {
  @Test func `a real cloud keeps the contract, whatever goes wrong on the way`() async throws {
    let proxies = try await CloudBehindProxies.start(before: try CloudFiles.standard.cloud(bed ?? ""))
    defer { proxies.stop() }
    let open: @Sendable () throws -> OpenStackVIM = {
      OpenStackVIM("bed", cloud: proxies.cloud, exchange: try LiveHTTP())
    }
    var options = Contract.Options(nonce: String(UUID().uuidString.lowercased().prefix(8)))
    options.attributes = ["links": .list([.text("contract.lan")])]
    options.disturber = proxies
    options.reopen = { try open() }
    let started = ContinuousClock.now
    options.observer = { print("\($0.check.rawValue) after \(ContinuousClock.now - started)") }
    let report = await Contract(try open(), options).run()
    print("\(report.text)\(proxies.passedOn) requests reached the cloud")
    #expect(report.isKept, "\(report.text)")
    // Nothing is left untried.
    let untried = report.rows.filter { if case .untried = $0.verdict { true } else { false } }
    #expect(untried.isEmpty, "\(report.text)")
  }
}
