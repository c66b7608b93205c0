import NFVModel
import Testing
import VIMProtocol
import VIMTransport

@testable import VIMVSphere

struct SessionTests {
  func failure(_ body: () async throws(VIMError) -> Void) async -> VIMError? {
    do throws(VIMError) {
      try await body()
      return nil
    } catch { return error }
  }

  @Test func `a wrong password is unauthorised, names the call and never the password`() async throws {
    let fake = FakeVCenter { operation, _, _ in operation == "Login" ? .fault("InvalidLogin") : nil }
    let vim = try fake.vim()
    guard
      case .rejected(.unauthorised, let text) = await failure({ () throws(VIMError) in try await vim.probe() }
      )
    else { Issue.record("it was let in"); return }
    #expect(text.hasPrefix("vim lab, Login: ") && !text.contains("planted-secret"))
  }

  @Test func `a session that is gone is opened once more, and only once`() async throws {
    let fake = FakeVCenter { operation, _, call in
      guard operation == "FindByUuid" else { return nil }
      return call == 1 ? .fault("NotAuthenticated") : .body("")
    }
    let vim = try fake.vim()
    #expect(try await vim.machine(NameUUID("t")) == nil)
    #expect(fake.operations.count { $0 == "Login" } == 2)

    let broken = FakeVCenter { operation, _, _ in
      operation == "FindByUuid" ? .fault("NotAuthenticated") : nil
    }
    let other = try broken.vim()
    let error = await failure { () throws(VIMError) in _ = try await other.machine(NameUUID("t")) }
    guard case .rejected(.unauthorised, _) = error else {
      Issue.record("\(String(describing: error))"); return
    }
    #expect(broken.operations.count { $0 == "Login" } == 2)
  }

  @Test func `many callers open one session, and carry its cookie and the protocol's version`() async throws {
    let fake = FakeVCenter { _, _, _ in nil }
    let vim = try fake.vim()
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<20 { group.addTask { _ = try? await vim.machine(NameUUID("\(number)")) } }
    }
    #expect(fake.operations.count { $0 == "Login" } == 1)
    let headers = fake.headers(of: "FindByUuid")
    #expect(headers.contains { $0.name == "Cookie" && $0.value == "vmware_soap_session=\"s1\"" })
    #expect(headers.contains { $0.name == "SOAPAction" && $0.value == "urn:vim25/6.7" })
  }

  @Test func `garbage is no answer: asked again where nothing changed, in doubt where something may have`()
    async throws
  {
    for garbage in ["", "<html>Bad gateway", "{}", "<a><b></a></b>", "<!DOCTYPE x []><x/>", "<x/>"] {
      let fake = FakeVCenter { operation, _, _ in
        ["FindByUuid", "PowerOnVM_Task"].contains(operation) ? .raw(200, garbage) : nil
      }
      let vim = try fake.vim()
      let reading = await failure { () throws(VIMError) in _ = try await vim.machine(NameUUID("t")) }
      guard case .unavailable = reading else {
        Issue.record("\(garbage): \(String(describing: reading))"); return
      }
      let changing = await failure { () throws(VIMError) in
        try await vim.power(ManagedObject("VirtualMachine", "vm-1"), on: true)
      }
      guard case .unknownOutcome = changing else { Issue.record("\(String(describing: changing))"); return }
    }
  }

  @Test func `what answers and is no vSphere is said to be none`() async throws {
    let fake = FakeVCenter { _, _, _ in .body("") }
    let vim = try fake.vim()
    let error = await failure { () throws(VIMError) in try await vim.probe() }
    guard case .rejected(.unsupported, let text) = error else {
      Issue.record("\(String(describing: error))"); return
    }
    #expect(text.contains("no vSphere"))
  }

  @Test func `an address is a host, with https and without a user`() throws {
    #expect(try VSphereVIM.endpoint("vc.example", of: "v") == "https://vc.example/sdk")
    #expect(try VSphereVIM.endpoint("https://vc.example:8443/", of: "v") == "https://vc.example:8443/sdk")
    #expect(try VSphereVIM.endpoint("https://vc.example/sdk/vim", of: "v") == "https://vc.example/sdk/vim")
    #expect(try VSphereVIM.endpoint("http://127.0.0.1:8989/sdk", of: "v") == "http://127.0.0.1:8989/sdk")
    for wrong in [
      "http://vc.example/sdk", "https://u:p@vc.example", "https://", "http://127.0.0.1.example/sdk",
    ] {
      #expect(throws: VIMError.self) { try VSphereVIM.endpoint(wrong, of: "v") }
    }
  }

  @Test func `who logs in is said by the environment, or it is said that nobody does`() {
    #expect(throws: VIMError.self) { try VSphereVIM.live("v", at: "vc", environment: ["VSPHERE_USER": "u"]) }
  }

  @Test func `long answers come in pages`() async throws {
    let fake = FakeVCenter { operation, _, call in
      func page(_ number: Int, last: Bool) -> FakeVCenter.Answer {
        let objects = (0..<3).map {
          FakeVCenter.object("VirtualMachine", "vm-\(number)\($0)", [("name", "n")])
        }
        return .body("<returnval>\(last ? "" : "<token>t\(number)</token>")\(objects.joined())</returnval>")
      }
      return switch operation {
      case "RetrievePropertiesEx": page(0, last: false)
      case "ContinueRetrievePropertiesEx": page(call, last: call == 3)
      default: nil
      }
    }
    let vim = try fake.vim()
    let found = try await vim.session.retrieve([("VirtualMachine", ["name"])])
    #expect(found.count == 12)
    #expect(
      fake.bodies(of: "ContinueRetrievePropertiesEx").map { $0.contains("<token>t1</token>") } == [
        false, true, false,
      ])
    #expect(fake.operations.last == "DestroyView")
  }
}
