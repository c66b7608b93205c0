import Foundation
import NFVModel
import Testing
import VIMContract
import VIMProtocol
import VIMSimulated

@Suite struct ContractTests {
  private func untried(_ report: ContractReport) -> [ContractCheck] {
    report.rows.compactMap { if case .untried = $0.verdict { $0.check } else { nil } }
  }

  @Test func `the simulated VIM in memory keeps every promise, in peace and in trouble`() async throws {
    let vim = try simulated()
    let calm = await Contract(vim, quickOptions()).run()
    #expect(calm.broken == [], "\(calm.text)")

    var options = quickOptions(SimulatedTrouble(vim))
    options.nonce = "t2"
    options.reopen = { vim }
    let troubled = await Contract(vim, options).run()
    #expect(troubled.broken == [], "\(troubled.text)")
    #expect(untried(troubled) == [])
    #expect(try await vim.holdings() == [])
  }

  @Test func `the simulated VIM on disk keeps every promise, to another process too`() async throws {
    let directory = NSTemporaryDirectory() + "placet-contract-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let vim = try simulated(storage: .directory(directory))
    var options = quickOptions(SimulatedTrouble(vim))
    options.reopen = { try simulated(storage: .directory(directory)) }

    let report = await Contract(vim, options).run()

    #expect(report.broken == [], "\(report.text)")
    #expect(untried(report) == [])
  }

  @Test func `what a VIM does not declare is not asked of it`() async throws {
    let vim = try simulated(capabilities: Capabilities([.pinning]), hosts: 1)
    let report = await Contract(vim, quickOptions()).run()
    #expect(report.broken == [], "\(report.text)")
    #expect(
      Set(untried(report)).isSuperset(of: [.unknownHost, .tooMuch, .migrate, .afterCrash, .lostAnswer]))
  }

  @Test(arguments: Breakage.allCases)
  func `what breaks a promise is seen by its check`(_ breakage: Breakage) async throws {
    let real = try simulated(
      capabilities: Capabilities(Capabilities.all.claims.subtracting([.nestedVIM])))
    let trouble = SimulatedTrouble(real)
    let vim = BrokenVIM(real: real, trouble: trouble, breakage: breakage)
    var options = quickOptions(trouble)
    options.reopen = { () throws -> any VIM in
      if breakage == .forgetsWhenReopened { return try simulated() }
      return vim
    }

    let report = await Contract(vim, options).run()

    #expect(report.broken.contains(breakage.check), "\(report.text)")
  }

  @Test func `the one that is broken in these ways keeps every promise when it is broken in none`()
    async throws
  {
    let real = try simulated()
    let trouble = SimulatedTrouble(real)
    let vim = BrokenVIM(real: real, trouble: trouble, breakage: nil)
    var options = quickOptions(trouble)
    options.reopen = { vim }
    let report = await Contract(vim, options).run()
    #expect(report.broken == [], "\(report.text)")
  }

  @Test func `every promise has a back end that breaks it`() {
    #expect(Set(Breakage.allCases.map(\.check)) == Set(ContractCheck.allCases))
  }

  @Test func `a report is a table for people and a document for programs`() async throws {
    let report = await Contract(try simulated(hosts: 1), quickOptions()).run()
    #expect(report.text.hasPrefix("vim sto: simulated 1\nkept    describe "))
    #expect(report.text.contains("it has one host only"))
    let json = report.json
    #expect(json["kept"] == true)
    #expect(json["checks"]?.arrayValue?.count == ContractCheck.allCases.count)
    let migrate = json["checks"]?.arrayValue?.first { $0["check"] == "migrate" }
    #expect(migrate?["verdict"] == "untried")
  }
}
