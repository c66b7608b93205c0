import NFVModel

/// What a plug-in answered to one request.
struct PluginAnswer: Sendable {
  let id: Int
  let result: Result<JSONValue, PluginRefusal>

  /// Reads one line of a plug-in's standard output; throws what it is instead of an answer.
  init(_ line: [UInt8]) throws(Garbage) {
    let json: JSONValue
    do { json = try JSONValue.parse(line) } catch {
      throw Garbage(what: "what is no JSON (\(error.message))")
    }
    guard json["jsonrpc"]?.stringValue == "2.0" else { throw Garbage(what: "what is no JSON-RPC 2.0") }
    if let method = json["method"]?.stringValue {
      throw Garbage(what: "a request of its own, '\(method.prefix(40))'")
    }
    guard let id = json["id"]?.intValue else { throw Garbage(what: "an answer without a number of ours") }
    self.id = id
    switch (json["result"], json["error"]) {
    case (let result?, nil): self.result = .success(result)
    case (nil, let error?): self.result = .failure(PluginRefusal(error))
    default: throw Garbage(what: "an answer with both or neither of 'result' and 'error'")
    }
  }

  /// Something on the wire that the protocol does not know.
  struct Garbage: Error {
    let what: String
  }
}

/// The error object of an answer.
struct PluginRefusal: Error, Hashable, Sendable {
  let code: Int?
  let message: String
  /// `rejected`, `unavailable`, `unknownOutcome`; nil in errors that are JSON-RPC's own.
  let kind: String?
  let reason: String?
  let retryAfter: Int?

  init(_ json: JSONValue) {
    code = json["code"]?.intValue
    message = json["message"]?.stringValue ?? "no message"
    let data = json["data"]
    kind = data?["class"]?.stringValue
    reason = data?["reason"]?.stringValue
    retryAfter = data?["retryAfter"]?.intValue
  }
}

/// Why there is no answer, as the connection knows it.
enum PluginFailure: Error, Sendable {
  /// It never ran: nothing was asked.
  case notStarted(String)
  /// It ended, or wrote garbage, after the request was sent.
  case broken(String)
  /// It said nothing in time.
  case silent(milliseconds: Int)
  case refused(PluginRefusal)
}

/// A request's line.
func pluginRequest(_ id: Int, _ method: String, _ parameters: JSONValue) -> [UInt8] {
  let request: JSONValue = [
    "jsonrpc": "2.0", "id": .int(id), "method": .string(method), "params": parameters,
  ]
  return request.canonicalBytes + [0x0A]
}
