import Foundation
import NFVModel
import Testing
import VIMContract
import VIMProtocol

@testable import VIMLibvirt

/// The contract of every back end, on the test driver and on a real hypervisor.
@Suite(.enabled(if: TestHost.isThere, "libvirt.so.0 is not there"), .serialized)
struct LibvirtContractTests {
  @Test func `the contract holds on the test driver`() async throws {
    let vim = try await TestHost.connect()
    var options = Contract.Options(nonce: "t")
    options.pause = {}
    // Its state is the connection's: the same one again is all that there is.
    options.reopen = { vim }
    let report = await Contract(vim, options).run()
    #expect(report.broken == [], "\(report.text)")
    #expect(
      [ContractReport.Verdict.kept]
        == Set([report[.create], report[.sameToken], report[.resize]].compactMap { $0 }).map { $0 })
    #expect(try await vim.networkNames() == [])
  }

  @Test func `the contract holds on libvirt's own default test host`() async throws {
    let vim = try await LibvirtVIM.connect("lab", uri: "test:///default")
    var options = Contract.Options(nonce: "d\(UUID().uuidString.prefix(8))")
    options.pause = {}
    options.reopen = { try await LibvirtVIM.connect("lab", uri: "test:///default") }
    let report = await Contract(vim, options).run()
    #expect(report.broken == [], "\(report.text)")
  }
}

/// One after the other with the other tests on the bed: the contract counts what is there.
extension LibvirtLiveTests {
  @Test func `the contract holds on real guests`() async throws {
    let vim = try await LibvirtBed.connect()
    var options = Contract.Options(nonce: "l\(UUID().uuidString.prefix(8))")
    options.image = LibvirtBed.image
    options.memory = 96 << 20
    options.atOnce = 4
    options.reopen = { try await LibvirtBed.connect() }
    let report = await Contract(vim, options).run()
    #expect(report.broken == [], "\(report.text)")
    #expect(try await vim.networkNames() == [])
  }
}
