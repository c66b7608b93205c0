import NFVModel
import VIMProtocol

/// The answer to `describe`, which is the handshake: what protocol it speaks, who it is and what it can do.
struct PluginGreeting: Hashable, Sendable {
  /// The one version of the protocol that there is.
  static let version = 1

  /// Methods that a plug-in need not have.
  enum Ability: String, CaseIterable, Sendable { case start, stop, migrate, resize, strangers }

  /// The version that it speaks.
  let spoken: Int
  let description: VIMDescription
  let abilities: Set<Ability>

  var isSpokenHere: Bool { spoken == Self.version }

  /// Of a version that is not known here nothing else is read.
  init(_ json: JSONCursor) throws(JSONShapeError) {
    spoken = try json.field("protocol").int()
    guard spoken == Self.version else {
      (description, abilities) = (VIMDescription(kind: "", version: "", capabilities: Capabilities([])), [])
      return
    }
    description = VIMDescription(
      kind: try json.field("kind").text(), version: try json.field("version").text(),
      capabilities: try Capabilities(try json.field("capabilities")))
    var abilities: Set<Ability> = []
    for word in try json.fieldIfPresent("abilities")?.list() ?? [] {
      guard let ability = Ability(rawValue: try word.text()) else {
        throw word.failure("no ability is called '\(try word.text())'")
      }
      abilities.insert(ability)
    }
    self.abilities = abilities
  }
}
