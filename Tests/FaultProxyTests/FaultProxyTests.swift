import FaultProxy
import Foundation
import Synchronization
import Testing
import VIMTransport

@Suite struct FaultProxyTests {
  /// Counts what it hears, and says back what it was asked.
  final class Service: HTTPExchange {
    let heard = Mutex<[String]>([])
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
      heard.withLock { $0.append("\(request.method) \(request.url)") }
      let words = "\(request.method) \(request.url) \(String(decoding: request.body, as: UTF8.self))"
      return HTTPResponse(
        status: request.method == "POST" ? 202 : 200,
        headers: ["content-type": "text/plain", "location": "http://service:1/there"],
        body: [UInt8](words.utf8))
    }
    var calls: [String] { heard.withLock { $0 } }
  }

  private func ask(
    _ method: String, _ url: String, body: String = "", timeout: Int = 600_000
  ) async -> Result<HTTPResponse, TransportError> {
    do throws(TransportError) {
      let http = try LiveHTTP(connectTimeout: 600_000)
      return .success(
        try await http.send(HTTPRequest(method, url, body: [UInt8](body.utf8), timeout: timeout)))
    } catch {
      return .failure(error)
    }
  }

  private func text(_ answer: Result<HTTPResponse, TransportError>) throws -> String {
    String(decoding: try answer.get().body, as: UTF8.self)
  }

  private func isInterrupted(_ answer: Result<HTTPResponse, TransportError>) -> Bool {
    if case .failure(.interrupted) = answer { true } else { false }
  }

  @Test func `without a script everything is passed on as it is`() async throws {
    let service = Service()
    let proxy = try await FaultProxy.start(
      before: "http://service:1", over: service, replacing: [("http://service:1", "PROXY")])
    defer { proxy.stop() }

    let answer = try await ask("POST", proxy.url + "/a/b?c=d", body: "hello").get()

    #expect(answer.status == 202)
    #expect(String(decoding: answer.body, as: UTF8.self) == "POST \(proxy.url)/a/b?c=d hello")
    #expect(answer.headers["location"] == proxy.url + "/there")
    #expect(answer.headers["content-type"] == "text/plain")
    #expect(service.calls == ["POST http://service:1/a/b?c=d"])
    #expect(proxy.requests == [.init(method: "POST", target: "/a/b?c=d", wasPassedOn: true)])
  }

  @Test func `the n-th request that matches goes wrong, and no other`() async throws {
    let service = Service()
    let proxy = try await FaultProxy.start(before: "http://service:1", over: service)
    defer { proxy.stop() }
    proxy.arm([FaultRule("POST", "/servers*", body: "clone", call: 2, gets: .unavailable(retryAfter: 3))])

    #expect(try await ask("POST", proxy.url + "/servers", body: "clone").get().status == 202)
    #expect(try await ask("GET", proxy.url + "/servers").get().status == 200)
    #expect(try await ask("POST", proxy.url + "/servers/7", body: "start").get().status == 202)
    #expect(try await ask("POST", proxy.url + "/images", body: "clone").get().status == 202)
    let second = try await ask("POST", proxy.url + "/servers/7?x=1", body: "a clone").get()
    #expect(second.status == 503)
    #expect(second.retryAfter == 3000)
    #expect(try await ask("POST", proxy.url + "/servers", body: "clone").get().status == 202)
    #expect(service.calls.count == 5)
  }

  @Test func `what is cut before is not heard, what is cut after is`() async throws {
    let service = Service()
    let proxy = try await FaultProxy.start(before: "http://service:1", over: service)
    defer { proxy.stop() }

    proxy.arm([FaultRule("POST", gets: .cutBefore)])
    #expect(isInterrupted(await ask("POST", proxy.url + "/a")))
    #expect(service.calls == [])

    proxy.arm([FaultRule("POST", gets: .cutAfter)])
    #expect(isInterrupted(await ask("POST", proxy.url + "/b")))
    #expect(service.calls == ["POST http://service:1/b"])
    #expect(proxy.requests.map(\.wasPassedOn) == [false, true])
    #expect(try await ask("POST", proxy.url + "/c").get().status == 202)
  }

  @Test func `bodies come late, senseless or in halves`() async throws {
    let proxy = try await FaultProxy.start(before: "http://service:1", over: Service())
    defer { proxy.stop() }

    // So late that no machine is slow enough to see it.
    proxy.arm([FaultRule(gets: .delay(3_600_000))])
    #expect(isInterrupted(await ask("GET", proxy.url + "/a", timeout: 100)))
    proxy.arm([FaultRule(gets: .delay(50))])
    #expect(try text(await ask("GET", proxy.url + "/a")).hasPrefix("GET "))
    proxy.arm([FaultRule(gets: .garbage)])
    let senseless = try await ask("GET", proxy.url + "/a").get()
    #expect(senseless.status == 200)
    #expect(!String(decoding: senseless.body, as: UTF8.self).contains("GET"))
    proxy.arm([FaultRule(gets: .truncated)])
    #expect(isInterrupted(await ask("GET", proxy.url + "/a")))
  }

  @Test func `sessions end and calls are too many, for as many calls as was said`() async throws {
    let service = Service()
    let proxy = try await FaultProxy.start(before: "http://service:1", over: service)
    defer { proxy.stop() }
    proxy.arm([
      FaultRule(times: 2, gets: .unauthorised), FaultRule("GET", call: 3, gets: .tooMany(retryAfter: 1)),
    ])

    var statuses: [Int] = []
    for _ in 1...4 { statuses.append(try await ask("GET", proxy.url + "/a").get().status) }

    #expect(statuses == [401, 401, 429, 200])
    #expect(service.calls.count == 1)
  }

  @Test func `before a service that is not there it says so`() async throws {
    let proxy = try await FaultProxy.start(before: "http://127.0.0.1:1", over: try LiveHTTP())
    defer { proxy.stop() }
    #expect(try await ask("GET", proxy.url + "/a").get().status == 502)
  }

  @Test func `a proxy before a proxy is a real service over the wire`() async throws {
    let service = Service()
    let inner = try await FaultProxy.start(before: "http://service:1", over: service)
    let outer = try await FaultProxy.start(before: inner.url, over: try LiveHTTP())
    defer { inner.stop(); outer.stop() }
    #expect(try text(await ask("PUT", outer.url + "/a", body: "x")) == "PUT http://service:1/a x")
    outer.arm([FaultRule(gets: .cutAfter)])
    #expect(isInterrupted(await ask("PUT", outer.url + "/b")))
    #expect(service.calls.count == 2)
  }
}
