import Synchronization
import VIMTransport

@testable import VIMVSphere

/// A vCenter of a few lines, as far as a test wants one: answers by operation, keeps what was asked.
final class FakeVCenter: HTTPExchange {
  enum Answer: Sendable {
    /// The inside of the response element.
    case body(String)
    /// A fault with a type and, inside it, more.
    case fault(String, String = "")
    /// Anything at all, word for word.
    case raw(Int, String)
    case lost(TransportError)
  }

  typealias Handler = @Sendable (_ operation: String, _ body: String, _ call: Int) -> Answer?

  private let handler: Handler
  private let log = Mutex<[(operation: String, body: String, headers: [(name: String, value: String)])]>([])

  init(_ handler: @escaping Handler) { self.handler = handler }

  var operations: [String] { log.withLock { $0.map(\.operation) } }
  func bodies(of operation: String) -> [String] {
    log.withLock { $0.filter { $0.operation == operation }.map(\.body) }
  }
  func headers(of operation: String) -> [(name: String, value: String)] {
    log.withLock { $0.first { $0.operation == operation }?.headers ?? [] }
  }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let body = String(decoding: request.body, as: UTF8.self)
    let inside = body.firstRange(of: "<soapenv:Body><").map { body[$0.upperBound...] } ?? ""
    let operation = String(inside.prefix { $0 != " " })
    let call = log.withLock { log in
      log.append((operation, body, request.headers))
      return log.count { $0.operation == operation }
    }
    switch handler(operation, body, call) ?? Self.usual(operation) {
    case .body(let inside):
      let text = Self.envelope("<\(operation)Response xmlns=\"urn:vim25\">\(inside)</\(operation)Response>")
      let cookie = operation == "Login" ? ["set-cookie": "vmware_soap_session=\"s\(call)\"; HttpOnly"] : [:]
      return HTTPResponse(status: 200, headers: cookie, body: [UInt8](text.utf8))
    case .fault(let name, let more):
      let text = Self.envelope(
        "<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>no</faultstring><detail>"
          + "<\(name)Fault xmlns=\"urn:vim25\" xsi:type=\"\(name)\">\(more)</\(name)Fault></detail></soapenv:Fault>"
      )
      return HTTPResponse(status: 500, body: [UInt8](text.utf8))
    case .raw(let status, let text): return HTTPResponse(status: status, body: [UInt8](text.utf8))
    case .lost(let error): throw error
    }
  }

  private static func envelope(_ inside: String) -> String {
    "<?xml version=\"1.0\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" "
      + "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>\(inside)</soapenv:Body>"
      + "</soapenv:Envelope>"
  }

  private static func usual(_ operation: String) -> Answer {
    switch operation {
    case "RetrieveServiceContent":
      let objects = [
        ("rootFolder", "Folder"), ("propertyCollector", "PropertyCollector"), ("viewManager", "ViewManager"),
        ("sessionManager", "SessionManager"), ("searchIndex", "SearchIndex"), ("taskManager", "TaskManager"),
      ]
      return .body(
        "<returnval>" + objects.map { "<\($0) type=\"\($1)\">\($1)</\($0)>" }.joined()
          + "<about><apiType>VirtualCenter</apiType><apiVersion>8.0.2.0</apiVersion></about></returnval>")
    case "Login": return .body("<returnval><key>k</key></returnval>")
    case "CreateContainerView": return .body("<returnval type=\"ContainerView\">view-1</returnval>")
    default: return .body("")
    }
  }

  /// An object with properties, each as written.
  static func object(_ type: String, _ value: String, _ properties: [(String, String)]) -> String {
    "<objects><obj type=\"\(type)\">\(value)</obj>"
      + properties.map { "<propSet><name>\($0)</name><val>\($1)</val></propSet>" }.joined() + "</objects>"
  }

  func vim(patience: Int = 10_000) throws -> VSphereVIM {
    try VSphereVIM(
      "lab", at: "vcenter.example", user: "u", password: Secret("planted-secret"), over: self,
      taskTimeout: patience, now: { "2026-11-22T14:00:00Z" }, sleep: { _ in await Task.yield() })
  }
}
