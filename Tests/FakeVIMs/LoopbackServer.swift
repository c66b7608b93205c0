import Foundation
package import NFVModel
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
package import VIMTransport

/// What answers the requests of a test, on whatever thread they come.
package protocol FakeService: AnyObject, Sendable {
  /// - Parameter origin: where clients reach it: `https://127.0.0.1:49152`.
  func answer(_ request: HTTPRequest, path: String, query: [(name: String, value: String)], origin: String)
    -> HTTPResponse
}

/// An HTTP server on loopback with a fake service behind it. It answers on threads of its own, so that programs that a
/// test waits for are answered while the test waits, however little else gets on.
package final class LoopbackServer: Sendable {
  /// PEM files.
  package struct Identity: Hashable, Sendable {
    package let certificate: String
    package let key: String

    package init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  private let channel: any Channel
  /// `https://127.0.0.1:49152`.
  package let origin: String
  private let seen: Log

  fileprivate final class Log: Sendable {
    let calls = Mutex<[String]>([])
  }

  private init(_ channel: any Channel, _ origin: String, _ log: Log) {
    (self.channel, self.origin, seen) = (channel, origin, log)
  }

  /// - Parameter identity: what it shows of itself; nil for plain HTTP.
  package static func start(_ service: any FakeService, as identity: Identity? = nil) async throws
    -> LoopbackServer
  {
    let tls = try identity.map { identity in
      try NIOSSLContext(
        configuration: .makeServerConfiguration(
          certificateChain: try NIOSSLCertificate.fromPEMFile(identity.certificate).map { .certificate($0) },
          privateKey: .privateKey(try NIOSSLPrivateKey(file: identity.key, format: .pem))))
    }
    let log = Log()
    let scheme = tls == nil ? "http" : "https"
    let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
          try pipeline.configureHTTPServerPipeline()
          try pipeline.addHandler(Answering(service, scheme, log))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return LoopbackServer(channel, "\(scheme)://127.0.0.1:\(channel.localAddress?.port ?? 0)", log)
  }

  /// What was asked so far: `GET /version`.
  package var calls: [String] { seen.calls.withLock { $0 } }

  package func stop() { channel.close(promise: nil) }

  /// One connection: whole requests in, whole answers out.
  private final class Answering: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let service: any FakeService
    private let scheme: String
    private let log: Log
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ service: any FakeService, _ scheme: String, _ log: Log) {
      (self.service, self.scheme, self.log) = (service, scheme, log)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let next): (head, body) = (next, [])
      case .body(let buffer): body += buffer.readableBytesView
      case .end:
        guard let head else { return }
        let port = context.channel.localAddress?.port ?? 0
        write(answer(head, origin: "\(scheme)://127.0.0.1:\(port)"), context)
      }
    }

    /// Clients that do not trust us go away in the middle.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ head: HTTPRequestHead, origin: String) -> HTTPResponse {
      let parts = head.uri.split(separator: "?", maxSplits: 1).map(String.init)
      let path = parts.first ?? "/"
      log.calls.withLock { $0.append("\(head.method.rawValue) \(path)") }
      let request = HTTPRequest(
        head.method.rawValue, origin + head.uri, headers: head.headers.map { ($0.name, $0.value) }, body: body
      )
      return service.answer(
        request, path: path, query: parts.count > 1 ? Self.query(parts[1]) : [], origin: origin)
    }

    private static func query(_ text: String) -> [(name: String, value: String)] {
      text.split(separator: "&").map { pair in
        let sides = pair.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
        return (sides.first ?? "", sides.count > 1 ? sides[1] : "")
      }
    }

    private func write(_ answer: HTTPResponse, _ context: ChannelHandlerContext) {
      var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status))
      for (name, value) in answer.headers.sorted(by: { $0.key < $1.key }) {
        head.headers.add(name: name, value: value)
      }
      head.headers.replaceOrAdd(name: "Content-Length", value: "\(answer.body.count)")
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}

extension HTTPRequest {
  package func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  var json: JSONValue { (try? JSONValue.parse(body)) ?? .null }
}

extension HTTPResponse {
  package static func json(_ value: JSONValue, status: Int = 200, headers: [String: String] = [:])
    -> HTTPResponse
  {
    HTTPResponse(
      status: status, headers: headers.merging(["content-type": "application/json"]) { own, _ in own },
      body: value.canonicalBytes)
  }
}
