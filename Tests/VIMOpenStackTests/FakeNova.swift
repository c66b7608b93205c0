import NFVModel
import Synchronization
import VIMTransport

@testable import VIMOpenStack

/// What a small cloud remembers, behind a `FakeCloud`: servers run as soon as they are asked for.
final class FakeNova: Sendable {
  struct World {
    var servers: [String: [String: JSONValue]] = [:]
    var flavors: [String: [String: JSONValue]] = [:]
    var named: [String: [String: [String: JSONValue]]] = ["networks": [:], "subnets": [:], "ports": [:]]
    var topology: JSONValue = ["nodes": []]
    /// What every new server gets beside what was asked: another host, a fault.
    var quirks: [String: JSONValue] = [:]
    var last = 0
  }

  let world = Mutex(World())
  let fake = FakeCloud()
  var vim: OpenStackVIM {
    var cloud = FakeCloud.cloud
    cloud.physicalNetwork = "physnet1"
    return fake.vim(cloud)
  }

  init() {
    fake.on("GET", "/v2/images", 200, ["images": [["id": "img1", "name": "guest", "hw_vif_model": "e1000"]]])
    fake.on { [self] request in world.withLock { $0.answer(request) } }
  }

  func edit(_ body: (inout World) -> Void) { world.withLock { body(&$0) } }
  var servers: [[String: JSONValue]] { world.withLock { Array($0.servers.values) } }
  /// Names of all that is there.
  var holdings: [String] {
    world.withLock { world in
      (world.servers.keys.map { "server \($0)" } + world.flavors.keys.map { _ in "flavor" }
        + world.named.flatMap { kind, all in all.keys.map { _ in kind } }).sorted()
    }
  }
}

extension FakeNova.World {
  mutating func answer(_ request: HTTPRequest) -> HTTPResponse? {
    let path = FakeCloud.path(request).split(separator: "/").map(String.init)
    let query = Self.query(request.url)
    switch (request.method, path.first, path.dropFirst().first) {
    case (_, "v2.1"?, "servers"?): return server(request, Array(path.dropFirst(2)), query)
    case (_, "v2.1"?, "flavors"?): return flavor(request, Array(path.dropFirst(2)))
    case (_, "v2.0"?, let kind?) where named[kind] != nil:
      return resource(request, kind, Array(path.dropFirst(2)), query)
    default: return nil
    }
  }

