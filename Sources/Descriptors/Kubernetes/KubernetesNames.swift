/// How names of ours are said in Kubernetes: labels, annotations, and names that a DNS label can hold.
package enum KubernetesNames {
  /// The value of `placet.dev/owner` on all that Placet makes.
  package static let owner = "placet"

  /// The same on what was exported: it is managed by whoever applied it, and takes room like anything of others.
  package static let exporter = "placet-export"

  package enum Label {
    package static let owner = "placet.dev/owner"
    package static let service = "placet.dev/service"
    /// For people: the instance's name as a label can hold it.
    package static let instance = "placet.dev/instance"
    /// Two instances never share it, whatever their names are.
    package static let instanceDigest = "placet.dev/instance-digest"
    package static let tokenDigest = "placet.dev/token-digest"
    /// Instances of one group are kept apart.
    package static let apart = "placet.dev/apart"
  }

  package enum Annotation {
    package static let token = "placet.dev/token"
    package static let instance = "placet.dev/instance"
    /// Whole names of the virtual links that it is an end of.
    package static let links = "placet.dev/links"
    /// Numbers of the host's NUMA cells that it was planned on: `0,1`.
    package static let cells = "placet.dev/cells"
    package static let networks = "k8s.v1.cni.cncf.io/networks"
    package static let deviceResource = "k8s.v1.cni.cncf.io/resourceName"
  }

  /// Sixteen hexadecimal digits that stand for any text (FNV-1a, 64 bits): short enough for a label. Whoever relies
  /// on it compares the whole text afterwards, which stands in an annotation.
  package static func digest(_ text: String) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// A DNS label (RFC 1123) of at most `length` characters: `vepc.mme[2]` is `vepc-mme-2`.
  package static func slug(_ text: String, length: Int = 63) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): result.unicodeScalars.append(Unicode.Scalar(byte | 0x20))
      default: if !result.isEmpty, !result.hasSuffix("-") { result += "-" }
      }
    }
    result = String(result.prefix(length))
    while result.hasSuffix("-") { result.removeLast() }
    return result.isEmpty ? "x" : result
  }

  /// The name of what is made for an instance by one effect: the same for the same token, no other has it.
  package static func object(_ instance: String, token: String) -> String {
    "\(slug(instance, length: 46))-\(digest(token))"
  }

  /// The name of a network for a virtual link: `vepc-s1-3f…`.
  package static func network(_ link: String) -> String { "\(slug(link, length: 46))-\(digest(link))" }

  /// The service that an instance belongs to: the first part of its name.
  package static func service(of instance: String) -> String {
    String(instance.prefix { $0 != "." })
  }
}
