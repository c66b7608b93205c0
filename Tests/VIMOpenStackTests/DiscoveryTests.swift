import Glibc
import NFVModel
import Testing
import VIMProtocol
import VIMTransport

@testable import VIMOpenStack

struct DiscoveryTests {
  /// A cloud of so many hosts, two threads a core on every other one; every hundredth has no CPU free.
  private func cloud(_ count: Int, own: [JSONValue] = []) -> FakeCloud {
    let fake = FakeCloud()
    let hosts = (0..<count).map { "cmp\($0)" }
    fake.on(
      "GET", "/v2.1/os-services", 200,
      [
        "services": .array(
          hosts.map { ["host": .string($0), "state": "up", "status": "enabled", "zone": "az1"] })
      ])
    fake.on { request in
      guard FakeCloud.path(request) == "/v2.1/os-hypervisors/detail" else { return nil }
      let start = request.url.split(separator: "marker=").dropFirst().first.flatMap { Int($0) } ?? 0
      let page = (start..<min(count, start + 1000)).map { number -> JSONValue in
        [
          "id": .string("rp\(number)"), "hypervisor_hostname": "x", "state": "up", "status": "enabled",
          "service": ["host": .string(hosts[number])],
        ]
      }
      let next: JSONValue =
        start + 1000 < count
        ? [
          [
            "rel": "next",
            "href": .string("http://x/os-hypervisors/detail?limit=1000&marker=\(start + 1000)"),
          ]
        ]
        : []
      return FakeCloud.answer(200, ["hypervisors": .array(page), "hypervisors_links": next])
    }
    fake.on(
      "GET", "/v2.1/os-aggregates", 200,
      [
        "aggregates": [
          ["metadata": ["rack": "r7"], "hosts": ["cmp0"]], ["metadata": [:], "hosts": ["cmp1"]],
        ]
      ])
    fake.on("GET", "/v2.1/servers/detail", 200, ["servers": .array(own)])
    let summaries = (0..<count).filter { $0 % 100 != 99 }.map { number -> (String, JSONValue) in
      (
        "rp\(number)",
        [
          "resources": [
            "VCPU": ["capacity": 64, "used": 10], "PCPU": ["capacity": 48, "used": 12],
            "MEMORY_MB": ["capacity": 261_120, "used": 4096], "DISK_GB": ["capacity": 900, "used": 0],
          ],
          "traits": .strings(
            ["COMPUTE_NODE", "HW_CPU_X86_AVX2"] + (number % 2 == 0 ? ["HW_CPU_HYPERTHREADING"] : [])),
          "root_provider_uuid": .string("rp\(number)"),
        ]
      )
    }
    fake.on(
      "GET", "/allocation_candidates", 200,
      ["provider_summaries": .object(Dictionary(uniqueKeysWithValues: summaries))])
    fake.on { request in
      guard let part = FakeCloud.path(request).split(separator: "/").last,
        request.url.hasPrefix("http://placement/")
      else { return nil }
      switch part {
      case "inventories":
        return FakeCloud.answer(
          200,
          [
            "inventories": [
              "VCPU": ["total": 16, "reserved": 0, "allocation_ratio": .number("4.0")],
              "PCPU": ["total": 48, "reserved": 0, "allocation_ratio": .number("1.0")],
              "MEMORY_MB": ["total": 262_144, "reserved": 1024, "allocation_ratio": .number("1.0")],
              "DISK_GB": ["total": 1000, "reserved": 100, "allocation_ratio": .number("1.0")],
            ]
          ])
      case "usages":
        return FakeCloud.answer(200, ["usages": ["VCPU": 64, "PCPU": 48, "MEMORY_MB": 8192, "DISK_GB": 10]])
      case "traits": return FakeCloud.answer(200, ["traits": ["COMPUTE_NODE"]])
      case "allocations":
        return FakeCloud.answer(
          200,
          [
            "allocations": [
              "ours": ["resources": ["PCPU": 4, "MEMORY_MB": 4096]],
              "theirs": ["resources": ["PCPU": 8, "VCPU": 10]],
            ]
          ])
      default: return nil
      }
    }
    return fake
  }

  private func server(_ id: String, on host: String) -> JSONValue {
    ["id": .string(id), "status": "ACTIVE", "OS-EXT-SRV-ATTR:host": .string(host)]
  }

