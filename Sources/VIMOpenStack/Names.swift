import VIMProtocol

/// What Placet writes on what it makes, so that it finds it again.
enum Mark {
  /// On everything: tag, description or metadata.
  static let owner = "placet"

  /// The tag of what was made for a token; a tag has room for 60 characters.
  static func token(_ token: EffectToken) -> String { "placet-token-\(nameUUID(token.text))" }

  /// Keys of a server's metadata.
  static let instance = "placet.instance"
  static let tokenKey = "placet.token"
  static let host = "placet.host"
  static let cells = "placet.cells"

  /// The network of a virtual link, unless the cloud has one of the link's own name.
  static func network(of link: String) -> String { "placet-\(link)" }

  static func group(_ name: String) -> String { "placet-\(name)" }

  /// A port that is made for an instance before it.
  static func port(_ token: EffectToken, _ number: Int) -> String { "\(Self.token(token))-\(number)" }

  static func isPort(_ name: String) -> Bool { name.hasPrefix("placet-token-") }
}

extension String {
  /// As it stands in the query of a URL.
  var queryEscaped: String {
    var text = ""
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        text.append(Character(UnicodeScalar(byte)))
      default:
        let digits = Array("0123456789ABCDEF")
        text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    }
    return text
  }
}
