/// One request as a back end makes it.
package struct HTTPRequest: Sendable {
  package var method: String
  /// Absolute: `https://cloud.example:8774/v2.1/servers`; `http+unix://…` with the escaped path of a socket as host.
  package var url: String
  /// In order, names as sent.
  package var headers: [(name: String, value: String)]
  package var body: [UInt8]
  /// After so many milliseconds without a whole answer the outcome is unknown.
  package var timeout: Int

  package init(
    _ method: String, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    timeout: Int = 60_000
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
  }

  /// Whether asking changes nothing, so that an answer that was lost can be asked for again.
  package var isSafe: Bool { method == "GET" || method == "HEAD" }
}

/// A whole answer.
package struct HTTPResponse: Sendable {
  package var status: Int
  /// Names in lower case; the last of several with one name.
  package var headers: [String: String]
  package var body: [UInt8]

  package init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  package var isSuccess: Bool { (200..<300).contains(status) }

  /// The pause that the server asks for, in milliseconds: the number form of `Retry-After`.
  package var retryAfter: Int? {
    headers["retry-after"].flatMap { Int($0) }.flatMap { (0...86_400).contains($0) ? $0 * 1000 : nil }
  }
}

/// Why there is no answer.
package enum TransportError: Error, Hashable, Sendable {
  /// Nothing was sent: no such name, refused, no route.
  case unreachable(String)
  /// Nothing was sent: the certificate is not trusted, or TLS could not be agreed on.
  case untrusted(String)
  /// It was sent, or part of it, and no whole answer came: it may have happened.
  case interrupted(String)

  package var message: String {
    switch self {
    case .unreachable(let text), .untrusted(let text), .interrupted(let text): text
    }
  }
}

/// Who carries requests: the network, a recording of it, or a test that goes wrong on purpose.
package protocol HTTPExchange: Sendable {
  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse
}