  @Test func `amounts are what is free for us, and what is hidden is absent`() async throws {
    let fake = cloud(100, own: [server("ours", on: "cmp0")])
    let part = try await fake.vim(site: "stockholm").inventory()
    #expect(part.source == "vim sto" && part.date == "2026-11-22T19:03:52Z")
    let inventory = Inventory(parts: [part])
    let host = { (name: String) in inventory.entity(EntityReference(kind: "host", name: name)) }
    // 16 vCPUs lent four times, 10 of them out: 3 gone; of 48 pinned ones 12 are out, 4 to us; two threads a core.
    #expect(host("cmp0")?["cores"] == .int((13 + 40) / 2))
    #expect(
      host("cmp0")?["memory"] == .amount("261120 MiB") && host("cmp1")?["memory"] == .amount("257024 MiB"))
    #expect(host("cmp1")?["cores"] == .int(13 + 36) && host("cmp1")?["disk"] == .amount("900 GiB"))
    #expect(
      host("cmp0")?["traits"]
        == .list([
          .text("COMPUTE_NODE"), .text("HW_CPU_HYPERTHREADING"), .text("HW_CPU_X86_AVX2"),
        ]))
    #expect(host("cmp0")?["rack"] == .reference(kind: "rack", name: "r7") && host("cmp1")?["rack"] == nil)
    #expect(host("cmp0")?["zone"] == .reference(kind: "zone", name: "stockholm.az1"))
    // It has no CPU left, and is told all the same.
    #expect(host("cmp99")?["cores"] == .int(0) && host("cmp99")?["memory"] == .amount("252928 MiB"))
    #expect(host("cmp0")?["cells"] == nil && inventory.entities(of: "cell").isEmpty)
    #expect(inventory.entities(of: "rack").map(\.id.name) == ["r7"])
    #expect(inventory.entities(of: "zone").first?.parent == EntityReference(kind: "site", name: "stockholm"))
    // Whatever is told can be written and read again.
    #expect(try Inventory(try JSONValue.parse(inventory.json.canonicalBytes)).json == inventory.json)
  }

  @Test func `hosts whose service is down, off or unknown to Placement are not offered`() async throws {
    let fake = cloud(4)
    fake.on(
      "GET", "/v2.1/os-services", 200,
      [
        "services": [
          ["host": "cmp0", "state": "down", "status": "enabled", "zone": "az1"],
          ["host": "cmp1", "state": "up", "status": "disabled", "zone": "az1"],
          ["host": "cmp2", "state": "up", "status": "enabled", "zone": "az1"],
          ["host": "cmp3", "state": "up", "status": "enabled", "zone": "az1"],
        ]
      ])
    fake.on("GET", "/resource_providers/rp3/inventories", 404, ["errors": [["detail": "no such provider"]]])
    let part = try await fake.vim().inventory()
    #expect(part.entities.map(\.id.name) == ["cmp2"])
    #expect(part.entities[0]["zone"] == nil)
  }

  @Test func `threads of a core are those that the hypervisor tells where no trait does`() async throws {
    let fake = cloud(2)
    fake.on(
      "GET", "/v2.1/os-hypervisors/detail", 200,
      [
        "hypervisors": .array(
          (0..<2).map { number in
            [
              "id": .string("rp\(number)"), "state": "up", "service": ["host": .string("cmp\(number)")],
              "cpu_info": ["topology": ["sockets": 2, "cores": 20, "threads": .int(2 - number)]],
            ]
          })
      ])
    let part = try await fake.vim().inventory()
    // cmp0 has the trait, and both say two; cmp1 has one thread a core, by either.
    #expect(part.entities.compactMap { $0["cores"] } == [.int((13 + 36) / 2), .int(13 + 36)])
    fake.on(
      "GET", "/v2.1/os-hypervisors/detail", 200,
      [
        "hypervisors": [
          [
            "id": "rp1", "state": "up", "service": ["host": "cmp1"], "cpu_info": ["topology": ["threads": 4]],
          ]
        ]
      ])
    #expect(try await fake.vim().inventory().entities.map { $0["cores"] } == [.int((13 + 36) / 4)])
  }

  @Test func `a provider below a host adds what it has, without a request of its own`() async throws {
    let fake = cloud(1, own: [server("ours", on: "cmp0")])
    let below = { (used: Int) -> JSONValue in
      [
        "resources": ["PCPU": ["capacity": 12, "used": .int(used)]], "traits": [],
        "root_provider_uuid": "rp0",
      ]
    }
    let root: JSONValue = [
      "resources": ["MEMORY_MB": ["capacity": 261_120, "used": 4096]], "traits": ["COMPUTE_NODE"],
      "root_provider_uuid": "rp0",
    ]
    fake.on(
      "GET", "/allocation_candidates", 200,
      ["provider_summaries": ["rp0": root, "cell0": below(9), "cell1": below(0)]])
    fake.on(
      "GET", "/resource_providers/rp0/inventories", 200,
      [
        "inventories": [
          "MEMORY_MB": ["total": 262_144, "reserved": 1024, "allocation_ratio": .number("1.0")]
        ]
      ])
    fake.on("GET", "/resource_providers/cell1/allocations", 200, ["allocations": [:]])
    let host = try #require(try await fake.vim().inventory().entities.first)
    // Of the first cell's nine four are ours.
    #expect(host["cores"] == .int(12 - 5 + 12) && host["memory"] == .amount("261120 MiB"))
    #expect(fake.calls("GET", "/resource_providers/cell0/inventories").isEmpty)
  }

  @Test func `five thousand hosts take one request each, and few more`() async throws {
    let fake = cloud(5000)
    let vim = fake.vim()
    var before = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before)
    let part = try await vim.inventory()
    var after = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after)
    let seconds = Double(after.tv_sec - before.tv_sec) + Double(after.tv_nsec - before.tv_nsec) / 1e9
    print("5,000 hosts discovered in \(seconds) CPU seconds, the fake cloud's among them")
    #expect(part.entities.filter { $0.id.kind == "host" }.count == 5000)
    // Fifty have no CPU free: two requests more each.
    #expect(fake.asked.count <= 5000 + 2 * 50 + 20)
  }
}