  private static func query(_ url: String) -> [(String, String)] {
    (url.split(separator: "?", maxSplits: 1).dropFirst().first ?? "").split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      return (parts[0], parts.count > 1 ? unescaped(parts[1]) : "")
    }
  }

  private static func unescaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Substring(text)
    while let first = rest.first {
      if first == "%", let byte = UInt8(rest.dropFirst().prefix(2), radix: 16) {
        bytes.append(byte)
        rest = rest.dropFirst(3)
      } else {
        bytes += Array(String(first).utf8)
        rest = rest.dropFirst()
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  mutating func add(server asked: JSONValue) -> String {
    last += 1
    let id = "s\(last)"
    var server = asked.objectValue ?? [:]
    server["id"] = .string(id)
    server["status"] = "ACTIVE"
    server["OS-EXT-SRV-ATTR:host"] = asked["host"]
    server["created"] = .string("2026-11-22T10:00:0\(last)Z")
    let flavor = flavors[asked["flavorRef"]?.stringValue ?? ""] ?? [:]
    server["flavor"] = [
      "original_name": flavor["name"] ?? .null, "extra_specs": flavor["extra_specs"] ?? [:],
    ]
    server.merge(quirks) { $1 }
    servers[id] = server
    for interface in asked["networks"]?.arrayValue ?? [] {
      guard let port = interface["port"]?.stringValue else { continue }
      named["ports"]?[port]?["device_id"] = .string(id)
    }
    return id
  }

  private mutating func server(_ request: HTTPRequest, _ path: [String], _ query: [(String, String)])
    -> HTTPResponse
  {
    switch (request.method, path.first, path.dropFirst().first) {
    case ("GET", "detail"?, _), ("GET", nil, _):
      let found = servers.values.filter { server in
        query.allSatisfy { key, value in
          key != "tags" || server["tags"]?.arrayValue?.contains(.string(value)) == true
        }
      }
      return FakeCloud.answer(200, ["servers": .array(found.map { .object($0) })])
    case ("POST", nil, _):
      let asked = request.json["server"] ?? .null
      guard flavors[asked["flavorRef"]?.stringValue ?? ""] != nil else {
        return FakeCloud.answer(400, ["badRequest": ["message": "Flavor could not be found."]])
      }
      return FakeCloud.answer(202, ["server": ["id": .string(add(server: asked))]])
    case ("GET", let id?, "topology"?): return servers[id] == nil ? missing : FakeCloud.answer(200, topology)
    case ("GET", let id?, _):
      return servers[id].map { FakeCloud.answer(200, ["server": .object($0)]) } ?? missing
    case ("DELETE", let id?, _):
      for port in named["ports"]?.keys.map({ $0 }) ?? []
      where named["ports"]?[port]?["device_id"] == .string(id) {
        named["ports"]?[port]?["device_id"] = ""
      }
      return servers.removeValue(forKey: id) == nil ? missing : FakeCloud.answer(204)
    default: return missing
    }
  }

  private mutating func flavor(_ request: HTTPRequest, _ path: [String]) -> HTTPResponse {
    switch (request.method, path.first, path.dropFirst().first) {
    case ("POST", nil, _):
      let asked = request.json["flavor"]?.objectValue ?? [:]
      let id = asked["id"]?.stringValue ?? ""
      if flavors[id] != nil { return FakeCloud.answer(409, ["conflictingRequest": ["message": "exists"]]) }
      flavors[id] = asked
      return FakeCloud.answer(200, ["flavor": .object(asked)])
    case ("POST", let id?, "os-extra_specs"?):
      flavors[id]?["extra_specs"] = request.json["extra_specs"]
      return FakeCloud.answer(200, request.json)
    case ("GET", let id?, _):
      return flavors[id].map { FakeCloud.answer(200, ["flavor": .object($0)]) } ?? missing
    case ("DELETE", let id?, _):
      return flavors.removeValue(forKey: id) == nil ? missing : FakeCloud.answer(202)
    default: return missing
    }
  }

  private mutating func resource(
    _ request: HTTPRequest, _ kind: String, _ path: [String], _ query: [(String, String)]
  ) -> HTTPResponse {
    switch (request.method, path.first) {
    case ("GET", nil):
      let wanted = Dictionary(grouping: query, by: \.0).filter { $0.key != "fields" }
      let found = (named[kind] ?? [:]).values.filter { entry in
        wanted.allSatisfy { key, values in values.contains { entry[key]?.stringValue ?? "" == $0.1 } }
      }
      return FakeCloud.answer(200, [kind: .array(found.map { .object($0) })])
    case ("POST", nil):
      last += 1
      var entry = request.json[String(kind.dropLast())]?.objectValue ?? [:]
      entry["id"] = .string("\(kind.first ?? "n")\(last)")
      named[kind]?["\(kind.first ?? "n")\(last)"] = entry
      return FakeCloud.answer(201, [String(kind.dropLast()): .object(entry)])
    case ("PUT", let id?): return named[kind]?[id] == nil ? missing : FakeCloud.answer(200, request.json)
    case ("DELETE", let id?):
      if kind == "networks" {
        let isUsed = named["ports"]?.values.contains { $0["network_id"] == .string(id) } == true
        let isOn = servers.values.contains {
          $0["networks"]?.arrayValue?.contains(["uuid": .string(id)]) == true
        }
        if isUsed || isOn {
          return FakeCloud.answer(409, ["NeutronError": ["type": "NetworkInUse", "message": "in use"]])
        }
        for (subnet, entry) in named["subnets"] ?? [:] where entry["network_id"] == .string(id) {
          named["subnets"]?[subnet] = nil
        }
      }
      return named[kind]?.removeValue(forKey: id) == nil ? missing : FakeCloud.answer(204)
    default: return missing
    }
  }

  private var missing: HTTPResponse { FakeCloud.answer(404, ["itemNotFound": ["message": "not there"]]) }
}
