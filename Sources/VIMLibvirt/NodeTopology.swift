/// The host as libvirt's capabilities and its node information show it.
struct NodeTopology: Hashable, Sendable {
  struct Cell: Hashable, Sendable {
    let id: Int
    let socket: Int
    /// Bytes in all.
    let memory: Int
    /// Each core's threads, in order; the cores in order of their first one.
    let cores: [[Int]]
    /// Bytes of a page: how many there are of it, large ones alone.
    let pages: [Int: Int]

    var cpus: Set<Int> { Set(cores.joined()) }
  }

  let cells: [Cell]
  /// Bytes of the pages larger than the ordinary ones, sorted.
  let pageSizes: [Int]
  /// The type of domains: `test`, `qemu`, `kvm`.
  let domainType: String
  let architecture: String
  /// `pc` where the host has it.
  let machine: String?

  var threadsPerCore: Int { cells.flatMap(\.cores).map(\.count).max() ?? 1 }
  var cpuCount: Int { (cells.flatMap(\.cores).joined().max() ?? -1) + 1 }

  func cell(_ id: Int) -> Cell? { cells.first { $0.id == id } }

  /// - Parameters:
  ///   - cpus, memory (bytes): the node information's, for hosts that do not list their cells.
  init?(capabilities: XMLNode, cpus: Int, cells: Int, threads: Int, memory: Int) {
    guard let host = capabilities.first("host") else { return nil }
    let listed = host.all("topology", "cells", "cell").compactMap(Cell.init).sorted { $0.id < $1.id }
    self.cells = listed.isEmpty ? Cell.alike(cells, cpus: cpus, threads: threads, memory: memory) : listed
    let sizes = host.all("cpu", "pages").compactMap { page in
      page["size"].flatMap { Int($0) }.flatMap { XMLNode.bytes($0, page["unit"]) }
    }
    pageSizes = sizes.filter { $0 > 65_536 }.sorted()

    let guests = capabilities.all("guest").filter { $0.first("os_type")?.text == "hvm" }
    let own = host.first("cpu", "arch")?.text ?? ""
    let guest = guests.first { $0.first("arch")?["name"] == own } ?? guests.first
    architecture = guest?.first("arch")?["name"] ?? own
    let types = Set(guest?.all("arch", "domain").compactMap { $0["type"] } ?? [])
    // A device node alone proves nothing: without the processor's own help guests of it may never come up.
    let features = Set(host.all("cpu", "feature").compactMap { $0["name"] })
    let helps = features.contains("vmx") || features.contains("svm")
    domainType =
      types.contains("kvm") && helps
      ? "kvm" : types.contains("qemu") ? "qemu" : types.sorted().first ?? "qemu"
    let machines = guest?.all("arch", "machine").map(\.text) ?? []
    machine = machines.contains("pc") ? "pc" : nil
  }
}

extension NodeTopology.Cell {
  fileprivate init?(_ node: XMLNode) {
    guard let id = node["id"].flatMap({ Int($0) }) else { return nil }
    self.id = id
    let cpus = node.all("cpus", "cpu")
    socket = cpus.first?["socket_id"].flatMap { Int($0) } ?? 0
    memory = node.first("memory")?.bytes ?? 0
    var cores: [Int: [Int]] = [:]
    for cpu in cpus {
      guard let number = cpu["id"].flatMap({ Int($0) }) else { continue }
      let threads = cpuSet(cpu["siblings"] ?? "\(number)").union([number])
      cores[threads.min() ?? number, default: []].append(number)
    }
    self.cores = cores.sorted { $0.key < $1.key }.map { $0.value.sorted() }
    var pages: [Int: Int] = [:]
    for page in node.all("pages") {
      guard let size = page["size"].flatMap({ Int($0) }).flatMap({ XMLNode.bytes($0, page["unit"]) }),
        size > 65_536
      else { continue }
      pages[size] = page.number ?? 0
    }
    self.pages = pages
  }

  private init(id: Int, socket: Int, memory: Int, cores: [[Int]]) {
    (self.id, self.socket, self.memory, self.cores, self.pages) = (id, socket, memory, cores, [:])
  }

  /// Cells that are all alike, where only their number is told.
  fileprivate static func alike(_ count: Int, cpus: Int, threads: Int, memory: Int) -> [Self] {
    let (count, threads) = (max(1, count), max(1, threads))
    let share = cpus / count
    return (0..<count).map { cell in
      let own = Array(cell * share..<(cell + 1) * share)
      let cores = stride(from: 0, to: own.count, by: threads).map {
        Array(own[$0..<min($0 + threads, own.count)])
      }
      return Self(id: cell, socket: cell, memory: memory / count, cores: cores)
    }
  }
}
