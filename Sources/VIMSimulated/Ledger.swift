import NFVModel
import VIMProtocol

/// All that a simulated VIM remembers: what it holds, and what it answered to which token.
struct Ledger: Hashable, Sendable {
  struct Resource: Hashable, Sendable {
    var spec: PlacedInstance
    var status: ObservedResource.Status
  }

  var resources: [ResourceHandle: Resource] = [:]
  var answers: [EffectToken: EffectOutcome] = [:]
  /// The number of the last resource made.
  var lastNumber = 0
  /// How often each verb was called, `create`, and about which instance, `create vepc.mme[0]`.
  var calls: [String: Int] = [:]
  /// How often an instance was really made.
  var made: [String: Int] = [:]
  /// Number of the log that goes on from the snapshot.
  var generation = 1
  /// What has changed since the file was written.
  private(set) var touched = Touched()

  struct Touched: Hashable, Sendable {
    var resources: Set<ResourceHandle> = []
    var answers: Set<EffectToken> = []
    var calls: Set<String> = []
    var made: Set<String> = []
  }

  // MARK: Changing

  mutating func set(_ handle: ResourceHandle, _ resource: Resource?) {
    resources[handle] = resource
    touched.resources.insert(handle)
  }

  mutating func answer(_ token: EffectToken, _ outcome: EffectOutcome) {
    answers[token] = outcome
    touched.answers.insert(token)
  }

  mutating func make(_ instance: PlacedInstance, _ status: ObservedResource.Status, in vim: String)
    -> ResourceHandle
  {
    lastNumber += 1
    let handle = ResourceHandle("\(vim)-\(lastNumber)")
    set(handle, Resource(spec: instance, status: status))
    made[instance.id, default: 0] += 1
    touched.made.insert(instance.id)
    return handle
  }

  /// One more call of a verb: how many there were with it, in all and about its instance.
  mutating func count(_ verb: String, _ instance: String?) -> (call: Int, own: Int) {
    func more(_ key: String, _ ledger: inout Ledger) -> Int {
      ledger.calls[key, default: 0] += 1
      ledger.touched.calls.insert(key)
      return ledger.calls[key, default: 0]
    }
    let call = more(verb, &self)
    return (call, instance.map { more("\(verb) \($0)", &self) } ?? 0)
  }

  /// What a host carries.
  func used(on host: String, cell: Int?, besides handle: ResourceHandle?) -> [String: Int] {
    resources.reduce(into: [:]) { used, entry in
      guard entry.key != handle, entry.value.spec.host == host else { return }
      used.merge(entry.value.spec.share(of: cell), uniquingKeysWith: +)
    }
  }
}

extension PlacedInstance {
  /// What it takes of its host, or of one of its cells: an instance on several draws on each alike.
  func share(of cell: Int?) -> [String: Int] {
    guard let cell else { return demand }
    guard let cells, cells.contains(cell) else { return [:] }
    return demand.mapValues { ($0 + cells.count - 1) / cells.count }
  }
}

extension Ledger {
  static let version = 2

  /// All of it: the snapshot that a log goes on from.
  func json(name: String) -> JSONValue {
    [
      "placet-vim": .int(Self.version), "name": .string(name), "log": .int(generation),
      "lastNumber": .int(lastNumber),
      "resources": .object(Self.members(resources.map { ($0.text, $1.json) })),
      "answers": .object(Self.members(answers.map { ($0.text, $1.json) })),
      "calls": .object(calls.mapValues { .int($0) }), "made": .object(made.mapValues { .int($0) }),
    ]
  }

  /// What has changed, as it is now: read twice, it says the same. Nothing counts as changed any more.
  mutating func takeChanges() -> JSONValue {
    defer { touched = Touched() }
    return [
      "lastNumber": .int(lastNumber),
      "resources": .object(Self.members(touched.resources.map { ($0.text, resources[$0]?.json ?? .null) })),
      "answers": .object(Self.members(touched.answers.map { ($0.text, answers[$0]?.json ?? .null) })),
      "calls": .object(Self.members(touched.calls.map { ($0, .int(calls[$0] ?? 0)) })),
      "made": .object(Self.members(touched.made.map { ($0, .int(made[$0] ?? 0)) })),
    ]
  }

  private static func members(_ pairs: [(String, JSONValue)]) -> [String: JSONValue] {
    Dictionary(pairs, uniquingKeysWith: { $1 })
  }

  init(_ json: JSONValue) throws(JSONShapeError) {
    let document = JSONCursor(json)
    try document.allow(["placet-vim", "name", "log", "lastNumber", "resources", "answers", "calls", "made"])
    guard try document.field("placet-vim").int() == Self.version else {
      throw document.failure("a simulated VIM of version \(Self.version) is the one known here")
    }
    generation = try document.field("log").int()
    try read(document)
  }

  /// Reads a snapshot or a line of the log over what there is.
  mutating func read(_ document: JSONCursor) throws(JSONShapeError) {
    lastNumber = try document.field("lastNumber").int()
    for (handle, entry) in try document.field("resources").members() {
      resources[ResourceHandle(handle)] = entry.value == .null ? nil : try Resource(entry)
    }
    for (token, entry) in try document.field("answers").members() {
      answers[EffectToken(token)] = try EffectOutcome(entry)
    }
    for (verb, count) in try document.field("calls").members() { calls[verb] = try count.int() }
    for (instance, count) in try document.field("made").members() { made[instance] = try count.int() }
  }
}

extension Ledger.Resource {
  fileprivate var json: JSONValue { ["spec": spec.json, "status": .string(status.rawValue)] }

  fileprivate init(_ entry: JSONCursor) throws(JSONShapeError) {
    let word = try entry.field("status")
    guard let known = ObservedResource.Status(rawValue: try word.text()) else {
      throw word.failure("no such status")
    }
    self.init(spec: try PlacedInstance(try entry.field("spec")), status: known)
  }
}
