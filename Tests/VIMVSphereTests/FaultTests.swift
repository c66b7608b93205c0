import NFVModel
import Testing
import VIMProtocol
import VIMTransport

@testable import VIMVSphere

struct FaultTests {
  func fault(_ name: String, _ more: String = "") -> VIMError {
    var inner = XMLNode(
      "\(name)Fault", children: more.isEmpty ? [] : [XMLNode("invalidProperty", text: more)])
    inner.schemaType = name
    let body = XMLNode(
      "Body",
      children: [
        XMLNode(
          "Fault",
          children: [XMLNode("faultstring", text: "words"), XMLNode("detail", children: [inner])])
      ])
    return SOAPFault(body: body)?.error(of: "lab", call: "X_Task") ?? .unknownOutcome("no fault")
  }

  @Test(arguments: [
    ("InvalidLogin", VIMError.Reason.unauthorised), ("NoPermission", .unauthorised),
    ("ManagedObjectNotFound", .notFound), ("DuplicateName", .conflict), ("InvalidPowerState", .conflict),
    ("NotSupported", .unsupported), ("NotEnoughLicenses", .quota),
    ("InsufficientMemoryResourcesFault", .noCapacity("memory")),
    ("InsufficientHostCpuCapacityFault", .noCapacity("cores")),
    ("InsufficientFailoverResourcesFault", .noCapacity("host")), ("NoDiskSpace", .noCapacity("storage")),
    ("SomethingNew", .invalid("request")),
  ])
  func `a fault says what the caller does next`(name: String, reason: VIMError.Reason) {
    guard case .rejected(let found, let text) = fault(name) else { Issue.record("\(fault(name))"); return }
    #expect(found == reason)
    #expect(text == "vim lab, X_Task: words (\(name))")
  }

  @Test func `a fault names the field that it dislikes`() {
    #expect(
      fault("InvalidArgument", "spec.memoryMB")
        == .rejected(.invalid("spec.memoryMB"), "vim lab, X_Task: words (InvalidArgument): spec.memoryMB"))
  }

  @Test func `a server that is busy is asked again`() {
    guard case .unavailable(.unreachable, _, nil) = fault("TaskInProgress") else {
      Issue.record("\(fault("TaskInProgress"))")
      return
    }
  }

  // MARK: Tasks

  static let machine = ManagedObject("VirtualMachine", "vm-1")

  static func info(_ state: String, _ more: [(String, String)] = []) -> FakeVCenter.Answer {
    .body("<returnval>\(FakeVCenter.object("Task", "task-1", [("info.state", state)] + more))</returnval>")
  }

  static let started = FakeVCenter.Answer.body("<returnval type=\"Task\">task-1</returnval>")

  @Test func `a task is followed to its end, and its error is the call's`() async throws {
    let fake = FakeVCenter { operation, _, call in
      switch operation {
      case "PowerOnVM_Task": Self.started
      case "RetrievePropertiesEx":
        call < 4
          ? Self.info(call == 1 ? "queued" : "running")
          : Self.info(
            "error",
            [
              (
                "info.error",
                "<fault xsi:type=\"InsufficientCpuResourcesFault\"/><localizedMessage>no room</localizedMessage>"
              )
            ])
      default: nil
      }
    }
    let vim = try fake.vim()
    await #expect(
      throws: VIMError.rejected(
        .noCapacity("cores"), "vim lab, PowerOnVM_Task: no room (InsufficientCpuResourcesFault)")
    ) { try await vim.power(Self.machine, on: true) }
  }

  @Test func `a task that never ends, or that nobody shows any more, is in doubt`() async throws {
    let endless = try FakeVCenter { operation, _, _ in
      operation == "PowerOnVM_Task"
        ? Self.started : operation == "RetrievePropertiesEx" ? Self.info("running") : nil
    }.vim(patience: 100)
    let lost = try FakeVCenter { operation, _, _ in
      operation == "PowerOnVM_Task"
        ? Self.started : operation == "RetrievePropertiesEx" ? .lost(.interrupted("cut")) : nil
    }.vim()
    let cut = try FakeVCenter { operation, _, _ in
      operation == "PowerOnVM_Task" ? .lost(.interrupted("cut")) : nil
    }.vim()
    for vim in [endless, lost, cut] {
      do throws(VIMError) {
        try await vim.power(Self.machine, on: true)
        Issue.record("it is said to be done")
      } catch {
        guard case .unknownOutcome = error else { Issue.record("\(error)"); return }
      }
    }
  }

  @Test func `a look at a task that fails once or twice is tried again`() async throws {
    let fake = FakeVCenter { operation, _, call in
      switch operation {
      case "PowerOnVM_Task": Self.started
      case "RetrievePropertiesEx":
        call < 4 ? .lost(.unreachable("restarting")) : Self.info("success")
      default: nil
      }
    }
    try await fake.vim().power(Self.machine, on: true)
  }

  @Test func `on already is on, and a state that hinders is no success`() async throws {
    for (now, isDone) in [("poweredOn", true), ("suspended", false)] {
      let fake = FakeVCenter { operation, body, _ in
        guard operation != "PowerOnVM_Task" else { return .fault("InvalidPowerState") }
        guard operation == "RetrievePropertiesEx" else { return nil }
        return .body(
          "<returnval>\(FakeVCenter.object("VirtualMachine", "vm-1", [("runtime.powerState", now)]))</returnval>"
        )
      }
      let vim = try fake.vim()
      do throws(VIMError) {
        try await vim.power(Self.machine, on: true)
        #expect(isDone)
      } catch {
        #expect(!isDone, "\(error)")
      }
    }
  }

  // MARK: Doubt

  @Test func `a machine that is being made by somebody keeps a doubt alive`() async throws {
    let fake = FakeVCenter { operation, body, _ in
      guard operation == "RetrievePropertiesEx" else { return nil }
      if body.contains("recentTask") {
        return .body(
          "<returnval>\(FakeVCenter.object("TaskManager", "TaskManager", [("recentTask", "<ManagedObjectReference type=\"Task\">task-1</ManagedObjectReference>")]))</returnval>"
        )
      }
      return Self.info("running", [("info.descriptionId", "VirtualMachine.clone")])
    }
    let vim = try fake.vim()
    do throws(VIMError) {
      _ = try await vim.find(EffectToken("t"))
      Issue.record("nothing is said to have happened")
    } catch {
      guard case .unavailable = error else { Issue.record("\(error)"); return }
    }
  }

  @Test func `what is gone is deleted, and what was never asked for is not found`() async throws {
    let fake = FakeVCenter { _, _, _ in nil }
    let vim = try fake.vim()
    let spec = Sample.plain()
    let outcome = try await vim.delete(ResourceHandle("vm-9"), spec: spec, as: EffectToken("t"))
    #expect(outcome == EffectOutcome(ResourceHandle("vm-9"), undo: .none))
    #expect(try await vim.find(EffectToken("t")) == nil)
    #expect(try await vim.observe([ResourceHandle("vm-9")]).first?.status == .missing)
  }
}
