import NFVModel
import Synchronization
package import VIMTransport

/// A small cloud behind one address: Keystone, Nova, Placement, Glance and Neutron as far as servers without networks
/// want them. What is asked for runs at once, where it was asked for.
package final class FakeOpenStack: FakeService {
  /// What a test changes while it runs.
  package struct Behaviour: Sendable {
    package var password: String
    package var token = "gAAAA-planted-token-8128"
    /// The newest microversion of Nova.
    package var compute = "2.93"
    /// Nova finds no host, whatever Placement says.
    package var isFull = false
    /// Words that every refusal ends with: services say back what they were told.
    package var echo = ""
    package var onRequest: @Sendable () -> Void = {}
  }

  private struct State {
    var behaviour: Behaviour
    var servers: [String: [String: JSONValue]] = [:]
    var flavors: [String: [String: JSONValue]] = [:]
    var last = 0
  }

  private let state: Mutex<State>
  private let hosts: [String]

  package init(password: String, hosts: [String] = ["o1", "o2"]) {
    state = Mutex(State(behaviour: Behaviour(password: password)))
    self.hosts = hosts
  }

  package func change(_ body: (inout Behaviour) -> Void) { state.withLock { body(&$0.behaviour) } }

  /// Names of the servers that are there.
  package var servers: [String] {
    state.withLock { $0.servers.values.compactMap { $0["name"]?.stringValue }.sorted() }
  }

  /// Takes all servers away, as somebody else would.
  package func loseServers() { state.withLock { $0.servers = [:] } }

  package func answer(
    _ request: HTTPRequest, path: String, query: [(name: String, value: String)], origin: String
  ) -> HTTPResponse {
    state.withLock { $0.behaviour.onRequest }()
    let behaviour = state.withLock { $0.behaviour }
    if path == "/identity/v3/auth/tokens" { return logIn(request, behaviour, origin) }
    guard request.header("X-Auth-Token") == behaviour.token else {
      return refusal(401, "The request you have made requires authentication.", behaviour)
    }
    let parts = path.split(separator: "/").map(String.init)
    let rest = Array(parts.dropFirst())
    switch parts.first {
    case "compute": return compute(request, rest, query, behaviour)
    case "placement": return placement(rest)
    case "image":
      return .json(["images": [["id": "i1", "name": "guest", "status": "active", "tags": []]]])
    case "network": return .json([rest.last ?? "networks": []])
    default: return refusal(404, "no such service", behaviour)
    }
  }

  private func refusal(_ status: Int, _ words: String, _ behaviour: Behaviour) -> HTTPResponse {
    let text = behaviour.echo.isEmpty ? words : "\(words) (you said \(behaviour.echo))"
    return .json(["error": ["code": .int(status), "message": .string(text)]], status: status)
  }

  private func logIn(_ request: HTTPRequest, _ behaviour: Behaviour, _ origin: String) -> HTTPResponse {
    let user = request.json["auth"]?["identity"]?["password"]?["user"]
    guard user?["password"]?.stringValue == behaviour.password else {
      return refusal(401, "The request you have made requires authentication.", behaviour)
    }
    let catalog = ["compute", "placement", "image", "network"].map { type -> JSONValue in
      [
        "type": .string(type),
        "endpoints": [
          ["interface": "public", "region_id": "lab", "url": .string("\(origin)/\(type)")]
        ],
      ]
    }
    let token: JSONValue = [
      "issued_at": "2026-11-22T10:00:00.000000Z", "expires_at": "2026-11-22T18:00:00.000000Z",
      "project": ["id": "p1"], "catalog": .array(catalog),
    ]
    return .json(["token": token], status: 201, headers: ["x-subject-token": behaviour.token])
  }

  // MARK: Nova

  private func compute(
    _ request: HTTPRequest, _ path: [String], _ query: [(name: String, value: String)],
    _ behaviour: Behaviour
  ) -> HTTPResponse {
    switch (request.method, path.first) {
    case (_, nil): return .json(["version": ["version": .string(behaviour.compute), "min_version": "2.1"]])
    case (_, "limits"): return .json(["limits": [:]])
    case (_, "os-services"):
      let rows = hosts.map { host -> JSONValue in
        ["host": .string(host), "state": "up", "status": "enabled", "zone": "nova", "forced_down": false]
      }
      return .json(["services": .array(rows)])
    case (_, "os-aggregates"): return .json(["aggregates": []])
    case (_, "os-server-groups"): return .json(["server_groups": []])
    case (_, "os-hypervisors"):
      let rows = hosts.map { host -> JSONValue in
        ["id": .string("rp-\(host)"), "state": "up", "service": ["host": .string(host)]]
      }
      return .json(["hypervisors": .array(rows)])
    case (_, "flavors"): return flavors(request, Array(path.dropFirst()), behaviour)
    case (_, "servers"): return servers(request, Array(path.dropFirst()), query, behaviour)
    default: return refusal(404, "no handler", behaviour)
    }
  }

  private func flavors(_ request: HTTPRequest, _ path: [String], _ behaviour: Behaviour) -> HTTPResponse {
    state.withLock { state in
      switch (request.method, path.first) {
      case ("POST", nil):
        let flavor = request.json["flavor"]?.objectValue ?? [:]
        state.flavors[flavor["id"]?.stringValue ?? ""] = flavor
        return .json(["flavor": .object(flavor)])
      case ("POST", let id?):
        state.flavors[id]?["extra_specs"] = request.json["extra_specs"]
        return .json(request.json)
      case ("GET", let id?) where path.count == 1:
        return state.flavors[id].map { HTTPResponse.json(["flavor": .object($0)]) }
          ?? refusal(404, "no such flavor", behaviour)
      case ("GET", _?): return .json(["extra_specs": [:]])
      case ("DELETE", let id?):
        state.flavors[id] = nil
        return HTTPResponse(status: 202)
      default: return .json(["flavors": .array(state.flavors.values.map { .object($0) })])
      }
    }
  }

  private func servers(
    _ request: HTTPRequest, _ path: [String], _ query: [(name: String, value: String)],
    _ behaviour: Behaviour
  ) -> HTTPResponse {
    state.withLock { state in
      switch (request.method, path.first) {
      case ("POST", nil):
        var server = request.json["server"]?.objectValue ?? [:]
        state.last += 1
        let id = "s\(state.last)"
        let flavor = state.flavors[server["flavorRef"]?.stringValue ?? ""] ?? [:]
        server["id"] = .string(id)
        server["status"] = behaviour.isFull ? "ERROR" : "ACTIVE"
        if behaviour.isFull {
          server["fault"] = ["code": 500, "message": "No valid host was found. There are not enough hosts."]
        } else {
          server["OS-EXT-SRV-ATTR:host"] = server["host"]
        }
        server["created"] = .string("2026-11-22T10:00:0\(state.last % 10)Z")
        server["flavor"] = [
          "original_name": flavor["name"] ?? .null, "extra_specs": flavor["extra_specs"] ?? [:],
        ]
        state.servers[id] = server
        return .json(["server": ["id": .string(id)]], status: 202)
      case ("GET", nil), ("GET", "detail"):
        let tags = query.filter { $0.name == "tags" }.map { JSONValue.string($0.value) }
        let found = state.servers.values.filter { server in
          tags.allSatisfy { server["tags"]?.arrayValue?.contains($0) == true }
        }
        return .json(["servers": .array(found.map { .object($0) })])
      case ("GET", let id?) where path.count == 1:
        return state.servers[id].map { HTTPResponse.json(["server": .object($0)]) }
          ?? refusal(404, "Instance \(id) could not be found.", behaviour)
      case ("GET", _?): return .json(["nodes": []])
      case ("DELETE", let id?):
        return state.servers.removeValue(forKey: id) == nil
          ? refusal(404, "Instance \(id) could not be found.", behaviour) : HTTPResponse(status: 204)
      default: return refusal(405, "not allowed", behaviour)
      }
    }
  }

  // MARK: Placement

  private func placement(_ path: [String]) -> HTTPResponse {
    let amounts: JSONValue = [
      "VCPU": ["total": 8, "reserved": 0, "allocation_ratio": 1],
      "MEMORY_MB": ["total": 16384, "reserved": 0, "allocation_ratio": 1],
      "DISK_GB": ["total": 100, "reserved": 0, "allocation_ratio": 1],
    ]
    switch (path.first, path.last) {
    case (nil, _): return .json(["versions": [["max_version": "1.39", "min_version": "1.0"]]])
    case ("allocation_candidates", _):
      return .json(["provider_summaries": [:], "allocation_requests": []])
    case (_, "inventories"): return .json(["inventories": amounts])
    case (_, "usages"): return .json(["usages": ["VCPU": 0, "MEMORY_MB": 0, "DISK_GB": 0]])
    case (_, "allocations"): return .json(["allocations": [:]])
    case (_, "traits"): return .json(["traits": []])
    default: return .json(["resource_providers": []])
    }
  }
}
