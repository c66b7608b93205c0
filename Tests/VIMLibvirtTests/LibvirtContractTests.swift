import Dispatch
import Foundation
import NFVModel
import Synchronization
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

  @Test func `two that place on one host at the same moment never give one CPU twice`() async throws {
    let uri = "test:///default"
    let rival = try await LibvirtVIM.connect("lab", uri: uri)
    func pinned(_ id: String) async throws -> PlacedInstance {
      try await TestHost.machine(
        id, on: rival, cells: [0], memory: 64 << 20, ["vnf.cpu": .int(1), "vnf.cpus": .text("dedicated")])
    }
    let (first, second) = (try await pinned("race[0]"), try await pinned("race[1]"))
    let run = UUID().uuidString
    // Between the choice of one and its definition the other chooses and defines: three times, then it lets it be.
    let made = Made()
    var options = LibvirtVIM.Options()
    options.whenChosen = {
      let number = made.outcomes.withLock { $0.count }
      guard number < 3 else { return }
      let done = DispatchSemaphore(value: 0)
      Task {
        if let outcome = try? await rival.create(second, as: EffectToken("\(run)-rival-\(number)")) {
          made.outcomes.withLock { $0.append(outcome) }
        }
        done.signal()
      }
      done.wait()
    }
    let vim = try await LibvirtVIM.connect("lab", uri: uri, options: options)
    let own = try await vim.create(first, as: EffectToken("\(run)-own"))
    let all = made.outcomes.withLock { $0 } + [own]
    #expect(all.count == 4)
    var cpus: [Set<Int>] = []
    for outcome in all {
      let record = try await vim.xml(of: outcome.handle).flatMap { DomainRecord($0, state: .running) }
      cpus.append(try #require(record).takenCPUs)
    }
    #expect(cpus.allSatisfy { $0.count == 1 } && Set(cpus).count == 4, "\(cpus)")
    for outcome in all { _ = try await vim.delete(outcome.handle, spec: first, as: EffectToken("d")) }

    // Where every choice is somebody else's too, it says so and leaves nothing.
    options.choices = 2
    made.outcomes.withLock { $0 = [] }
    let unlucky = try await LibvirtVIM.connect("lab", uri: uri, options: options)
    let refused = await refusal { _ = try await unlucky.create(first, as: EffectToken("\(run)-unlucky")) }
    guard case .unavailable(.conflict, let text, _)? = refused else {
      Issue.record("\(String(describing: refused))"); return
    }
    #expect(text.contains("chose the same CPUs 2 times"))
    #expect(try await vim.find(EffectToken("\(run)-unlucky")) == nil)
    for outcome in made.outcomes.withLock({ $0 }) {
      _ = try await vim.delete(outcome.handle, spec: second, as: EffectToken("d"))
    }
  }
}

private final class Made: Sendable {
  let outcomes = Mutex<[EffectOutcome]>([])
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
