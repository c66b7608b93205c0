import VIMProtocol

/// How long a task is waited for, and how that time passes.
struct TaskPatience: Sendable {
  /// Milliseconds in all.
  var most = 15 * 60_000
  /// Looks that may go unanswered in a row.
  var failures = 5
  var sleep: @Sendable (_ milliseconds: Int) async throws -> Void = {
    try await Task.sleep(for: .milliseconds($0))
  }
}

/// What a task came to.
enum TaskEnd: Sendable {
  case success(XMLNode?)
  case fault(SOAPFault)
}

extension SOAPSession {
  /// Starts a task and waits for its end. A fault of the start counts as the task's.
  func task(
    _ operation: String, on object: ManagedObject, patience: TaskPatience, followed: TasksFollowed? = nil,
    @XMLText.Sequence _ arguments: @Sendable () -> [XMLText] = { [] }
  ) async throws(VIMError) -> TaskEnd {
    switch try await reply(operation, on: object, isSafe: false, arguments) {
    case .fault(let fault): return .fault(fault)
    case .answer(let node):
      guard let task = ManagedObject(node["returnval"]) else {
        throw .unknownOutcome("vim \(vim), \(operation): the answer names no task")
      }
      await followed?.add(task)
      let end: Result<TaskEnd, VIMError>
      do throws(VIMError) { end = .success(try await wait(for: task, operation, patience)) } catch {
        end = .failure(error)
      }
      // One that cannot be followed any more is in doubt: `find` has to see it.
      await followed?.remove(task)
      return try end.get()
    }
  }

  /// The same where a fault is a failure.
  func perform(
    _ operation: String, on object: ManagedObject, patience: TaskPatience,
    @XMLText.Sequence _ arguments: @Sendable () -> [XMLText] = { [] }
  ) async throws(VIMError) -> XMLNode? {
    switch try await task(operation, on: object, patience: patience, arguments) {
    case .success(let result): return result
    case .fault(let fault): throw fault.error(of: vim, call: operation)
    }
  }

  private func wait(for task: ManagedObject, _ operation: String, _ patience: TaskPatience)
    async throws(VIMError) -> TaskEnd
  {
    var waited = 0
    var pause = 20
    var failures = 0
    while true {
      do throws(VIMError) {
        guard let seen = try await retrieve(task, ["info.state", "info.error", "info.result"]) else {
          throw .unknownOutcome("vim \(vim), \(operation): the server forgot task \(task)")
        }
        failures = 0
        switch seen.text("info.state") {
        case "success": return .success(seen["info.result"])
        case "error":
          return .fault(SOAPFault(taskError: seen["info.error"] ?? XMLNode("error")))
        default: break
        }
      } catch {
        // Nobody says that the task stopped because we cannot see it.
        guard case .unavailable = error, failures < patience.failures else {
          if case .unknownOutcome = error { throw error }
          throw .unknownOutcome("vim \(vim), \(operation): task \(task) cannot be followed: \(error)")
        }
        failures += 1
      }
      guard waited < patience.most else {
        throw .unknownOutcome("vim \(vim), \(operation): task \(task) runs for more than \(patience.most) ms")
      }
      do { try await patience.sleep(pause) } catch {
        throw .unknownOutcome("vim \(vim), \(operation): nobody waits for task \(task) any more")
      }
      waited += pause
      pause = min(pause * 3 / 2, 2_000)
    }
  }
}

/// The tasks that somebody here waits for: their outcome is in no doubt.
actor TasksFollowed {
  private var tasks: Set<ManagedObject> = []

  func add(_ task: ManagedObject) { tasks.insert(task) }
  func remove(_ task: ManagedObject) { tasks.remove(task) }
  func contains(_ task: ManagedObject) -> Bool { tasks.contains(task) }
}
