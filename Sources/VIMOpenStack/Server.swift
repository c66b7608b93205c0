import NFVModel

/// A server as Nova shows it.
struct Server: Hashable, Sendable {
  let id: String
  let name: String
  /// `ACTIVE`, `BUILD`, `ERROR`…
  let status: String
  /// What is being done with it; nil when nothing is.
  let task: String?
  /// The compute service that it is on.
  let host: String?
  let tags: [String]
  let metadata: [String: String]
  /// `placet-…` where it is one of ours.
  let flavorName: String?
  let extraSpecs: [String: String]
  let created: String
  /// Nova's words where it failed; never the traceback.
  let fault: String?

  init?(_ json: JSONValue) {
    guard let id = json["id"]?.stringValue, let status = json["status"]?.stringValue else { return nil }
    self.id = id
    self.status = status
    name = json["name"]?.stringValue ?? ""
    task = json["OS-EXT-STS:task_state"]?.stringValue
    host = json["OS-EXT-SRV-ATTR:host"]?.stringValue
    tags = json["tags"]?.arrayValue?.compactMap(\.stringValue) ?? []
    metadata = (json["metadata"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
    flavorName = json["flavor"]?["original_name"]?.stringValue
    extraSpecs = (json["flavor"]?["extra_specs"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
    created = json["created"]?.stringValue ?? ""
    fault = (json["fault"]?["message"]?.stringValue).map(oneLine)
  }

  /// Whether Nova is still at work on it.
  var isChanging: Bool { observedStatus == .changing }

  var observedStatus: ObservedResource.Status {
    switch status {
    case "ACTIVE", "PASSWORD": task == nil ? .running : .changing
    case "SHUTOFF", "PAUSED", "SUSPENDED", "SHELVED", "SHELVED_OFFLOADED", "RESCUE":
      task == nil ? .stopped : .changing
    case "ERROR": task == "deleting" ? .changing : .failed
    case "DELETED", "SOFT_DELETED": .missing
    default: .changing
    }
  }

  /// Whether words of Nova's say that there is no room.
  static func saysFull(_ words: String) -> Bool {
    ["No valid host", "Insufficient", "retries"].contains { words.contains($0) }
  }

  /// The cells of the host that the plan says, as they were written down.
  var plannedCells: [Int]? {
    metadata[Mark.cells].map { $0.split(separator: ",").compactMap { Int($0) } }
  }
}

/// Where the parts of a server really are: Nova's answer to `/topology`.
struct ServerTopology: Hashable, Sendable {
  struct Cell: Hashable, Sendable {
    /// Of the host; nil where the credential may not see it.
    let host: Int?
    /// KiB; nil for ordinary pages.
    let pageSize: Int?
    let pins: [String: Int]
  }

  let cells: [Cell]

  init(_ json: JSONValue) {
    cells = (json["nodes"]?.arrayValue ?? []).map { node in
      Cell(
        host: node["host_node"]?.intValue, pageSize: json["pagesize_kb"]?.intValue,
        pins: (node["cpu_pinning"]?.objectValue ?? [:]).compactMapValues(\.intValue))
    }
  }
}
