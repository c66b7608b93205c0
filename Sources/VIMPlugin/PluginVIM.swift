import Dispatch
import Glibc
import NFVModel
package import VIMProtocol

/// A VIM whose back end is another program: `docs/backends/plugin.md` is the protocol.
package struct PluginVIM: DescribingVIM {
  package struct Options: Sendable {
    /// Milliseconds that a plug-in may take to say who it is.
    package var handshake = 10_000
    /// Milliseconds for a call that changes nothing.
    package var reading = 120_000
    /// Milliseconds for a call that changes something.
    package var changing = 600_000
    /// How often it is started without a good answer in between.
    package var startsInARow = 3
    /// Takes each line that a plug-in writes to its standard error, with its name before it.
    package var log: @Sendable (String) -> Void = { line in
      let text = Array("\(line)\n".utf8)
      _ = text.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
    /// Does something so many milliseconds later: what ends the patience with a call.
    package var later: @Sendable (_ milliseconds: Int, _ action: @escaping @Sendable () -> Void) -> Void = {
      DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds($0), execute: $1)
    }
    /// The present, as UTC text.
    package var now: @Sendable () -> String = { utcNow() }

    package init() {}
  }

  package let name: String
  let supervisor: PluginSupervisor
  let options: Options
  let greeting: PluginGreeting

  /// Finds and starts a plug-in and learns who it is.
  /// - Parameters:
  ///   - name: the VIM's name in policies.
  ///   - plugin: the plug-in's: `podman`.
  ///   - environment: ours; the plug-in sees a small part of it.
  package static func connect(
    _ name: String, plugin: String, environment: [String: String], options: Options = Options()
  ) async throws(VIMError) -> PluginVIM {
    try await connect(name, try PluginExecutable(named: plugin, in: environment), options: options)
  }

  /// Starts a plug-in whose file is known and learns who it is.
  package static func connect(
    _ name: String, _ executable: PluginExecutable, options: Options = Options()
  ) async throws(VIMError) -> PluginVIM {
    let supervisor = PluginSupervisor(executable, vim: name, options: options)
    _ = try await supervisor.connection()
    guard let greeting = await supervisor.greeting else {
      throw .unavailable(.unreachable, "\(supervisor.title): it did not say who it is", retryAfter: nil)
    }
    return PluginVIM(name: name, supervisor: supervisor, options: options, greeting: greeting)
  }

  /// Asks the plug-in to end; it is started again when it is asked for something.
  package func close() async { await supervisor.close() }

  package func describe() -> VIMDescription { greeting.description }

  // MARK: Calls

  /// A call that changes nothing.
  func look(_ method: String, _ parameters: JSONValue = [:]) async throws(VIMError) -> JSONCursor {
    JSONCursor(
      try await supervisor.call(method, parameters, isChanging: false, within: options.reading), path: method)
  }

  /// A call that changes something.
  func act(_ method: String, _ parameters: JSONValue) async throws(VIMError) -> JSONCursor {
    JSONCursor(
      try await supervisor.call(method, parameters, isChanging: true, within: options.changing), path: method)
  }

  /// Reads an answer. One without the promised shape leaves open what happened, where something was to.
  func reading<T>(isChanging: Bool = false, _ body: () throws(JSONShapeError) -> T) throws(VIMError) -> T {
    do { return try body() } catch {
      let text = shownText(
        "\(supervisor.title): its answer does not keep to the protocol: \(error)",
        without: supervisor.executable.secrets, longest: 500)
      throw isChanging ? .unknownOutcome(text) : .unavailable(.unreachable, text, retryAfter: nil)
    }
  }

  func need(_ ability: PluginGreeting.Ability) throws(VIMError) {
    guard greeting.abilities.contains(ability) else {
      throw .rejected(.unsupported, "\(supervisor.title) has no way to \(ability.rawValue)")
    }
  }

  func need(_ capabilitiesOf: PlacedInstance) throws(VIMError) {
    guard let missing = greeting.description.capabilities.missing(for: capabilitiesOf).first else { return }
    throw .rejected(.unsupported, "\(supervisor.title) does not offer \(missing.capability)")
  }
}

/// `2026-11-22T14:00:00Z`.
private func utcNow() -> String {
  var now = time(nil)
  var parts = tm()
  gmtime_r(&now, &parts)
  func padded(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
  return "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
    + "T\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))Z"
}
