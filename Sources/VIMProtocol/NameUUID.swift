/// A UUID made of a name (RFC 9562, version 5): the same name in the same name space has the same UUID on every machine
/// and in every run, so that what was made under it can be found again and is not made twice.
package struct NameUUID: Hashable, Sendable, CustomStringConvertible {
  /// In lower case, with hyphens.
  package let description: String

  /// - Parameter space: the UUID of a name space, such as one that a back end keeps for the names it gives.
  package init(_ name: String, in space: String) {
    self.init(Array(name.utf8), in: space)
  }

  package init(_ name: [UInt8], in space: String) {
    var bytes = Array(SHA1.digest(Self.bytes(of: space) + name).prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x50
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = Array("0123456789abcdef")
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text.append("-") }
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    description = text
  }

  /// The first eight digits: enough to tell two machines of one instance apart.
  package var short: String { String(description.prefix(8)) }

  /// Whether a UUID was made of a name, by its version digit: one of ours, or in sixteen of others'.
  package static func isNamed(_ uuid: String) -> Bool { uuid.count == 36 && uuid.dropFirst(14).first == "5" }

  private static func bytes(of uuid: String) -> [UInt8] {
    let digits = Array(uuid.filter { $0 != "-" })
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(digits[$0...($0 + 1)]), radix: 16)
    }
  }
}
