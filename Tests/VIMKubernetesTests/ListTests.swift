import NFVModel
import Synchronization
import Testing
import VIMKubernetes
import VIMProtocol
import VIMTransport

/// Long lists: pages, and lists that the server forgets in between.
@Suite struct ListTests {
  static func node(_ name: String) -> JSONValue {
    [
      "metadata": [
        "name": .string(name), "managedFields": [["manager": "kubelet \\\" } ]", "fieldsV1": ["f:a": [:]]]],
      ],
      "spec": [:],
      "status": [
        "allocatable": ["cpu": "4", "memory": "8Gi"], "images": [["names": ["a", "b"], "sizeBytes": 12]],
        "conditions": [["type": "Ready", "status": "True"]],
      ],
    ]
  }

  /// Pages of nodes by continuation; `expires` says which asking for a further page is too late.
  private func cluster(pages: Int, expires: @escaping @Sendable (_ asking: Int) -> Bool) -> FakeCluster {
    let askings = Mutex(0)
    return FakeCluster { _, path in
      if path.hasPrefix("/api/v1/pods") { return FakeCluster.json(["items": [], "metadata": [:]]) }
      guard path.hasPrefix("/api/v1/nodes?") else { return nil }
      let page = path.firstRange(of: "continue=p").flatMap { Int(path[$0.upperBound...]) } ?? 0
      if page > 0 {
        let asking = askings.withLock {
          $0 += 1; return $0
        }
        if expires(asking) {
          return FakeCluster.refusal(410, "Expired", "The provided continue parameter is too old")
        }
      }
      let next = page + 1 < pages ? "p\(page + 1)" : ""
      return FakeCluster.json([
        "items": [Self.node("n\(2 * page)"), Self.node("n\(2 * page + 1)")],
        "metadata": ["continue": .string(next)],
      ])
    }
  }

  @Test func `all pages are read, a limit a page`() async throws {
    let cluster = cluster(pages: 3) { _ in false }
    let hosts = try await cluster.vim { $0.pageLimit = 2 }.inventory().entities
    #expect(hosts.map(\.id.name) == ["n0", "n1", "n2", "n3", "n4", "n5"])
    #expect(
      cluster.calls.filter { $0.hasPrefix("GET /api/v1/nodes?") } == [
        "GET /api/v1/nodes?limit=2", "GET /api/v1/nodes?limit=2&continue=p1",
        "GET /api/v1/nodes?limit=2&continue=p2",
      ])
  }

  @Test func `a list that has expired half-way is read again from its beginning`() async throws {
    let hosts = try await cluster(pages: 3) { $0 == 2 }.vim().inventory().entities
    #expect(hosts.map(\.id.name) == ["n0", "n1", "n2", "n3", "n4", "n5"])
  }

  @Test func `a list that always expires ends in an error that can be tried again`() async {
    let error = await refused { _ = try await cluster(pages: 3) { _ in true }.vim().inventory() }
    #expect(error?.isUnavailable == true)
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("GET /api/v1/nodes"))
  }

  @Test func `a list that goes round in circles ends`() async {
    let error = await refused {
      _ = try await FakeCluster { _, path in
        path.contains("?") ? FakeCluster.json(["items": [], "metadata": ["continue": "p1"]]) : nil
      }.vim().inventory()
    }
    #expect(error?.isUnavailable == true)
  }
}
