import VIMProtocol
import VIMTransport

/// What a vCenter says of itself before anything else: which objects do what.
struct ServiceContent: Hashable, Sendable {
  let version: String
  let isVirtualCenter: Bool
  let instance: String
  let rootFolder: ManagedObject
  let propertyCollector: ManagedObject
  let viewManager: ManagedObject
  let sessionManager: ManagedObject
  let searchIndex: ManagedObject
  let taskManager: ManagedObject

  init?(_ node: XMLNode) {
    guard let root = ManagedObject(node["rootFolder"]),
      let collector = ManagedObject(node["propertyCollector"]),
      let views = ManagedObject(node["viewManager"]), let sessions = ManagedObject(node["sessionManager"]),
      let search = ManagedObject(node["searchIndex"]), let tasks = ManagedObject(node["taskManager"])
    else { return nil }
    rootFolder = root
    propertyCollector = collector
    viewManager = views
    sessionManager = sessions
    searchIndex = search
    taskManager = tasks
    version = node.text("about", "apiVersion") ?? "unknown"
    isVirtualCenter = node.text("about", "apiType") == "VirtualCenter"
    instance = node.text("about", "instanceUuid") ?? ""
  }

  /// The version of the protocol that both sides know: 6.7 shows which devices a NUMA node has.
  var protocolVersion: String {
    let numbers = version.split(separator: ".").compactMap { Int($0) }
    guard numbers.count >= 2 else { return "6.5" }
    return (numbers[0], numbers[1]) >= (6, 7) ? "6.7" : "6.5"
  }
}

