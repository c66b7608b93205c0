import NFVModel
import Synchronization
import VIMProtocol
import VIMTransport

@testable import VIMOpenStack

/// Answers by hand-written handlers, the last added first; keeps what was asked. Logs in and tells versions by itself.
final class FakeCloud: HTTPExchange {
  typealias Handler = @Sendable (HTTPRequest) throws(TransportError) -> HTTPResponse?

  private struct State {
    var handlers: [Handler] = []
    var asked: [HTTPRequest] = []
    var logins = 0
  }

  private let state = Mutex(State())
  /// Seconds that a token lives.
  let lifetime: Int

  init(lifetime: Int = 3600) { self.lifetime = lifetime }

  static let cloud: OpenStackCloud = {
    var cloud = OpenStackCloud(
      name: "lab", identity: "http://id/v3",
      credential: .password(
        user: OpenStackCloud.Named(name: "ops"), password: Secret("planted-secret"),
        project: OpenStackCloud.Named(name: "nfv", domainName: "Corp")))
    cloud.region = "north"
    cloud.image = "guest"
    return cloud
  }()

  /// Clocks stand still but for sleeping.
  final class Time: Sendable {
    let milliseconds = Mutex(1_795_374_232_000)
    var clock: OpenStackClock {
      OpenStackClock(
        now: { self.milliseconds.withLock { $0 } },
        sleep: { wait in self.milliseconds.withLock { $0 += wait } })
    }
  }

  let time = Time()

  func vim(_ cloud: OpenStackCloud = FakeCloud.cloud, site: String? = nil) -> OpenStackVIM {
    OpenStackVIM(
      "sto", cloud: cloud, exchange: self, options: OpenStackVIM.Options(site: site), clock: time.clock)
  }

  /// What was asked, `GET compute /servers/1`.
  var asked: [HTTPRequest] { state.withLock { $0.asked } }
  var logins: Int { state.withLock { $0.logins } }

  func calls(_ method: String, _ path: String) -> [HTTPRequest] {
    asked.filter { $0.method == method && Self.path($0) == path }
  }

  /// The path without endpoint and query.
  static func path(_ request: HTTPRequest) -> String {
    let rest = request.url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).last ?? ""
    return "/" + rest.prefix { $0 != "?" }
  }

  func on(_ handler: @escaping Handler) { state.withLock { $0.handlers.insert(handler, at: 0) } }

  /// Answers one method and path: `on("GET", "/v2.1/limits", 200, […])`.
  func on(_ method: String, _ path: String, _ status: Int = 200, _ body: JSONValue = .null) {
    on { request in
      request.method == method && Self.path(request) == path ? Self.answer(status, body) : nil
    }
  }

  static func answer(_ status: Int, _ body: JSONValue = .null, headers: [String: String] = [:])
    -> HTTPResponse
  {
    HTTPResponse(status: status, headers: headers, body: body == .null ? [] : body.canonicalBytes)
  }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let handlers = state.withLock { state in
      state.asked.append(request)
      return state.handlers
    }
    for handler in handlers { if let answer = try handler(request) { return answer } }
    switch (request.method, Self.path(request)) {
    case ("POST", "/v3/auth/tokens"): return logIn()
    case ("GET", "/v2.1/"):
      return Self.answer(200, ["version": ["version": "2.93", "min_version": "2.1"]])
    case ("GET", "/"):
      return Self.answer(200, ["versions": [["max_version": "1.39", "min_version": "1.0"]]])
    default: return Self.answer(404, ["itemNotFound": ["code": 404, "message": "no handler for it"]])
    }
  }

  private func logIn() -> HTTPResponse {
    let number = state.withLock { state in
      state.logins += 1
      return state.logins
    }
    let now = time.milliseconds.withLock { $0 / 1000 }
    let endpoints = { (url: String) -> JSONValue in
      [
        ["interface": "internal", "region_id": "north", "url": "http://nowhere"],
        ["interface": "public", "region_id": "south", "url": "http://nowhere"],
        ["interface": "public", "region_id": "north", "url": .string(url)],
      ]
    }
    return Self.answer(
      201,
      [
        "token": [
          "issued_at": .string(utcText(seconds: now)),
          "expires_at": .string(utcText(seconds: now + lifetime)),
          "project": ["id": "p1"],
          "catalog": [
            ["type": "compute", "endpoints": endpoints("http://nova/v2.1")],
            ["type": "placement", "endpoints": endpoints("http://placement")],
            ["type": "image", "endpoints": endpoints("http://glance")],
            ["type": "network", "endpoints": endpoints("http://neutron/")],
          ],
        ]
      ], headers: ["x-subject-token": "token-\(number)"])
  }
}

extension HTTPRequest {
  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
  var json: JSONValue { (try? JSONValue.parse(body)) ?? .null }
}
