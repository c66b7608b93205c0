import NFVModel
import VIMProtocol
import VIMTransport

/// Who we are to the cloud: one token for all who ask, renewed before it ends.
actor Keystone {
  /// What a login gives.
  struct Grant: Sendable {
    let token: Secret
    let project: String
    /// Milliseconds since 1970 by our own clock, from which on a new one is wanted.
    let staleFrom: Int
    let endpoints: [Endpoint]
  }

  struct Endpoint: Sendable {
    let service: String
    let interface: String
    let region: String
    let url: String
  }

  private let vim: String
  private let cloud: OpenStackCloud
  private let exchange: any HTTPExchange
  private let clock: OpenStackClock
  private var current: Grant?
  private var login: Task<Result<Grant, VIMError>, Never>?

  init(vim: String, cloud: OpenStackCloud, exchange: any HTTPExchange, clock: OpenStackClock) {
    self.vim = vim
    self.cloud = cloud
    self.exchange = exchange
    self.clock = clock
  }

  /// A grant that is good for some time yet; whoever asks while a login is under way waits for that one.
  func grant() async throws(VIMError) -> Grant {
    if let current, clock.now() < current.staleFrom { return current }
    let task = login ?? Task { await logIn() }
    login = task
    let result = await task.value
    login = nil
    switch result {
    case .success(let grant):
      current = grant
      return grant
    case .failure(let error): throw error
    }
  }

  /// A service did not take this grant: the next asking logs in again, unless somebody did already.
  func forget(_ refused: Grant) {
    if current?.token.reveal() == refused.token.reveal() { current = nil }
  }

  private func logIn() async -> Result<Grant, VIMError> {
    let call = "POST /v3/auth/tokens"
    let asked = clock.now()
    let response: HTTPResponse
    do throws(TransportError) {
      response = try await exchange.send(
        HTTPRequest(
          "POST", "\(cloud.identity)/auth/tokens", headers: [("Content-Type", "application/json")],
          body: JSONValue.object(["auth": request]).canonicalBytes))
    } catch {
      // A login that nobody hears of changes nothing.
      return .failure(VIMError(error, of: vim, call: call, isSafe: true))
    }
    let body = (try? JSONValue.parse(response.body)) ?? .null
    guard response.isSuccess else {
      let words = serviceWords(body) ?? ""
      return .failure(VIMError(response, of: vim, call: call, isSafe: true, says: words))
    }
    guard let token = response.headers["x-subject-token"],
      let project = body["token"]?["project"]?["id"]?.stringValue
    else {
      return .failure(
        .rejected(.unauthorised, "vim \(vim), \(call): the login gave no token for a project"))
    }
    return .success(
      Grant(
        token: Secret(token), project: project, staleFrom: asked + Self.lifetime(body),
        endpoints: Self.endpoints(body["token"]?["catalog"] ?? .null)))
  }

  /// Milliseconds for which the token is used: what the service grants, by its own clock, less a tenth, and at
  /// most half a minute, so that no request is under way when it ends.
  private static func lifetime(_ body: JSONValue) -> Int {
    guard let issued = body["token"]?["issued_at"]?.stringValue.flatMap(utcSeconds),
      let expires = body["token"]?["expires_at"]?.stringValue.flatMap(utcSeconds), expires > issued
    else { return 60_000 }
    let span = (expires - issued) * 1000
    return span - min(span / 10, 30_000)
  }

  private static func endpoints(_ catalogue: JSONValue) -> [Endpoint] {
    (catalogue.arrayValue ?? []).flatMap { service -> [Endpoint] in
      guard let type = service["type"]?.stringValue else { return [] }
      return (service["endpoints"]?.arrayValue ?? []).compactMap { endpoint in
        guard let url = endpoint["url"]?.stringValue else { return nil }
        return Endpoint(
          service: type, interface: endpoint["interface"]?.stringValue ?? "public",
          region: endpoint["region_id"]?.stringValue ?? endpoint["region"]?.stringValue ?? "", url: url)
      }
    }
  }

  private var request: JSONValue {
    switch cloud.credential {
    case .password(let user, let password, let project):
      var fields = Self.json(user)
      fields["password"] = .string(password.reveal())
      var auth: [String: JSONValue] = [
        "identity": ["methods": ["password"], "password": ["user": .object(fields)]]
      ]
      if let project { auth["scope"] = ["project": .object(Self.json(project))] }
      return .object(auth)
    case .application(let id, let name, let user, let secret):
      var fields: [String: JSONValue] = ["secret": .string(secret.reveal())]
      if let id {
        fields["id"] = .string(id)
      } else {
        fields["name"] = name.map { .string($0) }
        fields["user"] = user.map { .object(Self.json($0)) }
      }
      return [
        "identity": [
          "methods": ["application_credential"], "application_credential": .object(fields),
        ]
      ]
    }
  }

  private static func json(_ named: OpenStackCloud.Named) -> [String: JSONValue] {
    if let id = named.id { return ["id": .string(id)] }
    let domain: JSONValue =
      named.domainName.map { ["name": .string($0)] } ?? ["id": .string(named.domainID ?? "default")]
    return ["name": .string(named.name ?? ""), "domain": domain]
  }
}
