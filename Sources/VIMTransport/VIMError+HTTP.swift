package import VIMProtocol

extension VIMError {
  /// What a failed exchange means for whoever asked: a changing call that may have arrived is in doubt, everything
  /// else can be asked again.
  /// - Parameter call: what was asked, in the VIM's words: `POST /servers`.
  package init(_ error: TransportError, of vim: String, call: String, isSafe: Bool) {
    let text = "vim \(vim), \(call): \(error.message)"
    switch error {
    case .unreachable: self = .unavailable(.unreachable, text, retryAfter: nil)
    case .untrusted: self = .rejected(.unauthorised, text)
    case .interrupted:
      self = isSafe ? .unavailable(.unreachable, text, retryAfter: nil) : .unknownOutcome(text)
    }
  }

  /// What an answer that is no success means where the VIM's own words say no more.
  package init(_ response: HTTPResponse, of vim: String, call: String, isSafe: Bool, says words: String) {
    let text = "vim \(vim), \(call): \(words.isEmpty ? "status \(response.status)" : words)"
    switch response.status {
    case 400, 405, 406, 411, 415, 422: self = .rejected(.invalid("request"), text)
    case 401, 403: self = .rejected(.unauthorised, text)
    case 404, 410: self = .rejected(.notFound, text)
    case 409, 412: self = .rejected(.conflict, text)
    case 413: self = .rejected(.quota, text)
    case 501: self = .rejected(.unsupported, text)
    // The server says that it did nothing.
    case 429, 503: self = .unavailable(.unreachable, text, retryAfter: response.retryAfter)
    default:
      self =
        isSafe ? .unavailable(.unreachable, text, retryAfter: response.retryAfter) : .unknownOutcome(text)
    }
  }
}
