import VIMProtocol

/// What we write with a machine so that it is known for ours: in its extra configuration, which machines read,
/// and in its annotation, which people read.
struct Mark: Hashable, Sendable {
  var instance: String
  var token: String
  /// Its anti-affinity group; nil for none.
  var apart: String?

  static let owner = "placet"
  static let ownerKey = "placet.owner"
  private static let firstLine = "Made by placet, which removes it again; the lines below are its own."

  init(_ instance: String, _ token: EffectToken, apart: String?) {
    self.instance = instance
    self.token = token.text
    self.apart = apart
  }

  /// Nil for a machine that is not ours.
  init?(extra: [String: String]) {
    guard extra[Self.ownerKey] == Self.owner else { return nil }
    instance = extra["placet.instance"] ?? ""
    token = extra["placet.token"] ?? ""
    apart = extra["placet.apart"]
  }

  var extra: [(key: String, value: String)] {
    [(Self.ownerKey, Self.owner), ("placet.instance", instance), ("placet.token", token)]
      + (apart.map { [("placet.apart", $0)] } ?? [])
  }

  var annotation: String { "\(Self.firstLine)\nplacet.instance: \(instance)\nplacet.token: \(token)" }

  static func isOurs(annotation: String) -> Bool { annotation.hasPrefix(firstLine) }

  /// The name of its machine: what an operator reads, unlike any other, with no character that a path minds.
  static func machineName(_ instance: String, _ uuid: NameUUID) -> String {
    "\(plain(instance))-\(uuid.short)"
  }

  /// `vepc.mme[0]`: `vepc.mme-0`. BOUND: names of vSphere's objects hold 80 characters.
  static func plain(_ name: String) -> String {
    let kept = name.unicodeScalars.map { scalar -> Character in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": Character(scalar)
      default: "-"
      }
    }
    var text = String(kept)
    while text.hasSuffix("-") { text.removeLast() }
    guard text.count > 60 else { return text }
    return text.prefix(51) + "-" + NameUUID(name).short
  }
}
