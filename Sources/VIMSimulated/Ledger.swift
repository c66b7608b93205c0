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
  static let version = 1

  func json(name: String) -> JSONValue {
    [
      "placet-vim": .int(Self.version), "name": .string(name), "lastNumber": .int(lastNumber),
      "resources": .object(
        Dictionary(
          uniqueKeysWithValues: resources.map {
            ($0.text, ["spec": $1.spec.json, "status": .string($1.status.rawValue)])
          })),
      "answers": .object(Dictionary(uniqueKeysWithValues: answers.map { ($0.text, $1.json) })),
      "calls": .object(calls.mapValues { .int($0) }), "made": .object(made.mapValues { .int($0) }),
    ]
  }

  init(_ json: JSONValue) throws(JSONShapeError) {
    let document = JSONCursor(json)
    try document.allow(["placet-vim", "name", "lastNumber", "resources", "answers", "calls", "made"])
    guard try document.field("placet-vim").int() == Self.version else {
      throw document.failure("a simulated VIM of version \(Self.version) is the one known here")
    }
    lastNumber = try document.field("lastNumber").int()
    for (handle, entry) in try document.field("resources").members() {
      let status = try entry.field("status")
      guard let known = ObservedResource.Status(rawValue: try status.text()) else {
        throw status.failure("no such status")
      }
      resources[ResourceHandle(handle)] = Resource(
        spec: try PlacedInstance(try entry.field("spec")), status: known)
    }
    for (token, entry) in try document.field("answers").members() {
      answers[EffectToken(token)] = try EffectOutcome(entry)
    }
    for (verb, count) in try document.field("calls").members() { calls[verb] = try count.int() }
    for (instance, count) in try document.field("made").members() { made[instance] = try count.int() }
  }
}
