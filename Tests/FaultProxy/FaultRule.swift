/// What goes wrong between a client and its service, and with which request.
package struct FaultRule: Hashable, Sendable {
  package enum Fault: Hashable, Sendable {
    /// Answered by the proxy itself; the service hears nothing.
    case answer(Int, headers: [String: String] = [:], body: String = "")
    /// The connection is closed before the request is passed on.
    case cutBefore
    /// The request is passed on, the answer is not: the outcome is unknown.
    case cutAfter
    /// The answer is passed on so many milliseconds late.
    case delay(Int)
    /// The request is passed on, and the answer's body is no sense; its status and type are as they were.
    case garbage
    /// Half of the answer's body is passed on, then the connection is closed.
    case truncated

    /// 503, with the seconds to wait.
    package static func unavailable(retryAfter seconds: Int) -> Fault {
      .answer(503, headers: ["Retry-After": "\(seconds)"], body: "busy")
    }

    /// 429, with the seconds to wait.
    package static func tooMany(retryAfter seconds: Int) -> Fault {
      .answer(429, headers: ["Retry-After": "\(seconds)"], body: "too many requests")
    }

    package static let unauthorised = Fault.answer(401, body: "who are you")
  }

  /// Nil for any.
  package let method: String?
  /// The path without its query; `*` stands for any text.
  package let path: String
  /// What the request's body has to hold, if anything: SOAP says there what is asked.
  package let body: String?
  /// Which of the requests that match, from 1, counted from when the rule was given.
  package let call: Int
  /// How many of them from there on.
  package let times: Int
  package let fault: Fault

  package init(
    _ method: String? = nil, _ path: String = "*", body: String? = nil, call: Int = 1, times: Int = 1,
    gets fault: Fault
  ) {
    self.method = method
    self.path = path
    self.body = body
    self.call = call
    self.times = times
    self.fault = fault
  }

  func matches(_ method: String, _ path: String, body text: @autoclosure () -> String) -> Bool {
    if let wanted = self.method, wanted != method { return false }
    guard Self.glob(Array(self.path.utf8)[...], Array(path.utf8)[...]) else { return false }
    return body.map { text().contains($0) } ?? true
  }

  private static func glob(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == UInt8(ascii: "*") {
      let rest = pattern.dropFirst()
      return (text.startIndex...text.endIndex).contains { glob(rest, text[$0...]) }
    }
    return text.first == first && glob(pattern.dropFirst(), text.dropFirst())
  }
}
