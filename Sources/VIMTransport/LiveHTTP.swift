import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Whom a connection trusts and what it shows of itself. Certificates are verified unless somebody said
/// `insecure` in so many words.
package struct TLSOptions: Hashable, Sendable {
  /// PEM file of the authorities to trust instead of the system's.
  package var authorities: String?
  /// The same as text.
  package var authoritiesPEM: String?
  /// Client certificate and key, PEM files or their text.
  package var certificate: String?
  package var key: String?
  package var insecure: Bool

  package init(
    authorities: String? = nil, authoritiesPEM: String? = nil, certificate: String? = nil, key: String? = nil,
    insecure: Bool = false
  ) {
    self.authorities = authorities
    self.authoritiesPEM = authoritiesPEM
    self.certificate = certificate
    self.key = key
    self.insecure = insecure
  }
}

/// The network: pooled connections, TLS, no redirects, no retries (whoever asked knows whether asking again is
/// safe).
package struct LiveHTTP: HTTPExchange {
  private let client: HTTPClient
  /// The most that an answer may be, in bytes.
  private let largestBody: Int

  /// - Parameter connections: the most that are open to one host at once.
  /// - Throws: a certificate or key that cannot be read.
  package init(
    tls: TLSOptions = TLSOptions(), connections: Int = 64, connectTimeout: Int = 10_000,
    largestBody: Int = 256 << 20
  ) throws(TransportError) {
    var configuration = HTTPClient.Configuration()
    do { configuration.tlsConfiguration = try Self.configuration(tls) } catch {
      throw .untrusted("\(error)")
    }
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = .milliseconds(Int64(connectTimeout))
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.httpVersion = .http1Only
    self.largestBody = largestBody
    client = Self.immortal(HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration))
  }

  /// A client wants to be shut down before it goes; ours live as long as the process, so they never go.
  private static func immortal(_ client: HTTPClient) -> HTTPClient {
    _ = Unmanaged.passRetained(client)
    return client
  }

  private static func configuration(_ tls: TLSOptions) throws -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    if tls.insecure { configuration.certificateVerification = .none }
    if let file = tls.authorities { configuration.trustRoots = .file(file) }
    if let text = tls.authoritiesPEM {
      configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes([UInt8](text.utf8)))
    }
    if let certificate = tls.certificate, let key = tls.key {
      let isText = certificate.hasPrefix("-----BEGIN")
      let chain =
        isText
        ? try NIOSSLCertificate.fromPEMBytes([UInt8](certificate.utf8))
        : try NIOSSLCertificate.fromPEMFile(certificate)
      configuration.certificateChain = chain.map { .certificate($0) }
      let isKeyText = key.hasPrefix("-----BEGIN")
      configuration.privateKey = .privateKey(
        isKeyText
          ? try NIOSSLPrivateKey(bytes: [UInt8](key.utf8), format: .pem)
          : try NIOSSLPrivateKey(file: key, format: .pem))
    }
    return configuration
  }

  package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    var asked = HTTPClientRequest(url: request.url)
    asked.method = HTTPMethod(rawValue: request.method)
    for (name, value) in request.headers { asked.headers.add(name: name, value: value) }
    if !request.body.isEmpty { asked.body = .bytes(request.body) }
    let place = Self.place(request.url)
    do {
      let answer = try await client.execute(asked, timeout: .milliseconds(Int64(request.timeout)))
      let body = try await answer.body.collect(upTo: largestBody)
      var headers: [String: String] = [:]
      for (name, value) in answer.headers { headers[name.lowercased()] = value }
      return HTTPResponse(status: Int(answer.status.code), headers: headers, body: [UInt8](buffer: body))
    } catch let error as HTTPClientError {
      throw Self.error(error, place, request)
    } catch let error as NIOConnectionError {
      throw .unreachable("\(place): \(Self.reason(error))")
    } catch let error as NIOSSLError {
      throw .untrusted("\(place): \(Self.reason(error))")
    } catch let error as IOError where Self.connectFailures.contains(error.errnoCode) {
      throw .unreachable("\(place): \(Self.reason(error))")
    } catch {
      throw Self.isTrustFailure(error)
        ? .untrusted("\(place): \(Self.reason(error))") : .interrupted("\(place): \(Self.reason(error))")
    }
  }

  private static func error(_ error: HTTPClientError, _ place: String, _ request: HTTPRequest)
    -> TransportError
  {
    switch error {
    case .connectTimeout, .getConnectionFromPoolTimeout, .emptyHost, .invalidURL, .emptyScheme:
      .unreachable("\(place): \(error.shortDescription)")
    case .tlsHandshakeTimeout: .untrusted("\(place): TLS was not agreed on in time")
    case .deadlineExceeded, .readTimeout:
      .interrupted("\(place): no answer in \(request.timeout) ms")
    default: .interrupted("\(place): \(error.shortDescription)")
    }
  }

  /// What only an attempt to connect comes to.
  private static let connectFailures: Set<CInt> = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENOENT]

  private static func isTrustFailure(_ error: any Error) -> Bool {
    let text = "\(error)"
    return text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("unableToValidateCertificate")
      || text.contains("sslError")
  }

  private static func reason(_ error: any Error) -> String {
    if isTrustFailure(error) { return "the certificate is not trusted" }
    if let error = error as? IOError { return String(cString: strerror(error.errnoCode)).lowercased() }
    if let error = error as? NIOConnectionError {
      if let first = error.connectionErrors.first { return "\(first.error)" }
      return "no such host"
    }
    return "\(error)"
  }

  /// Scheme, host and port: what a message may show (queries may hold more).
  private static func place(_ url: String) -> String {
    guard let start = url.firstRange(of: "://") else { return url }
    let rest = url[start.upperBound...]
    return String(url[..<start.upperBound]) + rest.prefix { $0 != "/" && $0 != "?" }
  }
}
