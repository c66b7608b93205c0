package import NFVModel
package import VIMProtocol

/// What is to go wrong, and when: given to a simulated VIM by its maker or in a file beside its own.
///
///     {"placet-faults": 1,
///      "faults": [{"verb": "create", "call": 3, "fault": "rejected", "reason": "quota"},
///                 {"verb": "create", "instance": "vepc.mme[0]", "fault": "unknownAfterEffect"}],
///      "short": {"sto-1": {"cores": 4}}}
package struct FaultScript: Hashable, Sendable {
  package enum Verb: String, Hashable, Sendable, CaseIterable {
    case create, delete, start, stop, migrate, resize, find, observe, inventory, probe
  }

  package enum Fault: Hashable, Sendable {
    /// Refused for good.
    case rejected(VIMError.Reason)
    /// Refused for now, with the milliseconds to wait.
    case unavailable(retryAfter: Int?)
    /// It happened, and the answer is lost.
    case unknownAfterEffect
    /// It did not happen, and the answer is lost.
    case unknownBeforeEffect
    /// Made in part: what is missing.
    case partial([String])
    /// Takes so many milliseconds, then goes well.
    case slow(Int)
    /// Goes well, and then the resource vanishes.
    case lose
  }

  package struct Entry: Hashable, Sendable {
    package let verb: Verb
    /// Counts only calls about this instance; nil counts all.
    package let instance: String?
    /// Which call of the verb goes wrong, from 1.
    package let call: Int
    package let fault: Fault

    package init(_ verb: Verb, call: Int = 1, instance: String? = nil, _ fault: Fault) {
      self.verb = verb
      self.call = call
      self.instance = instance
      self.fault = fault
    }
  }

  package var faults: [Entry]
  /// How much less a host has than the inventory says.
  package var short: [String: [String: Int]]

  package init(_ faults: [Entry] = [], short: [String: [String: Int]] = [:]) {
    self.faults = faults
    self.short = short
  }

  /// The fault of a call, given how many of its verb there were, in all and about its instance, itself included.
  func fault(of verb: Verb, instance: String?, call: Int, callForInstance: Int) -> Fault? {
    faults.first {
      $0.verb == verb
        && ($0.instance == nil ? $0.call == call : $0.instance == instance && $0.call == callForInstance)
    }?.fault
  }
}

extension FaultScript {
  package init(_ json: JSONValue) throws(JSONShapeError) {
    let document = JSONCursor(json)
    try document.allow(["placet-faults", "faults", "short"])
    guard try document.field("placet-faults").int() == 1 else {
      throw document.failure("fault scripts of version 1 are the ones known here")
    }
    self.init()
    for entry in try document.fieldIfPresent("faults")?.list() ?? [] { faults.append(try Entry(entry)) }
    for (host, amounts) in try document.fieldIfPresent("short")?.members() ?? [] {
      for (key, amount) in try amounts.members() { short[host, default: [:]][key] = try amount.int() }
    }
  }
}

extension FaultScript.Entry {
  init(_ json: JSONCursor) throws(JSONShapeError) {
    try json.allow(["verb", "call", "instance", "fault", "reason", "retryAfter", "missing", "milliseconds"])
    let word = try json.field("verb")
    guard let verb = FaultScript.Verb(rawValue: try word.text()) else { throw word.failure("no such verb") }
    self.init(
      verb, call: try json.fieldIfPresent("call")?.int() ?? 1,
      instance: try json.fieldIfPresent("instance")?.text(), try FaultScript.Fault(json))
  }
}

extension FaultScript.Fault {
  init(_ json: JSONCursor) throws(JSONShapeError) {
    let word = try json.field("fault")
    switch try word.text() {
    case "rejected":
      let reason = try json.field("reason")
      guard let known = VIMError.Reason(try reason.text()) else { throw reason.failure("no such reason") }
      self = .rejected(known)
    case "unavailable": self = .unavailable(retryAfter: try json.fieldIfPresent("retryAfter")?.int())
    case "unknownAfterEffect": self = .unknownAfterEffect
    case "unknownBeforeEffect": self = .unknownBeforeEffect
    case "partial": self = .partial(try json.field("missing").texts())
    case "slow": self = .slow(try json.field("milliseconds").int())
    case "lose": self = .lose
    case let other: throw word.failure("no fault is called '\(other)'")
    }
  }
}
