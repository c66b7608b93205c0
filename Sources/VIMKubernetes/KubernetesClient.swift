import Foundation
import NFVModel
import VIMProtocol
import VIMTransport

/// The API server's HTTP interface: requests with our credentials, answers as JSON, refusals as `VIMError`.
struct KubernetesClient: Sendable {
  let vim: String
  let server: String
  let credential: Kubeconfig.Credential
  let http: any HTTPExchange

  /// Who we are among the managers of a field.
  static let fieldManager = "placet"

  /// One object or one page; `wanted` says what is kept of it.
  func get(_ path: String, _ wanted: JSONSelection.Wanted = .all) async throws(VIMError) -> JSONValue {
    try await ask("GET", path, wanted)
  }

  /// Nil when it is not there.
  func getIfPresent(_ path: String, _ wanted: JSONSelection.Wanted = .all) async throws(VIMError)
    -> JSONValue?
  {
    do throws(VIMError) { return try await get(path, wanted) } catch {
      if case .rejected(.notFound, _) = error { return nil }
      throw error
    }
  }

  /// Applies an object as its only manager: a field that somebody else set differently is a conflict.
  /// - Parameter isTrial: all checks, no effect.
  func apply(_ object: JSONValue, at path: String, isTrial: Bool = false) async throws(VIMError) -> JSONValue
  {
    try await ask(
      "PATCH", "\(path)?fieldManager=\(Self.fieldManager)&force=false\(isTrial ? "&dryRun=All" : "")", .all,
      body: object, type: "application/apply-patch+yaml", isSafe: isTrial)
  }

  /// Asks a question that is put as an object, and changes nothing.
  func post(_ question: JSONValue, at path: String) async throws(VIMError) -> JSONValue {
    try await ask("POST", path, .all, body: question, isSafe: true)
  }

  func delete(_ path: String, options: JSONValue = [:]) async throws(VIMError) {
    let plain: JSONValue = ["apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"]
    _ = try await ask(
      "DELETE", path, .members([:]),
      body: plain.merged(with: options))
  }

  /// All items of a list, page by page. A list that outlives its server's memory (410) begins again, three times.
  /// - Parameter wanted: what is kept of each item.
  func list(
    _ path: String, query: [String] = [], limit: Int = 500, _ wanted: JSONSelection.Wanted
  ) async throws(VIMError) -> [JSONValue] {
    let envelope = JSONSelection.Wanted.members([
      "items": wanted, "metadata": .members(["continue": .all]),
    ])
    var attempts = 0
    while true {
      var items: [JSONValue] = []
      var next: String?
      do throws(VIMError) {
        repeat {
          let page = try await get(
            Self.path(
              path, query + ["limit=\(limit)"] + (next.map { ["continue=\(Self.escaped($0))"] } ?? [])),
            envelope)
          guard let rows = page["items"]?.arrayValue else {
            throw .unavailable(
              .unreachable, "vim \(vim), GET \(path): the answer is no list", retryAfter: nil)
          }
          items += rows
          let token = page["metadata"]?["continue"]?.stringValue ?? ""
          guard token.isEmpty || token != next else {
            throw .unavailable(
              .unreachable, "vim \(vim), GET \(path): the list goes round in circles", retryAfter: nil)
          }
          next = token.isEmpty ? nil : token
        } while next != nil
        return items
      } catch {
        attempts += 1
        guard case .rejected(.notFound, let text) = error, text.contains(Self.expired) else { throw error }
        guard attempts < 3 else {
          throw .unavailable(.unreachable, "\(text); it changes faster than it can be read", retryAfter: 1000)
        }
      }
    }
  }

  /// In the message of a list that the server has forgotten.
  static let expired = "the list has expired"

  static func path(_ path: String, _ query: [String]) -> String {
    query.isEmpty ? path : "\(path)?\(query.joined(separator: "&"))"
  }

  /// For the value of a query.
  static func escaped(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? text
  }

  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

  // MARK: One exchange

  private func ask(
    _ method: String, _ path: String, _ wanted: JSONSelection.Wanted, body: JSONValue? = nil,
    type: String = "application/json", isSafe: Bool? = nil
  ) async throws(VIMError) -> JSONValue {
    var request = HTTPRequest(method, server + path, headers: [("Accept", "application/json")])
    request.headers.append(("User-Agent", "placet"))
    if let token = try token() { request.headers.append(("Authorization", "Bearer \(token.reveal())")) }
    if let body {
      request.headers.append(("Content-Type", type))
      request.body = body.canonicalBytes
    }
    let isSafe = isSafe ?? request.isSafe
    let call = "\(method) \(path.prefix { $0 != "?" })"
    let response: HTTPResponse
    do throws(TransportError) { response = try await http.send(request) } catch {
      throw VIMError(error, of: vim, call: call, isSafe: isSafe)
    }
    guard response.isSuccess else { throw refusal(response, call: call, isSafe: isSafe) }
    do throws(JSONSyntaxError) { return try JSONSelection.read(response.body, wanted) } catch {
      let text = "vim \(vim), \(call): the answer is not what Kubernetes sends: \(error.message)"
      throw isSafe ? .unavailable(.unreachable, text, retryAfter: nil) : .unknownOutcome(text)
    }
  }

  private func token() throws(VIMError) -> Secret? {
    switch credential {
    case .none: return nil
    case .token(let token): return token
    case .tokenFile(let path):
      guard let data = FileManager.default.contents(atPath: path) else {
        throw .rejected(.unauthorised, "vim \(vim): the token file \(path) cannot be read")
      }
      let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
      guard !text.isEmpty, !text.contains(where: \.isNewline) else {
        throw .rejected(.unauthorised, "vim \(vim): the token file \(path) holds no token")
      }
      return Secret(text)
    }
  }
}

extension JSONValue {
  /// This object with the members of another, which go before its own.
  func merged(with other: JSONValue) -> JSONValue {
    .object((objectValue ?? [:]).merging(other.objectValue ?? [:]) { _, new in new })
  }

  /// The member at a path of keys.
  func at(_ keys: String...) -> JSONValue? {
    var value: JSONValue? = self
    for key in keys { value = value?[key] }
    return value
  }
}
