import NFVModel
import VIMProtocol
import VIMTransport

/// What the API server's `Status` documents mean for whoever asked.
extension KubernetesClient {
  func refusal(_ response: HTTPResponse, call: String, isSafe: Bool) -> VIMError {
    let status = Status(response.body)
    let text = "vim \(vim), \(call): \(status.message.isEmpty ? "status \(response.status)" : status.message)"
    switch response.status {
    case 401: return .rejected(.unauthorised, "\(text): the cluster does not know our credentials")
    case 403 where status.message.contains("exceeded quota"): return .rejected(.quota, text)
    case 403 where status.causes.contains { $0.reason == "NamespaceTerminating" },
      409 where status.message.contains("being terminated"):
      return .unavailable(.conflict, text, retryAfter: 1000)
    case 409:
      let others = status.causes.filter { $0.reason == "FieldManagerConflict" }
      if others.isEmpty { return .rejected(.conflict, text) }
      let said = others.map { "\($0.field) (\($0.message))" }.joined(separator: ", ")
      return .rejected(.conflict, "vim \(vim), \(call): somebody else manages \(said)")
    case 410: return .rejected(.notFound, "\(text) (\(Self.expired))")
    case 415 where call.hasPrefix("PATCH"):
      return .rejected(.unsupported, "\(text): this Kubernetes has no server-side apply")
    case 400, 422:
      return .rejected(.invalid(status.causes.first { !$0.field.isEmpty }?.field ?? "request"), text)
    // It was too busy to take the request in, or has stopped before it wrote anything.
    case 429, 503:
      return .unavailable(.unreachable, text, retryAfter: status.retryAfter ?? response.retryAfter)
    default:
      return VIMError(response, of: vim, call: call, isSafe: isSafe, says: status.message)
    }
  }

  /// A `Status` document; empty where the answer is something else (a proxy's page, nothing).
  private struct Status {
    var message = ""
    var causes: [(reason: String, message: String, field: String)] = []
    /// Milliseconds.
    var retryAfter: Int?

    init(_ body: [UInt8]) {
      guard let json = try? JSONValue.parse(body), json["kind"]?.stringValue == "Status" else { return }
      message = json["message"]?.stringValue ?? ""
      retryAfter = json.at("details", "retryAfterSeconds")?.intValue.map { min(max(0, $0), 86_400) * 1000 }
      causes = (json.at("details", "causes")?.arrayValue ?? []).map {
        ($0["reason"]?.stringValue ?? "", $0["message"]?.stringValue ?? "", $0["field"]?.stringValue ?? "")
      }
      if message.utf8.count > 600 { message = "\(message.prefix(600))…" }
    }
  }
}
