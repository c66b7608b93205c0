import NFVModel
import Planning
import VIMProtocol

/// One effect through the journal: intent, asking, answer.
extension ActionRunner {
  /// Does an effect, or finds that it was done. A resource made in part is removed and made again, with a
  /// new token, as often as the retry policy says.
  func effect(_ effect: Effect, step: String) async throws -> Step {
    var entry = try store.lastEntry(run: run, action: action.id, step: step)
    while true {
      if let known = entry, !known.isInDoubt {
        guard let answer = known.answer else { return .failed(known.refusal ?? "refused") }
        guard answer.isPartial else { return .done(answer.handle) }
        let made = "made in part, without \(answer.missing.joined(separator: ", "))"
        if let trouble = try await clean(known, answer) { return .failed("\(made); \(trouble)") }
        guard known.attempt < options.retry.attempts else { return .failed(made) }
        try await pause(after: known.attempt, atLeast: nil, made)
        entry = nil
        entry = try await ask(try intend(effect, step, attempt: known.attempt + 1), isDoubtful: false)
      } else if let doubtful = entry {
        entry = try await ask(doubtful, isDoubtful: true)
      } else {
        entry = try await ask(try intend(effect, step, attempt: 1), isDoubtful: false)
      }
      if let entry, entry.isInDoubt {
        return .failed(
          "vim \(effect.vim) does not say what became of the \(effect.verb); run again to find out")
      }
    }
  }

  private func intend(_ effect: Effect, _ step: String, attempt: Int) throws -> JournalEntry {
    try Task.checkCancellation()
    try options.boundary(.intending)
    return try store.intend(
      effect, run: run, action: action.id, step: step, attempt: attempt, now: options.clock.now())
  }

  /// Removes what an attempt made in part; why that did not work, if it did not.
  private func clean(_ entry: JournalEntry, _ answer: EffectOutcome) async throws -> String? {
    guard case .create(let spec) = entry.effect else { return nil }
    let part = RecordedResource(spec, handle: answer.handle)
    guard
      case .failed(let why) = try await effect(.delete(part), step: "\(entry.step)-clean-\(entry.attempt)")
    else {
      return nil
    }
    return "and it could not be removed: \(why)"
  }

  /// What one asking came to.
  private enum Answer {
    case outcome(EffectOutcome)
    case refused(String)
    /// Ask again, not before so many milliseconds; doubtful says: read first.
    case later(Int?, String, isDoubtful: Bool)
  }

  /// Asks until there is an answer or patience ends. The entry comes back answered, refused or, when
  /// nobody can say, in doubt.
  private func ask(_ entry: JournalEntry, isDoubtful: Bool) async throws -> JournalEntry {
    var entry = entry
    var isDoubtful = isDoubtful
    var failures = 0
    while true {
      try Task.checkCancellation()
      switch try await askOnce(entry, isDoubtful: isDoubtful) {
      case .outcome(let outcome):
        try options.boundary(.effected)
        try store.answer(entry, outcome, now: options.clock.now())
        try options.boundary(.answered)
        entry.answer = outcome
        return entry
      case .refused(let why):
        try refuse(&entry, why)
        return entry
      case .later(let wanted, let why, let doubtful):
        failures += 1
        isDoubtful = doubtful
        if failures >= options.retry.attempts {
          if !doubtful { try refuse(&entry, why) }
          return entry
        }
        try await pause(after: failures, atLeast: wanted, why, vim: entry.effect.vim)
      }
    }
  }

  /// Where the VIM said how long, nobody asks it meanwhile.
  private func pause(after failures: Int, atLeast wanted: Int?, _ why: String, vim: String) async throws {
    guard wanted != nil else { return try await pause(after: failures, atLeast: nil, why) }
    await executor.gate.close(vim)
    do { try await pause(after: failures, atLeast: wanted, why) } catch {
      await executor.gate.open(vim)
      throw error
    }
    await executor.gate.open(vim)
  }

  private func refuse(_ entry: inout JournalEntry, _ why: String) throws {
    try store.refuse(entry, why, now: options.clock.now())
    entry.refusal = why
  }

  /// Reads first when it is doubtful whether the effect happened; asks for it when it did not.
  private func askOnce(_ entry: JournalEntry, isDoubtful: Bool) async throws -> Answer {
    let vim = try executor.vim(entry.effect.vim)
    await executor.gate.pass(vim.name)
    try Task.checkCancellation()
    if isDoubtful {
      do throws(VIMError) {
        if let found = try await vim.find(entry.token) { return .outcome(found) }
      } catch {
        // Whatever the refusal of a reading is, it says nothing about the effect.
        return .later(error.retryAfter, "\(error.naming(vim: vim.name, call: "find"))", isDoubtful: true)
      }
    }
    try options.boundary(.intended)
    do throws(VIMError) {
      return .outcome(try await entry.effect.perform(on: vim, as: entry.token))
    } catch {
      let why = "\(error.naming(vim: vim.name, call: entry.effect.verb))"
      switch error {
      case .rejected: return .refused(why)
      case .unavailable: return .later(error.retryAfter, why, isDoubtful: false)
      case .unknownOutcome: return .later(nil, why, isDoubtful: true)
      }
    }
  }
}

extension VIMError {
  var retryAfter: Int? { if case .unavailable(_, _, let pause) = self { pause } else { nil } }
}
