import NFVModel
import VIMProtocol

/// Keeps one plug-in at hand: starts it on first use, shakes hands, starts it again after it broke, a bounded number of
/// times in a row, and gives every failure the meaning that the caller needs.
actor PluginSupervisor {
  /// `vim edge (plug-in podman)`: how messages begin.
  nonisolated let title: String
  nonisolated let executable: PluginExecutable
  private let vim: String
  private let options: PluginVIM.Options
  private var current: Task<Result<PluginConnection, VIMError>, Never>?
  private var live: PluginConnection?
  /// Starts since the last answer to anything but the handshake.
  private var startsInARow = 0
  private var lastEnd = ""
  private(set) var greeting: PluginGreeting?

  init(_ executable: PluginExecutable, vim: String, options: PluginVIM.Options) {
    self.executable = executable
    self.vim = vim
    self.options = options
    title = "vim \(vim) (plug-in \(executable.name))"
  }

  deinit { live?.close(within: 2000) }

  func close() {
    live?.close(within: 2000)
    live = nil
    current = nil
  }

  /// Asks a running plug-in.
  /// - Parameter isChanging: whether a lost answer leaves it open what happened.
  func call(_ method: String, _ parameters: JSONValue, isChanging: Bool, within milliseconds: Int)
    async throws(VIMError) -> JSONValue
  {
    let connection = try await connection()
    switch await connection.ask(method, parameters, within: milliseconds) {
    case .success(let answer):
      startsInARow = 0
      return answer
    case .failure(let failure):
      if case .refused = failure { startsInARow = 0 }
      if case .broken(let how) = failure { lastEnd = how }
      throw meaning(of: failure, method, isChanging: isChanging)
    }
  }

  /// The running plug-in, after its handshake. Whoever comes while it starts waits for the same start.
  func connection() async throws(VIMError) -> PluginConnection {
    if let current {
      let found = await current.value
      if case .success(let connection) = found, connection.end == nil { return connection }
      if self.current == current { self.current = nil }
      if case .failure(let error) = found { throw error }
    }
    if current == nil {
      if let end = live?.end { lastEnd = end }
      guard startsInARow < options.startsInARow else {
        // One more is allowed to whoever asks next: patience ends for a call, not for the session.
        startsInARow = options.startsInARow - 1
        throw .unavailable(
          .unreachable, "\(title): it broke \(options.startsInARow) times in a row (\(lastEnd))",
          retryAfter: nil)
      }
      startsInARow += 1
      current = Task { await self.start() }
    }
    guard let starting = current else {
      throw .unavailable(.unreachable, "\(title): closed", retryAfter: nil)
    }
    switch await starting.value {
    case .success(let connection): return connection
    case .failure(let error):
      if current == starting { current = nil }
      throw error
    }
  }

  private func start() async -> Result<PluginConnection, VIMError> {
    let child: ChildProcess
    do throws(ChildProcess.StartFailure) {
      child = try ChildProcess(executable.path, environment: executable.environment)
    } catch {
      return .failure(
        .rejected(.notFound, "\(title): \(executable.path) could not be started: \(error.message)"))
    }
    let (log, name, secrets) = (options.log, executable.name, executable.secrets)
    let connection = PluginConnection(
      child, log: { log("\(name): \(shownText($0, without: secrets, longest: 1000))") },
      shown: { shownText($0, without: secrets) }, later: options.later)
    live = connection
    let hello: JSONValue = ["protocol": .int(PluginGreeting.version), "vim": .string(vim)]
    switch await connection.ask("describe", hello, within: options.handshake) {
    case .failure(let failure):
      connection.close(within: 0)
      if case .broken(let how) = failure { lastEnd = how }
      return .failure(meaning(of: failure, "describe", isChanging: false))
    case .success(let answer):
      do throws(JSONShapeError) {
        let greeting = try PluginGreeting(JSONCursor(answer))
        guard greeting.isSpokenHere else {
          connection.close(within: 0)
          return .failure(
            .rejected(
              .unsupported,
              "\(title): it speaks version \(greeting.spoken) of the protocol, and \(PluginGreeting.version) is the one known here"
            ))
        }
        self.greeting = greeting
        return .success(connection)
      } catch {
        connection.close(within: 0)
        return .failure(.rejected(.unsupported, "\(title), describe: \(error)"))
      }
    }
  }

  /// What a failed call means for whoever asked.
  private func meaning(of failure: PluginFailure, _ method: String, isChanging: Bool) -> VIMError {
    func lost(_ why: String) -> VIMError {
      let text = "\(title), \(method): \(why)"
      return isChanging ? .unknownOutcome(text) : .unavailable(.unreachable, text, retryAfter: nil)
    }
    switch failure {
    case .notStarted(let how):
      return .unavailable(.unreachable, "\(title), \(method): \(how)", retryAfter: nil)
    case .broken(let how): return lost(how)
    case .silent(let milliseconds): return lost("no answer in \(milliseconds) ms")
    case .refused(let refusal):
      return VIMError(
        refusal, prefix: "\(title), \(method)", isChanging: isChanging,
        message: shownText(refusal.message, without: executable.secrets, longest: 500))
    }
  }
}

extension VIMError {
  /// The meaning of an error object. One that does not keep to the protocol says nothing of what happened.
  fileprivate init(_ refusal: PluginRefusal, prefix: String, isChanging: Bool, message: String) {
    let text = "\(prefix): \(message)"
    switch (refusal.kind, refusal.reason.flatMap(Reason.init), refusal.code) {
    case ("rejected", let reason?, _): self = .rejected(reason, text)
    case ("unavailable", let reason?, _):
      self = .unavailable(reason, text, retryAfter: refusal.retryAfter.map { max(0, $0) })
    case ("unknownOutcome", _, _) where isChanging: self = .unknownOutcome(text)
    case (nil, _, -32601): self = .rejected(.unsupported, text)
    case (nil, _, -32602): self = .rejected(.invalid("params"), text)
    case (nil, _, -32600), (nil, _, -32700): self = .rejected(.invalid("request"), text)
    default: self = isChanging ? .unknownOutcome(text) : .unavailable(.unreachable, text, retryAfter: nil)
    }
  }
}

/// A plug-in's text as a message may show it: on one line, short, its secrets blotted out.
func shownText(_ text: String, without secrets: [String], longest: Int = 160) -> String {
  // Secrets go first, before anything is cut: half of one is still one.
  let blotted = secrets.reduce(text) { $0.replacing($1, with: "••••") }
  var shown = ""
  for scalar in blotted.unicodeScalars.prefix(longest) {
    let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    shown.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
  }
  return blotted.unicodeScalars.count > longest ? shown + "…" : shown
}
