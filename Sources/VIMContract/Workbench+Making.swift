import NFVModel
import VIMProtocol

/// Checks that make a resource, or look at one that was made.
extension Workbench {
  func create() async throws {
    let spec = try sample("one")
    let token = newToken()
    let outcome = try await make(spec, as: token)
    shared = Shared(spec: spec, token: token, outcome: outcome)
    try expect(!outcome.isPartial, "it was made without \(outcome.missing.joined(separator: ", "))")
    try await expect(outcome.handle, is: .running, after: "create")
    try await expect(outcome.handle, isOn: spec.host)
    try expect(
      outcome.undo == .delete(outcome.handle), "the undo record of a create is to delete what it made")
  }

  func sameToken() async throws {
    let shared = try theShared()
    let again = try await make(shared.spec, as: shared.token)
    try expect(
      again.handle == shared.handle,
      "the second answer names \(again.handle), the first named \(shared.handle)")
    try expect(again.undo == shared.outcome.undo, "the second answer has another undo record")
    try await expectNoNewcomers("after the second asking")
  }

  func find() async throws {
    let shared = try theShared()
    let found = try await patiently { try await vim.find(shared.token) }
    try expect(
      found?.handle == shared.handle, "it made \(shared.handle) and finds \(found?.handle.text ?? "nothing")")
    try expect(found?.undo == shared.outcome.undo, "what it finds has another undo record")
  }

  func afterCrash() async throws {
    guard let reopen = options.reopen else { throw Untried("no new connection can be made here") }
    let shared = try theShared()
    let other = try await reopen()
    let found = try await patiently { try await other.find(shared.token) }
    try expect(
      found?.handle == shared.handle, "it finds \(found?.handle.text ?? "nothing"), not \(shared.handle)")
    let again = try await patiently { try await other.create(shared.spec, as: shared.token) }
    made[again.handle] = shared.spec
    try expect(again.handle == shared.handle, "it makes \(again.handle) again, beside \(shared.handle)")
  }

  func order() async throws {
    let shared = try theShared()
    let (none, nothing) = (ResourceHandle("contract-none-z"), ResourceHandle("contract-none-a"))
    let asked = [none, shared.handle, nothing]
    let seen = try await patiently { try await vim.observe(asked) }
    try expect(
      seen.map(\.handle) == asked, "asked about \(asked.map(\.text)), it speaks of \(seen.map(\.handle.text))"
    )
    try expect(
      seen.map(\.status) == [.missing, .running, .missing], "they are \(seen.map(\.status.rawValue))")
  }

  func strangers() async throws {
    guard let able = vim as? any AdoptingVIM else { throw Untried("it does not look for strangers") }
    let shared = try theShared()
    let unknown: [ObservedResource]
    do { unknown = try await patiently { try await able.strangers(besides: []) } } catch VIMError.rejected(
      .unsupported, let why)
    {
      throw Untried(why)
    }
    try expect(
      unknown.contains { $0.handle == shared.handle },
      "it does not show \(shared.handle) to who knows nothing")
    let others = try await patiently { try await able.strangers(besides: [shared.handle]) }
    try expect(!others.contains { $0.handle == shared.handle }, "it shows \(shared.handle) to who knows it")
  }

  func delete() async throws {
    let shared = try theShared()
    let outcome = try await remove(shared.handle, shared.spec)
    let seen = try await look(shared.handle)
    try expect(seen.status == .missing, "it is \(seen.status.rawValue)")
    guard case .create(let spec) = outcome.undo else {
      throw Breach("there is no undo record that makes it again")
    }
    try expect(
      spec.id == shared.spec.id && spec.host == shared.spec.host, "the undo record makes something else again"
    )
    try await expectNoNewcomers("after the deletion")
  }