/// Calls over HTTP with a session's cookie: logs in when first needed, and once more when the session is gone.
actor SOAPSession {
  /// What a call came to: an answer, or a fault with its name (which callers may take for "done already").
  enum Reply: Sendable {
    case answer(XMLNode)
    case fault(SOAPFault)
  }

  nonisolated let vim: String
  private let endpoint: String
  private let user: String
  private let password: Secret
  private let http: any HTTPExchange
  private var cookie: String?
  private var opened: ServiceContent?
  private var opening: Task<Result<ServiceContent, VIMError>, Never>?
  /// Counts log-ins, so that of many callers who lost one session only the first opens another.
  private var generation = 0

  init(vim: String, endpoint: String, user: String, password: Secret, http: any HTTPExchange) {
    self.vim = vim
    self.endpoint = endpoint
    self.user = user
    self.password = password
    self.http = http
  }

  // MARK: Calls

  /// - Parameter isSafe: it changes nothing, so that a lost answer leaves no doubt.
  func call(
    _ operation: String, on object: ManagedObject, isSafe: Bool,
    @XMLText.Sequence _ arguments: @Sendable () -> [XMLText] = { [] }
  ) async throws(VIMError) -> XMLNode {
    switch try await reply(operation, on: object, isSafe: isSafe, arguments) {
    case .answer(let node): return node
    case .fault(let fault): throw fault.error(of: vim, call: operation)
    }
  }

  func reply(
    _ operation: String, on object: ManagedObject, isSafe: Bool,
    @XMLText.Sequence _ arguments: @Sendable () -> [XMLText] = { [] }
  ) async throws(VIMError) -> Reply {
    let request = Self.request(operation, on: object, arguments())
    let content = try await content()
    let used = generation
    let first = try await send(request, operation, version: content.protocolVersion, isSafe: isSafe)
    guard case .fault(let fault) = first, fault.isNotAuthenticated else { return first }
    // The server says that it did nothing: asking again is safe, whatever it is.
    if generation == used {
      opened = nil
      cookie = nil
    }
    let fresh = try await self.content()
    return try await send(request, operation, version: fresh.protocolVersion, isSafe: isSafe)
  }

  /// What the server is, logged in.
  func content() async throws(VIMError) -> ServiceContent {
    if let opened { return opened }
    if let opening { return try await opening.value.get() }
    let task = Task { () async -> Result<ServiceContent, VIMError> in
      do throws(VIMError) { return .success(try await self.open()) } catch { return .failure(error) }
    }
    opening = task
    let result = await task.value
    opening = nil
    return try result.get()
  }

  private func open() async throws(VIMError) -> ServiceContent {
    cookie = nil
    let asked = Self.request("RetrieveServiceContent", on: .serviceInstance, [])
    let answer = try await send(asked, "RetrieveServiceContent", version: "6.5", isSafe: true)
    guard case .answer(let node) = answer, let content = node["returnval"].flatMap(ServiceContent.init) else {
      throw .rejected(
        .unsupported, "vim \(vim), RetrieveServiceContent: \(endpoint) answers, and is no vSphere")
    }
    let (user, password) = (user, password)
    let login = Self.request(
      "Login", on: content.sessionManager,
      [XMLText("userName", user), XMLText("password", password.reveal())])
    if case .fault(let fault) = try await send(
      login, "Login", version: content.protocolVersion, isSafe: true)
    {
      throw fault.error(of: vim, call: "Login")
    }
    generation += 1
    opened = content
    return content
  }

  /// Ends the session at the server; what goes wrong then is nobody's concern.
  func close() async {
    guard let content = opened else { return }
    opened = nil
    let request = Self.request("Logout", on: content.sessionManager, [])
    _ = try? await send(request, "Logout", version: content.protocolVersion, isSafe: true)
    cookie = nil
  }

  // MARK: The wire

  private static func request(_ operation: String, on object: ManagedObject, _ arguments: [XMLText])
    -> [UInt8]
  {
    let inside = XMLText("_this", object).text + arguments.map(\.text).joined()
    let text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" "
      + "xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"\(XMLReader.schemaInstance)\">"
      + "<soapenv:Body><\(operation) xmlns=\"urn:vim25\">\(inside)</\(operation)></soapenv:Body>"
      + "</soapenv:Envelope>"
    return [UInt8](text.utf8)
  }

  private func send(_ body: [UInt8], _ operation: String, version: String, isSafe: Bool)
    async throws(VIMError) -> Reply
  {
    var headers = [
      (name: "Content-Type", value: "text/xml; charset=utf-8"),
      (name: "SOAPAction", value: "urn:vim25/\(version)"),
    ]
    if let cookie { headers.append((name: "Cookie", value: cookie)) }
    let request = HTTPRequest("POST", endpoint, headers: headers, body: body, timeout: 120_000)
    let response: HTTPResponse
    do throws(TransportError) { response = try await http.send(request) } catch {
      throw VIMError(error, of: vim, call: operation, isSafe: isSafe)
    }
    if let given = response.headers["set-cookie"], given.hasPrefix("vmware_soap_session=") {
      cookie = String(given.prefix { $0 != ";" })
    }
    return try await read(response, operation, isSafe: isSafe)
  }

  /// Faults come with status 500: the body is read before the status is judged.
  /// Not on the actor, so that large answers are read side by side.
  private nonisolated func read(_ response: HTTPResponse, _ operation: String, isSafe: Bool)
    async throws(VIMError) -> Reply
  {
    let body: XMLNode
    do throws(XMLError) {
      let envelope = try XMLReader.read(response.body)
      guard envelope.name == "Envelope", let found = envelope["Body"] else {
        throw XMLError(offset: 0, message: "<\(envelope.name)> is no SOAP envelope")
      }
      body = found
    } catch {
      guard response.isSuccess else {
        throw VIMError(response, of: vim, call: operation, isSafe: isSafe, says: "")
      }
      let text = "vim \(vim), \(operation): the answer is no SOAP: \(error)"
      throw isSafe ? .unavailable(.unreachable, text, retryAfter: nil) : .unknownOutcome(text)
    }
    if let fault = SOAPFault(body: body) { return .fault(fault) }
    guard response.isSuccess, let answer = body["\(operation)Response"] else {
      let text = "vim \(vim), \(operation): status \(response.status) and neither answer nor fault"
      throw isSafe ? .unavailable(.unreachable, text, retryAfter: nil) : .unknownOutcome(text)
    }
    return .answer(answer)
  }
}
