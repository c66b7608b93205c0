import Foundation
import NFVModel
import Testing
import VIMContract
import VIMPlugin
import VIMProtocol

/// The contract of every back end, through the wire of a plug-in.
@Suite(.enabled(if: FakePlugin.isRunnable, "python3 is not there"), .serialized)
struct PluginContractTests {
  @Test func `the contract holds for a plug-in, to another process of it too`() async throws {
    let fake = FakePlugin()
    let vim = try await fake.connect()
    var options = Contract.Options(nonce: "t")
    options.reopen = { try await fake.connect() }
    options.pause = {}
    let report = await Contract(vim, options).run()
    #expect(report.broken == [], "\(report.text)")
    #expect(try fake.held == 0)
  }

  @Test func `it holds for a plug-in that has no more than it must`() async throws {
    let fake = FakePlugin()
    let vim = try await fake.connect(mode: "bare")
    var options = Contract.Options(nonce: "b")
    options.reopen = { try await fake.connect(mode: "bare") }
    options.pause = {}
    let report = await Contract(vim, options).run()
    #expect(report.broken == [], Comment(rawValue: report.text))
    #expect(report[.create] == .kept && report[.nothingLeft] == .kept)
    for check in [ContractCheck.strangers, .stopStart, .resize] {
      guard case .untried(let why)? = report[check] else { Issue.record("\(check) was tried"); continue }
      #expect(why.contains("has no way to"))
    }
    #expect(try fake.held == 0)
  }
}

/// One after the other with the other tests on the bed: the contract counts what is there.
extension PodmanLiveTests {
  @Test func `the contract holds on real containers`() async throws {
    let bed = PodmanBed()
    let vim = try await bed.connect()
    var options = Contract.Options(nonce: "l\(UUID().uuidString.prefix(8))")
    options.reopen = { try await bed.connect() }
    options.atOnce = 8
    let report = await Contract(vim, options).run()
    #expect(report.broken == [], "\(report.text)")
    #expect(try await bed.names("networks").filter { $0.hasPrefix("placet-") } == [])
  }
}
