import Dispatch
import Glibc
import NFVModel
import Synchronization

/// One running plug-in: requests go out as lines, answers come back by number, in any order.
///
/// It is over with the first line that is no answer, with the end of the program, and with a request that stays
/// without answer while nothing else is answered either. Whoever waits then learns why.
final class PluginConnection: Sendable {
  private struct Waiting {
    let continuation: CheckedContinuation<Result<JSONValue, PluginFailure>, Never>
    /// How many answers had come when it was asked.
    let answersBefore: Int
  }

  private struct State {
    var lastID = 0
    var answers = 0
    var waiting: [Int: Waiting] = [:]
    /// Numbers whose answers nobody waits for any more.
    var overdue: Set<Int> = []
    var end: String?
  }

  private let child: ChildProcess
  private let shown: @Sendable (String) -> String
  private let later: @Sendable (Int, @escaping @Sendable () -> Void) -> Void
  private let state = Mutex(State())
  private let writing = DispatchQueue(label: "placet.plugin.write")
  private static let longestLine = 256 << 20

  /// - Parameters:
  ///   - log: takes each line that it writes to its standard error, as it is.
  ///   - shown: makes a text of the plug-in's fit for messages: short, without control characters and secrets.
  ///   - later: does something after so many milliseconds: the end of patience with a request.
  init(
    _ child: ChildProcess, log: @escaping @Sendable (String) -> Void,
    shown: @escaping @Sendable (String) -> String,
    later: @escaping @Sendable (Int, @escaping @Sendable () -> Void) -> Void
  ) {
    self.child = child
    self.shown = shown
    self.later = later
    let errors = child.errors
    Self.read(errors, name: "placet.plugin.errors", longest: 65_536) { line in
      if let line { log(String(decoding: line, as: UTF8.self)) } else { _ = Glibc.close(errors) }
      return true
    }
    // Holds itself while it reads: until the program ends.
    Self.read(child.output, name: "placet.plugin.output", longest: Self.longestLine) { self.take($0) }
  }

  /// Why it is over; nil while it is not.
  var end: String? { state.withLock(\.end) }

  /// Asks, and waits for the answer, at most so many milliseconds.
  func ask(_ method: String, _ parameters: JSONValue, within milliseconds: Int) async
    -> Result<JSONValue, PluginFailure>
  {
    await withCheckedContinuation { continuation in
      let id: Int? = state.withLock { state in
        guard state.end == nil else { return nil }
        state.lastID += 1
        state.waiting[state.lastID] = Waiting(continuation: continuation, answersBefore: state.answers)
        return state.lastID
      }
      guard let id else {
        continuation.resume(returning: .failure(.notStarted(end ?? "it ended")))
        return
      }
      let line = pluginRequest(id, method, parameters)
      // A program that does not read must not keep us from noticing: its request is overdue like any other.
      writing.async { [child] in _ = child.write(line) }
      later(milliseconds) { [weak self] in self?.expire(id, milliseconds) }
    }
  }

  /// Closes its standard input, which asks it to end; ends it if it does not.
  func close(within milliseconds: Int) {
    writing.async { [child] in child.closeInput() }
    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [child] in
      child.kill()
    }
  }

  private func expire(_ id: Int, _ milliseconds: Int) {
    let (waiting, isSilent) = state.withLock { state -> (Waiting?, Bool) in
      guard let waiting = state.waiting.removeValue(forKey: id) else { return (nil, false) }
      state.overdue.insert(id)
      return (waiting, state.answers == waiting.answersBefore)
    }
    guard let waiting else { return }
    if isSilent { finish("it said nothing for \(milliseconds) ms, and was ended") }
    waiting.continuation.resume(returning: .failure(.silent(milliseconds: milliseconds)))
  }

  /// A line of its standard output, nil at the end; false stops the reading.
  private func take(_ line: [UInt8]?) -> Bool {
    guard let line else {
      finish(nil)
      return false
    }
    do throws(PluginAnswer.Garbage) {
      let answer = try PluginAnswer(line)
      let (waiting, isKnown) = state.withLock { state -> (Waiting?, Bool) in
        state.answers += 1
        let waiting = state.waiting.removeValue(forKey: answer.id)
        return (waiting, waiting != nil || state.overdue.remove(answer.id) != nil)
      }
      guard isKnown else { throw PluginAnswer.Garbage(what: "an answer to nothing that was asked") }
      waiting?.continuation.resume(returning: answer.result.mapError { .refused($0) })
      return true
    } catch {
      finish("it wrote \(error.what): \(shown(String(decoding: line, as: UTF8.self)))")
      return true
    }
  }

  /// It is over: everyone who waits is told. Without a reason of ours, the program closed its output.
  private func finish(_ reason: String?) {
    if let reason {
      tell(reason)
      child.kill()
      return
    }
    tell(child.wait())
    _ = Glibc.close(child.output)
    writing.async { [child] in child.closeInput() }
  }

  private func tell(_ reason: String) {
    let waiting = state.withLock { state -> [Waiting] in
      if state.end == nil { state.end = reason }
      defer { state.waiting = [:] }
      return state.waiting.sorted { $0.key < $1.key }.map(\.value)
    }
    for one in waiting { one.continuation.resume(returning: .failure(.broken(reason))) }
  }

  /// Reads lines on a thread of its own until the end or until nobody wants more.
  private static func read(
    _ descriptor: CInt, name: String, longest: Int, _ body: @escaping @Sendable ([UInt8]?) -> Bool
  ) {
    DispatchQueue(label: name).async {
      var line: [UInt8] = []
      while let bytes = ChildProcess.read(descriptor) {
        var rest = bytes[...]
        while let feed = rest.firstIndex(of: 0x0A) {
          line += rest[..<feed]
          rest = rest[(feed + 1)...]
          if !line.isEmpty { guard body(line) else { return } }
          line = []
        }
        line += rest
        if line.count > longest {
          guard body(line) else { return }
          line = []
        }
      }
      if !line.isEmpty { guard body(line) else { return } }
      _ = body(nil)
    }
  }
}
