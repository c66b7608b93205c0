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
  /// Texts that no refusal may say back to us.
  private let secrets: [String]

  /// - Parameters:
  ///   - connections: the most that are open to one host at once.
  ///   - secrets: what goes out in bodies and must not come back in the words of a refusal.
  /// - Throws: a certificate or key that cannot be read.
  package init(
    tls: TLSOptions = TLSOptions(), connections: Int = 64, connectTimeout: Int = 10_000,
    largestBody: Int = 256 << 20, secrets: [Secret] = []
  ) throws(TransportError) {
    var configuration = HTTPClient.Configuration()
    do { configuration.tlsConfiguration = try Self.configuration(tls) } catch {
      throw error as? TransportError ?? .untrusted("\(error)")
    }
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = .milliseconds(Int64(connectTimeout))
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.httpVersion = .http1Only
    self.largestBody = largestBody
    self.secrets = secrets.map { $0.reveal() }.filter { $0.utf8.count >= 4 }
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
    if let file = tls.authorities { configuration.trustRoots = try trusted(file) }
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

  /// A folder of certificates, or a file that is read now: who is to be trusted is no surprise of the first call.
  private static func trusted(_ path: String) throws -> NIOSSLTrustRoots {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return .file(path) }
    do { return .certificates(try NIOSSLCertificate.fromPEMFile(path)) } catch {
      throw TransportError.untrusted("no certificate can be read from \(path)")
    }
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
      let said = [UInt8](buffer: body)
      let isRefusal = answer.status.code >= 400
      return HTTPResponse(
        status: Int(answer.status.code), headers: headers, body: isRefusal ? blotted(said, request) : said)
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

  /// Services say back what they were told. The words of a refusal end up in messages and journals: without what the
  /// request showed of us.
  private func blotted(_ body: [UInt8], _ request: HTTPRequest) -> [UInt8] {
    let own: Set = ["authorization", "x-auth-token", "cookie"]
    let shown = request.headers.filter { own.contains($0.name.lowercased()) }.flatMap { _, value in
      [value] + value.split(whereSeparator: { " =\"".contains($0) }).map(String.init)
    }
    let secrets = (secrets + shown).filter { $0.utf8.count >= 8 || self.secrets.contains($0) }
      .sorted { $0.utf8.count > $1.utf8.count }
    guard !secrets.isEmpty else { return body }
    var text = String(decoding: body, as: UTF8.self)
    for secret in secrets { text = text.replacing(secret, with: "••••") }
    return [UInt8](text.utf8)
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
      || text.contains("sslError") || isOfAnotherName(error)
  }

  private static func isOfAnotherName(_ error: any Error) -> Bool {
    "\(error)".contains("failedToValidateHostname")
  }

  private static func reason(_ error: any Error) -> String {
    if isOfAnotherName(error) { return "the certificate is of another name" }
    if isTrustFailure(error) {
      return "the certificate is not trusted; say who signed it (`cacert`, `certificate-authority`, "
        + "`VSPHERE_CA`), or --insecure"
    }
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