  func deleteGone() async throws {
    let spec = try sample("gone")
    let made = try await make(spec, as: newToken())
    let token = newToken()
    let first = try await remove(made.handle, spec, as: token)
    let again = try await remove(made.handle, spec, as: token)
    try expect(again.handle == first.handle, "asked again, it speaks of \(again.handle)")
    let other = try await remove(made.handle, spec)
    try expect(other.handle == made.handle, "another token speaks of \(other.handle)")
    let never = ResourceHandle("contract-\(options.nonce)-never")
    let nothing = try await remove(never, spec)
    if case .create = nothing.undo { throw Breach("it would make again what never was") }
  }

  /// Create, take back, delete, take back.
  func undo() async throws {
    let spec = try sample("undo")
    let first = try await make(spec, as: newToken())
    guard case .delete(let handle) = first.undo else {
      throw Breach("a create is not taken back by a delete")
    }
    let gone = try await remove(handle, spec)
    made[first.handle] = spec
    let seen = try await look(first.handle)
    try expect(seen.status == .missing, "taken back, \(first.handle) is \(seen.status.rawValue)")
    made[first.handle] = nil
    guard case .create(let again) = gone.undo else { throw Breach("a delete is not taken back by a create") }
    let second = try await make(again, as: newToken())
    try await expect(second.handle, is: .running, after: "a delete was taken back")
    try await expect(second.handle, isOn: spec.host)
  }

  func sideBySide() async throws {
    let spec = try sample("two")
    let one = try await make(spec, as: newToken())
    let other = try await make(spec, as: newToken())
    try expect(one.handle != other.handle, "both tokens name \(one.handle)")
    try await expect(one.handle, is: .running, after: "a second of the same instance was made")
    try await expect(other.handle, is: .running, after: "create")
    try await remove(one.handle, spec)
    try await expect(other.handle, is: .running, after: "the first was deleted")
    let seen = try await look(one.handle)
    try expect(seen.status == .missing, "the first, deleted, is \(seen.status.rawValue)")
  }

  func concurrency() async throws {
    let hosts = try hosts()
    var work: [(spec: PlacedInstance, token: EffectToken)] = []
    for number in 0..<options.atOnce {
      work.append((try sample("many\(number)", host: hosts[number % hosts.count]), newToken()))
    }
    let (vim, pause) = (self.vim, options.pause)
    let answers = await withTaskGroup(of: (Int, Result<EffectOutcome, VIMError>).self) { group in
      for (number, job) in work.enumerated() {
        group.addTask { (number, await Self.insist(job.spec, job.token, vim, pause)) }
      }
      var answers: [Int: Result<EffectOutcome, VIMError>] = [:]
      for await (number, answer) in group { answers[number] = answer }
      return answers
    }
    for (number, answer) in answers {
      if case .success(let outcome) = answer { made[outcome.handle] = work[number].spec }
    }
    for (number, answer) in answers.sorted(by: { $0.key < $1.key }) {
      if case .failure(let error) = answer { throw Breach("\(work[number].spec.id): \(error)") }
    }
    try expect(made.count == work.count, "\(work.count) creates made \(made.count) resources")
    for (number, answer) in answers {
      let handle = try answer.get().handle
      try await expect(handle, is: .running, after: "\(work.count) creates at once")
      let found = try await patiently { try await vim.find(work[number].token) }
      try expect(found?.handle == handle, "the token of \(handle) finds \(found?.handle.text ?? "nothing")")
    }
    try await expectNoNewcomers("after \(work.count) creates at once")
  }

  /// Asks for a create until the VIM no longer says "later".
  private static func insist(
    _ spec: PlacedInstance, _ token: EffectToken, _ vim: any VIM, _ pause: @Sendable () async -> Void
  ) async -> Result<EffectOutcome, VIMError> {
    var last = VIMError.unknownOutcome("it was never asked")
    for _ in 0..<20 {
      do throws(VIMError) { return .success(try await vim.create(spec, as: token)) } catch { last = error }
      guard case .unavailable = last else { return .failure(last) }
      await pause()
    }
    return .failure(last)
  }
}
