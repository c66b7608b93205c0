import NFVModel
import Synchronization
import Testing
import VIMProtocol
import VIMTransport

@testable import VIMOpenStack

struct SessionTests {
  private func words(_ body: () async throws(VIMError) -> some Any) async -> VIMError? {
    do throws(VIMError) { _ = try await body() } catch { return error }
    Issue.record("it went well")
    return nil
  }

  @Test func `a login asks for what clouds.yaml says, and calls go to the endpoint of region and interface`()
    async throws
  {
    let fake = FakeCloud()
    fake.on("GET", "/v2.1/limits", 200, ["limits": [:]])
    fake.on("GET", "/v2.0/networks", 200, ["networks": []])
    let session = fake.vim().session
    _ = try await session.read(.compute, "/limits")
    _ = try await session.read(.network, "/networks")

    let login = try #require(fake.calls("POST", "/v3/auth/tokens").first)
    #expect(
      login.json["auth"]?["identity"]?["password"]?["user"] == [
        "name": "ops", "domain": ["id": "default"], "password": "planted-secret",
      ])
    #expect(login.json["auth"]?["scope"] == ["project": ["name": "nfv", "domain": ["name": "Corp"]]])
    let call = try #require(fake.calls("GET", "/v2.1/limits").first)
    #expect(call.url == "http://nova/v2.1/limits" && call.header("X-Auth-Token") == "token-1")
    #expect(call.header("OpenStack-API-Version") == "compute 2.93")
    #expect(fake.calls("GET", "/v2.0/networks").first?.url == "http://neutron/v2.0/networks")
    #expect(fake.logins == 1)
  }

  @Test func `an application credential asks for no project`() async throws {
    let fake = FakeCloud()
    fake.on("GET", "/v2.1/limits", 200, [:])
    var cloud = FakeCloud.cloud
    cloud.credential = .application(id: "a1", name: nil, user: nil, secret: Secret("planted-secret"))
    _ = try await fake.vim(cloud).session.read(.compute, "/limits")
    #expect(
      fake.calls("POST", "/v3/auth/tokens").first?.json["auth"] == [
        "identity": [
          "methods": ["application_credential"],
          "application_credential": ["id": "a1", "secret": "planted-secret"],
        ]
      ])
  }

  @Test func `a token is renewed before it ends, and many who ask at once log in once`() async throws {
    let fake = FakeCloud(lifetime: 600)
    fake.on("GET", "/v2.1/limits", 200, [:])
    let session = fake.vim().session
    _ = try await inParallel(Array(0..<50)) { _ throws(VIMError) in
      try await session.read(.compute, "/limits")
    }
    #expect(fake.logins == 1)
    fake.time.milliseconds.withLock { $0 += 560_000 }
    _ = try await session.read(.compute, "/limits")
    #expect(fake.logins == 1)
    fake.time.milliseconds.withLock { $0 += 15_000 }
    _ = try await session.read(.compute, "/limits")
    #expect(fake.logins == 2 && fake.asked.last?.header("X-Auth-Token") == "token-2")
  }

  @Test func `a token that is not taken is replaced once, even for what changes something`() async throws {
    let fake = FakeCloud()
    fake.on { request in
      guard FakeCloud.path(request) == "/v2.1/flavors" else { return nil }
      return request.header("X-Auth-Token") == "token-1"
        ? FakeCloud.answer(401, ["error": ["message": "The request you have made requires authentication."]])
        : FakeCloud.answer(200, [:])
    }
    let session = fake.vim().session
    _ = try await session.ask(.compute, "POST", "/flavors", [:])
    #expect(fake.logins == 2 && fake.calls("POST", "/v2.1/flavors").count == 2)

    fake.on("POST", "/v2.1/flavors", 401)
    let error = await words { () throws(VIMError) in try await session.ask(.compute, "POST", "/flavors", [:])
    }
    guard case .rejected(.unauthorised, _)? = error else {
      Issue.record("\(String(describing: error))"); return
    }
    #expect(fake.calls("POST", "/v2.1/flavors").count == 4)
  }

  @Test func `versions are agreed on, and a service that is too old is refused by name`() async throws {
    let old = FakeCloud()
    old.on("GET", "/v2.1/", 200, ["version": ["version": "2.60", "min_version": "2.1"]])
    let error = await words { () throws(VIMError) in try await old.vim().session.read(.compute, "/limits") }
    #expect(
      error
        == .rejected(
          .unsupported,
          "vim sto, GET / of compute: it speaks 2.1 to 2.60, and 2.79 to 2.93 is known here"))

    let between = FakeCloud()
    between.on("GET", "/v2.1/", 200, ["version": ["version": "2.87", "min_version": "2.1"]])
    between.on("GET", "/v2.1/limits", 200, [:])
    _ = try await between.vim().session.read(.compute, "/limits")
    #expect(between.asked.last?.header("OpenStack-API-Version") == "compute 2.87")
  }

  @Test func `pages are followed to their end, and not in a circle`() async throws {
    let fake = FakeCloud()
    fake.on { request in
      guard FakeCloud.path(request) == "/v2.1/servers/detail" else { return nil }
      if request.url.hasSuffix("marker=b") { return FakeCloud.answer(200, ["servers": ["c"]]) }
      let next = "http://elsewhere/servers/detail?limit=2&marker=b"
      return FakeCloud.answer(
        200, ["servers": ["a", "b"], "servers_links": [["rel": "next", "href": .string(next)]]])
    }
    let session = fake.vim().session
    #expect(try await session.readAll(.compute, "/servers/detail?limit=2", "servers") == ["a", "b", "c"])
    fake.on { request in
      guard FakeCloud.path(request) == "/v2/images" else { return nil }
      return FakeCloud.answer(200, ["images": [], "next": "/v2/images?marker=x"])
    }
    let error = await words { () throws(VIMError) in try await session.readAll(.image, "/images", "images") }
    #expect(error.map { "\($0)" }?.contains("in a circle") == true)
  }

  @Test func `reading again is safe and is done, changing again is not`() async throws {
    let fake = FakeCloud()
    let failures = Mutex(2)
    fake.on { request throws(TransportError) in
      guard FakeCloud.path(request).hasPrefix("/v2.1/limits") else { return nil }
      if failures.withLock({
        $0 -= 1; return $0 >= 0
      }) {
        throw .interrupted("closed")
      }
      return FakeCloud.answer(200, ["limits": 1])
    }
    let session = fake.vim().session
    #expect(try await session.read(.compute, "/limits") == ["limits": 1])

    fake.on { request throws(TransportError) in
      guard FakeCloud.path(request) == "/v2.1/servers" else { return nil }
      throw .interrupted("no answer in 60000 ms")
    }
    let lost = await words { () throws(VIMError) in try await session.ask(.compute, "POST", "/servers", [:]) }
    #expect(lost == .unknownOutcome("vim sto, POST /servers: no answer in 60000 ms"))
    #expect(fake.calls("POST", "/v2.1/servers").count == 1)
  }

  @Test func `each service's refusal is read in its own form, without a traceback`() async throws {
    let cases: [(Int, JSONValue, VIMError)] = [
      (
        403,
        [
          "forbidden": [
            "code": 403, "message": "Quota exceeded for instances: Requested 1, but already used 5 of 5",
          ]
        ],
        .rejected(
          .quota, "vim sto, POST /x: Quota exceeded for instances: Requested 1, but already used 5 of 5")
      ),
      (
        409,
        [
          "NeutronError": [
            "type": "OverQuota", "message": "Quota exceeded for resources: ['port'].", "detail": "",
          ]
        ],
        .rejected(.quota, "vim sto, POST /x: Quota exceeded for resources: ['port'].")
      ),
      (
        400,
        [
          "badRequest": [
            "code": 400, "message": "Compute host nix could not be found.\nTraceback (most recent",
          ]
        ],
        .rejected(.invalid("host"), "vim sto, POST /x: Compute host nix could not be found.")
      ),
      (
        409, ["errors": [["status": 409, "title": "Conflict", "detail": "Inventory changed"]]],
        .rejected(.conflict, "vim sto, POST /x: Inventory changed")
      ),
      (503, .null, .unavailable(.unreachable, "vim sto, POST /x: status 503", retryAfter: nil)),
      (500, .null, .unknownOutcome("vim sto, POST /x: status 500")),
    ]
    for (status, body, expected) in cases {
      let fake = FakeCloud()
      fake.on("POST", "/v2.1/x", status, body)
      let session = fake.vim().session
      #expect(
        await words { () throws(VIMError) in try await session.ask(.compute, "POST", "/x", [:]) } == expected)
    }
  }

  @Test func `garbage is no answer: reading fails for now, changing is in doubt`() async throws {
    let fake = FakeCloud()
    fake.on { request in
      FakeCloud.path(request) == "/v2.1/x" ? HTTPResponse(status: 200, body: [UInt8]("<html>".utf8)) : nil
    }
    let session = fake.vim().session
    let read = await words { () throws(VIMError) in try await session.read(.compute, "/x") }
    guard case .unavailable? = read else { Issue.record("\(String(describing: read))"); return }
    let made = await words { () throws(VIMError) in try await session.ask(.compute, "POST", "/x", [:]) }
    guard case .unknownOutcome? = made else { Issue.record("\(String(describing: made))"); return }
  }

  @Test func `a planted secret stands in no error and no description`() async throws {
    let fake = FakeCloud()
    fake.on(
      "POST", "/v3/auth/tokens", 401,
      ["error": ["message": "The request you have made requires authentication."]])
    let vim = fake.vim()
    let error = await words { () throws(VIMError) in try await vim.probe() }
    #expect(
      error
        == .rejected(
          .unauthorised, "vim sto, POST /v3/auth/tokens: The request you have made requires authentication."))
    var dumped = ""
    dump(vim.session.cloud, to: &dumped)
    #expect(!dumped.contains("planted-secret") && !"\(vim)".contains("planted-secret"))
  }
}
