import NFVModel
import VIMProtocol
import VIMTransport

/// What a service says is wrong, in its own words: one line, never a traceback. Each service has a form of its own:
/// `{"badRequest": {"code": 400, "message": …}}`, `{"errors": [{"detail": …}]}`, `{"NeutronError": {"message": …}}`,
/// `{"error": {"message": …}}`.
func serviceWords(_ body: JSONValue) -> String? {
  guard let fields = body.objectValue else { return nil }
  if let first = fields["errors"]?.arrayValue?.first {
    return (first["detail"] ?? first["title"])?.stringValue.map(oneLine)
  }
  for value in fields.values {
    if let message = value["message"]?.stringValue { return oneLine(message) }
    if let message = value.stringValue, fields.count == 1 { return oneLine(message) }
  }
  return fields["message"]?.stringValue.map(oneLine)
}

/// The first line with something in it, cut where it gets long.
func oneLine(_ text: String) -> String {
  let line = text.split(whereSeparator: \.isNewline).map { $0.trimming() }.first { !$0.isEmpty } ?? ""
  return line.count > 300 ? String(line.prefix(300)) + "…" : line
}

extension Substring {
  fileprivate func trimming() -> String {
    let start = drop { $0.isWhitespace }
    return String(start.reversed().drop { $0.isWhitespace }.reversed())
  }
}

extension VIMError {
  /// What an answer of an OpenStack service that is no success means.
  init(openStack response: HTTPResponse, _ body: JSONValue, of vim: String, call: String, isSafe: Bool) {
    let words = serviceWords(body) ?? ""
    let text = "vim \(vim), \(call): \(words.isEmpty ? "status \(response.status)" : words)"
    let type = body["NeutronError"]?["type"]?.stringValue ?? ""
    if type == "OverQuota" || [403, 413].contains(response.status) && words.lowercased().contains("quota") {
      self = .rejected(.quota, text)
    } else if type.hasPrefix("IpAddressGenerationFailure") {
      self = .rejected(.noCapacity("addresses"), text)
    } else if response.status == 400, let field = Self.field(in: words) {
      self = .rejected(.invalid(field), text)
    } else {
      self = VIMError(response, of: vim, call: call, isSafe: isSafe, says: words)
    }
  }

  /// The part of a request that Nova's or Neutron's words are about.
  private static func field(in words: String) -> String? {
    let words = words.lowercased()
    let known = [
      ("compute host", "host"), ("hypervisor", "host"), ("flavor", "flavor"), ("image", "image"),
      ("network", "network"), ("port", "port"), ("group", "group"), ("zone", "zone"),
    ]
    return known.first { words.contains($0.0) }?.1
  }
}
