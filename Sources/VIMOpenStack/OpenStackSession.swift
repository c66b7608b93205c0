import NFVModel
import VIMProtocol
import VIMTransport

/// The services that are spoken to, by their types in the catalogue.
enum Service: String, Sendable {
  case compute, placement, image, network

  /// What the path of each begins with; an endpoint may have it already.
  fileprivate var root: String {
    switch self {
    case .compute, .placement: ""
    case .image: "/v2"
    case .network: "/v2.0"
    }
  }
}

/// A microversion: `2.93`.
struct Microversion: Hashable, Comparable, Sendable, CustomStringConvertible {
  let major: Int
  let minor: Int

  init(_ major: Int, _ minor: Int) {
    self.major = major
    self.minor = minor
  }

  init?(_ text: String) {
    let parts = text.split(separator: ".").map { Int($0) }
    guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
    self.init(major, minor)
  }

  static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }

  var description: String { "\(major).\(minor)" }

  /// The oldest that has what is used here (Train: hosts named in requests, topologies), the newest that was
  /// tried.
  static let range: [Service: ClosedRange<Microversion>] = [
    .compute: Microversion(2, 79)...Microversion(2, 93),
    .placement: Microversion(1, 29)...Microversion(1, 39),
  ]
}

/// One cloud, spoken to: requests go out with a token and a version, answers come back as values or as what they mean.
actor OpenStackSession {
  struct Answer: Sendable {
    let status: Int
    let body: JSONValue
  }

  nonisolated let vim: String
  nonisolated let cloud: OpenStackCloud
  nonisolated let clock: OpenStackClock
  private nonisolated let exchange: any HTTPExchange
  private nonisolated let keystone: Keystone
  private var versions: [Service: Microversion] = [:]

  init(vim: String, cloud: OpenStackCloud, exchange: any HTTPExchange, clock: OpenStackClock) {
    self.vim = vim
    self.cloud = cloud
    self.exchange = exchange
    self.clock = clock
    keystone = Keystone(vim: vim, cloud: cloud, exchange: exchange, clock: clock)
  }

  // MARK: Asking

  /// Asks a service, and takes any success and the statuses that the caller knows what to do with.
  ///
  /// A token that is not taken is replaced and the request sent once more: nothing was done with it. What only reads
  /// is asked again when the answer gets lost, a few times; what changes something never is.
  /// - Parameter version: another one than was agreed on; not newer than that.
  nonisolated func ask(
    _ service: Service, _ method: String, _ path: String, _ body: JSONValue? = nil,
    allowing allowed: Set<Int> = [], version: Microversion? = nil
  ) async throws(VIMError) -> Answer {
    let call = "\(method) \(path.prefix { $0 != "?" })"
    let isSafe = method == "GET"
    var attempt = 1
    while true {
      do throws(VIMError) {
        return try await askOnce(service, method, path, body, call, allowed, version)
      } catch {
        guard isSafe, attempt < 3, case .unavailable(_, _, let pause) = error else { throw error }
        await clock.sleep(max(pause ?? 0, 250 * attempt))
        attempt += 1
      }
    }
  }

  /// What reading gives.
  nonisolated func read(_ service: Service, _ path: String) async throws(VIMError) -> JSONValue {
    try await ask(service, "GET", path).body
  }

  /// All items of a list that comes in pages.
  nonisolated func readAll(
    _ service: Service, _ path: String, _ key: String, version: Microversion? = nil
  ) async throws(VIMError) -> [JSONValue] {
    var items: [JSONValue] = []
    var next: String? = path
    var seen: Set<String> = []
    while let page = next {
      guard seen.insert(page).inserted else {
        throw .unavailable(
          .unreachable, "vim \(vim), GET \(path): its pages go round in a circle", retryAfter: nil)
      }
      let body = try await ask(service, "GET", page, version: version).body
      guard let found = body[key]?.arrayValue else {
        throw garbled("GET \(path)", "there is no '\(key)' in it")
      }
      items += found
      next = nextPage(body, key, of: path)
    }
    return items
  }

  /// Where a page says that the next one is, as a path.
  private nonisolated func nextPage(_ body: JSONValue, _ key: String, of path: String) -> String? {
    // Images say `next`, the others have links.
    let link =
      body["next"]?.stringValue
      ?? body["\(key)_links"]?.arrayValue?.first { $0["rel"]?.stringValue == "next" }?["href"]?.stringValue
    guard let query = link?.split(separator: "?", maxSplits: 1).dropFirst().first else { return nil }
    return "\(path.prefix { $0 != "?" })?\(query)"
  }

  nonisolated func garbled(_ call: String, _ what: String) -> VIMError {
    .unavailable(.unreachable, "vim \(vim), \(call): the answer makes no sense: \(what)", retryAfter: nil)
  }

  nonisolated var project: String {
    get async throws(VIMError) { try await keystone.grant().project }
  }

  // MARK: One request

  private nonisolated func askOnce(
    _ service: Service, _ method: String, _ path: String, _ body: JSONValue?, _ call: String,
    _ allowed: Set<Int>, _ version: Microversion?
  ) async throws(VIMError) -> Answer {
    var version = version
    if version == nil { version = try await self.version(of: service) }
    var grant = try await keystone.grant()
    var response = try await send(service, method, path, body, call, version, grant)
    if response.status == 401 {
      await keystone.forget(grant)
      grant = try await keystone.grant()
      response = try await send(service, method, path, body, call, version, grant)
    }
    let isSafe = method == "GET"
    guard response.isSuccess || allowed.contains(response.status) else {
      let value = (try? JSONValue.parse(response.body)) ?? .null
      throw VIMError(openStack: response, value, of: vim, call: call, isSafe: isSafe)
    }
    guard response.isSuccess, !response.body.isEmpty else {
      return Answer(status: response.status, body: (try? JSONValue.parse(response.body)) ?? .null)
    }
    do {
      return Answer(status: response.status, body: try JSONValue.parse(response.body))
    } catch {
      let text = "vim \(vim), \(call): the answer is no JSON: \(error.message)"
      throw isSafe ? .unavailable(.unreachable, text, retryAfter: nil) : .unknownOutcome(text)
    }
  }

  private nonisolated func send(
    _ service: Service, _ method: String, _ path: String, _ body: JSONValue?, _ call: String,
    _ version: Microversion?, _ grant: Keystone.Grant
  ) async throws(VIMError) -> HTTPResponse {
    var headers: [(name: String, value: String)] = [
      ("X-Auth-Token", grant.token.reveal()), ("Accept", "application/json"),
    ]
    if let version { headers.append(("OpenStack-API-Version", "\(service.rawValue) \(version)")) }
    if body != nil { headers.append(("Content-Type", "application/json")) }
    do throws(TransportError) {
      return try await exchange.send(
        HTTPRequest(
          method, try base(service, grant) + path, headers: headers, body: body?.canonicalBytes ?? []))
    } catch let error {
      throw VIMError(error, of: vim, call: call, isSafe: method == "GET")
    }
  }

  /// The endpoint, with the version in its path.
  private nonisolated func base(_ service: Service, _ grant: Keystone.Grant) throws(TransportError) -> String
  {
    let fitting = grant.endpoints.filter {
      $0.service == service.rawValue && $0.interface == cloud.interface
        && (cloud.region == nil || $0.region == cloud.region)
    }
    guard var url = cloud.endpoints[service.rawValue] ?? fitting.first?.url else {
      let place = cloud.region.map { " in region \($0)" } ?? ""
      throw .unreachable(
        "the catalogue has no \(cloud.interface) endpoint of type \(service.rawValue)\(place)")
    }
    while url.hasSuffix("/") { url.removeLast() }
    return url.hasSuffix(service.root) ? url : url + service.root
  }

  // MARK: Versions

  private func version(of service: Service) async throws(VIMError) -> Microversion? {
    guard let ours = Microversion.range[service] else { return nil }
    if let known = versions[service] { return known }
    let grant = try await keystone.grant()
    let call = "GET / of \(service.rawValue)"
    let response = try await send(service, "GET", "/", nil, call, nil, grant)
    let body = (try? JSONValue.parse(response.body)) ?? .null
    let said = body["version"] ?? body["versions"]?.arrayValue?.last
    guard response.isSuccess,
      let newest = (said?["version"] ?? said?["max_version"])?.stringValue.flatMap(Microversion.init),
      let oldest = said?["min_version"]?.stringValue.flatMap(Microversion.init)
    else {
      if !response.isSuccess {
        throw VIMError(openStack: response, body, of: vim, call: call, isSafe: true)
      }
      throw .rejected(.unsupported, "vim \(vim), \(call): it does not say which versions it speaks")
    }
    let chosen = min(newest, ours.upperBound)
    guard chosen >= ours.lowerBound, chosen >= oldest else {
      throw .rejected(
        .unsupported,
        "vim \(vim), \(call): it speaks \(oldest) to \(newest), and \(ours.lowerBound) to \(ours.upperBound) is known here"
      )
    }
    versions[service] = chosen
    return chosen
  }
}

/// Does something for each item, so many at a time, and keeps the order.
func inParallel<Item: Sendable, Result: Sendable>(
  _ items: [Item], atMost limit: Int = 64,
  _ body: @escaping @Sendable (Item) async throws(VIMError) -> Result
) async throws(VIMError) -> [Result] {
  do {
    return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      var results = [Result?](repeating: nil, count: items.count)
      for index in items.indices.prefix(limit) { group.addTask { (index, try await body(items[index])) } }
      var next = min(limit, items.count)
      while let (index, result) = try await group.next() {
        results[index] = result
        if next < items.count {
          let more = next
          group.addTask { (more, try await body(items[more])) }
          next += 1
        }
      }
      return results.compactMap { $0 }
    }
  } catch let error as VIMError {
    throw error
  } catch {
    throw .unavailable(.unreachable, "\(error)", retryAfter: nil)
  }
}
