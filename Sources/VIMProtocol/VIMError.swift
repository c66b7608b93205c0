/// A VIM's refusal. The case says what the caller does next, the reason why.
package enum VIMError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Asking again will not help: the plan is wrong for this VIM.
  case rejected(Reason, String)
  /// It did not happen, and asking again may help; not before the given number of milliseconds, if any.
  case unavailable(Reason, String, retryAfter: Int?)
  /// It may or may not have happened: read before asking again.
  case unknownOutcome(String)

  /// Why, from a closed list.
  package enum Reason: Hashable, Sendable {
    case quota
    /// The host or the whole VIM has no room: what is short.
    case noCapacity(String)
    /// A field that the VIM does not take: its name.
    case invalid(String)
    case unauthorised
    case unsupported
    /// Something else has the name, the address or the resource.
    case conflict
    case notFound
    /// No answer: the network, an overloaded or restarting control plane.
    case unreachable
  }

  /// The diagnostic's code.
  package var code: String {
    switch self {
    case .rejected: "V0401"
    case .unavailable: "V0402"
    case .unknownOutcome: "V0403"
    }
  }

  package var description: String {
    switch self {
    case .rejected(let reason, let text), .unavailable(let reason, let text, _):
      Self.sentence("\(reason)", text)
    case .unknownOutcome(let text): Self.sentence("no answer came back", text)
    }
  }

  /// What the VIM or its back end said.
  package var text: String {
    switch self {
    case .rejected(_, let text), .unavailable(_, let text, _), .unknownOutcome(let text): text
    }
  }

  /// `vim sto, POST /servers: quota: no core is left`: what happened comes after who was asked for what.
  private static func sentence(_ what: String, _ text: String) -> String {
    guard text.hasPrefix("vim "), let end = text.firstRange(of: ": ") else { return "\(what): \(text)" }
    return "\(text[..<end.lowerBound]): \(what): \(text[end.upperBound...])"
  }

  /// The same, its text beginning with the VIM and, where it names none itself, the call: `vim sto, create: …`.
  package func naming(vim: String, call: String) -> VIMError {
    let named = Self.named(text, "vim \(vim)", vim, call)
    switch self {
    case .rejected(let reason, _): return .rejected(reason, named)
    case .unavailable(let reason, _, let pause): return .unavailable(reason, named, retryAfter: pause)
    case .unknownOutcome: return .unknownOutcome(named)
    }
  }

  private static func named(_ text: String, _ subject: String, _ vim: String, _ call: String) -> String {
    for start in [subject, vim] where text.hasPrefix(start) {
      let rest = text.dropFirst(start.count)
      if rest.hasPrefix(": ") { return "\(subject), \(call)\(rest)" }
      if rest.hasPrefix(", ") { return "\(subject)\(rest)" }
      if rest.hasPrefix(" ("), let end = rest.firstIndex(of: ")") {
        let tail = rest[rest.index(after: end)...]
        return "\(subject)\(rest[...end])\(tail.hasPrefix(": ") ? ", \(call)" : "")\(tail)"
      }
      if rest.hasPrefix(" ") { return "\(subject), \(call): it\(rest)" }
    }
    return "\(subject), \(call): \(text)"
  }
}

extension VIMError.Reason: CustomStringConvertible {
  /// As written in journals and product output: `noCapacity(cores)`.
  package var description: String {
    switch self {
    case .quota: "quota"
    case .noCapacity(let detail): "noCapacity(\(detail))"
    case .invalid(let field): "invalid(\(field))"
    case .unauthorised: "unauthorised"
    case .unsupported: "unsupported"
    case .conflict: "conflict"
    case .notFound: "notFound"
    case .unreachable: "unreachable"
    }
  }

  /// Reads what `description` writes.
  package init?(_ text: String) {
    let parts = text.split(separator: "(", maxSplits: 1)
    let detail = parts.count == 2 && text.hasSuffix(")") ? String(parts[1].dropLast()) : nil
    switch (parts.first, detail) {
    case ("quota", nil): self = .quota
    case ("noCapacity", let detail?): self = .noCapacity(detail)
    case ("invalid", let field?): self = .invalid(field)
    case ("unauthorised", nil): self = .unauthorised
    case ("unsupported", nil): self = .unsupported
    case ("conflict", nil): self = .conflict
    case ("notFound", nil): self = .notFound
    case ("unreachable", nil): self = .unreachable
    default: return nil
    }
  }
}
