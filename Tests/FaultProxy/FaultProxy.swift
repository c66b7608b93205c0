import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
package import VIMTransport

/// A reverse proxy on loopback that goes wrong by script: plain HTTP in, whatever the exchange speaks out.
///
/// It passes whole requests and whole answers on, one connection each at a time; nothing is streamed.
package final class FaultProxy: Sendable {
  package struct Seen: Hashable, Sendable {
    package let method: String
    /// With its query.
    package let target: String
    /// Whether the service has heard of it.
    package let wasPassedOn: Bool

    package init(method: String, target: String, wasPassedOn: Bool) {
      self.method = method
      self.target = target
      self.wasPassedOn = wasPassedOn
    }
  }

  private struct Script {
    var rules: [(rule: FaultRule, seen: Int)] = []
    var requests: [Seen] = []
    var task: Task<Void, any Error>?
  }

  private let upstream: String
  private let exchange: any HTTPExchange
  private let replacements: [(of: String, with: String)]
  private let script = Mutex(Script())
  private let server: NIOAsyncChannel<Connection, Never>

  fileprivate typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

  /// Where clients turn to: `http://127.0.0.1:49152`.
  package let url: String

  /// - Parameters:
  ///   - upstream: scheme, host and port of the service.
  ///   - exchange: carries what is passed on; with the service's authority and a client's certificate where it
  ///     wants them.
  ///   - replacing: text of answers (bodies and headers) that names the service, so that clients come back here;
  ///     `PROXY` in it becomes this proxy's URL.
  package static func start(
    before upstream: String, over exchange: any HTTPExchange, replacing: [(of: String, with: String)] = []
  ) async throws -> FaultProxy {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          return try Connection(wrappingChannelSynchronously: channel)
        }
      }
    let proxy = FaultProxy(upstream, exchange, replacing, server)
    let task = Task { try await proxy.serve() }
    proxy.script.withLock { $0.task = task }
    return proxy
  }

  private init(
    _ upstream: String, _ exchange: any HTTPExchange, _ replacing: [(of: String, with: String)],
    _ server: NIOAsyncChannel<Connection, Never>
  ) {
    let url = "http://127.0.0.1:\(server.channel.localAddress?.port ?? 0)"
    self.upstream = upstream
    self.exchange = exchange
    self.replacements = replacing.map { ($0.of, $0.with.replacing("PROXY", with: url)) }
    self.server = server
    self.url = url
  }

  /// Gives it new rules for the old ones; the first that applies to a request decides.
  package func arm(_ rules: [FaultRule]) {
    script.withLock { $0.rules = rules.map { ($0, 0) } }
  }

  package func calm() { arm([]) }

  /// What came in since the beginning, in order.
  package var requests: [Seen] { script.withLock { $0.requests } }

  package func stop() { script.withLock { $0.task?.cancel() } }

  // MARK: Serving

  private func serve() async throws {
    try await withThrowingDiscardingTaskGroup { group in
      try await server.executeThenClose { connections in
        for try await connection in connections {
          // A client that goes away in the middle ends its own connection alone.
          group.addTask { try? await self.serve(connection) }
        }
      }
    }
  }

  private func serve(_ connection: Connection) async throws {
    try await connection.executeThenClose { inbound, outbound in
      var head: HTTPRequestHead?
      var body: [UInt8] = []
      for try await part in inbound {
        switch part {
        case .head(let next): (head, body) = (next, [])
        case .body(let buffer): body += buffer.readableBytesView
        case .end:
          guard let asked = head, try await answer(asked, body, outbound), asked.isKeepAlive else { return }
        }
      }
    }
  }

  /// Whether the connection goes on.
  private func answer(
    _ head: HTTPRequestHead, _ body: [UInt8],
    _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
  ) async throws -> Bool {
    let fault = fault(for: head, body)
    switch fault {
    case .answer(let status, let headers, let text):
      try await write(status, headers, [UInt8](text.utf8), outbound)
      return true
    case .cutBefore: return false
    default: break
    }
    let response: HTTPResponse
    do {
      response = try await exchange.send(passedOn(head, body))
    } catch {
      try await write(502, [:], [UInt8](error.message.utf8), outbound)
      return true
    }
    let answer = replaced(response)
    switch fault {
    case .cutAfter: return false
    case .garbage: try await write(answer.status, answer.headers, [UInt8]("\u{1}<{garbage".utf8), outbound)
    case .truncated:
      try await write(answer.status, answer.headers, answer.body, outbound, isWhole: false)
      return false
    case .delay(let milliseconds):
      try await Task.sleep(for: .milliseconds(milliseconds))
      fallthrough
    default: try await write(answer.status, answer.headers, answer.body, outbound)
    }
    return true
  }

  private func fault(for head: HTTPRequestHead, _ body: [UInt8]) -> FaultRule.Fault? {
    let path = String(head.uri.prefix { $0 != "?" })
    return script.withLock { script in
      var fault: FaultRule.Fault?
      for index in script.rules.indices {
        let rule = script.rules[index].rule
        guard rule.matches(head.method.rawValue, path, body: String(decoding: body, as: UTF8.self)) else {
          continue
        }
        script.rules[index].seen += 1
        let call = script.rules[index].seen
        if fault == nil, call >= rule.call, call < rule.call + rule.times { fault = rule.fault }
      }
      let isHeard: Bool
      switch fault {
      case .answer, .cutBefore: isHeard = false
      default: isHeard = true
      }
      script.requests.append(Seen(method: head.method.rawValue, target: head.uri, wasPassedOn: isHeard))
      return fault
    }
  }

  private func passedOn(_ head: HTTPRequestHead, _ body: [UInt8]) -> HTTPRequest {
    let own: Set = ["host", "connection", "content-length", "transfer-encoding", "accept-encoding"]
    let headers = head.headers.filter { !own.contains($0.name.lowercased()) }
    return HTTPRequest(
      head.method.rawValue, upstream + head.uri, headers: headers.map { ($0.name, $0.value) }, body: body,
      timeout: 600_000)
  }

  private func replaced(_ response: HTTPResponse) -> HTTPResponse {
    var response = response
    for name in ["connection", "content-length", "transfer-encoding"] { response.headers[name] = nil }
    guard !replacements.isEmpty else { return response }
    func replaced(_ text: String) -> String {
      replacements.reduce(text) { $0.replacing($1.of, with: $1.with) }
    }
    response.headers = response.headers.mapValues(replaced)
    response.body = [UInt8](replaced(String(decoding: response.body, as: UTF8.self)).utf8)
    return response
  }

  private func write(
    _ status: Int, _ headers: [String: String], _ body: [UInt8],
    _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>, isWhole: Bool = true
  ) async throws {
    var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status))
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
      head.headers.add(name: name, value: value)
    }
    head.headers.replaceOrAdd(name: "Content-Length", value: "\(body.count)")
    try await outbound.write(.head(head))
    let sent = isWhole ? body[...] : body.prefix(body.count / 2)
    if !sent.isEmpty { try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: sent)))) }
    if isWhole { try await outbound.write(.end(nil)) }
  }
}
