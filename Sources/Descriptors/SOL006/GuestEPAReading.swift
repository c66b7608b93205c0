import Diagnostics

/// Enhanced platform awareness of one VDU, from the words of OSM to those of `stdlib/epa`.
extension DescriptorReading {
  /// `guest-epa` of a VDU with so many vCPUs and so many MiB (nil where it is no whole number).
  mutating func readGuestEPA(_ epa: DescriptorNode, cpu: Int, mebibytes: Int?, into platform: inout Platform)
  {
    if let policy = scalar(epa, "cpu-pinning-policy") { readPinning(policy, into: &platform) }
    if let policy = scalar(epa, "cpu-thread-pinning-policy") { readThreads(policy, into: &platform) }
    if let size = scalar(epa, "mempage-size") { readPages(size, mebibytes: mebibytes, into: &platform) }
    readCells(map(epa, "numa-node-policy"), cpu: cpu, mebibytes: mebibytes, into: &platform)
    for device in maps(epa, "pcie-device") { readDevice(device, into: &platform) }
  }

  mutating func readPinning(_ policy: DescriptorNode, into platform: inout Platform) {
    switch policy.text {
    case "DEDICATED", "static":
      platform.cpus = "dedicated"
      platform.need("pinned_cpus")
    case "SHARED", "dynamic": platform.cpus = "shared"
    case "ANY": break
    default:
      bag.report(.wrongForm(policy, wanted: "DEDICATED, SHARED or ANY"))
      return
    }
    policy.reword()
  }

  mutating func readThreads(_ policy: DescriptorNode, into platform: inout Platform) {
    switch policy.text {
    case "PREFER": platform.threads = "prefer_siblings"
    case "REQUIRE": platform.threads = "require_siblings"
    case "ISOLATE", "SEPARATE":
      platform.threads = "isolate"
      platform.need("isolated_threads")
    case "AVOID":
      bag.report(.noCounterpart(policy, why: "the library cannot ask for hosts without sibling threads"))
      return
    default:
      bag.report(.wrongForm(policy, wanted: "AVOID, SEPARATE, ISOLATE or PREFER"))
      return
    }
    policy.reword()
  }

  mutating func readPages(_ size: DescriptorNode, mebibytes: Int?, into platform: inout Platform) {
    switch size.text {
    case "SMALL": break
    case "SIZE_2MB": platform.pageSize = "2 MiB"
    case "SIZE_1GB": platform.pageSize = "1 GiB"
    case "LARGE":
      platform.pageSize = (mebibytes ?? 0) % 1024 == 0 && mebibytes != nil ? "1 GiB" : "2 MiB"
      bag.report(.narrowed(size, to: "pages of \(platform.pageSize ?? "")"))
    case "PREFER_LARGE":
      size.leaveUnstated()
      bag.report(.unstated(size, why: "large pages are asked for or not, there is no preference"))
      return
    default:
      bag.report(.wrongForm(size, wanted: "LARGE, SMALL, SIZE_2MB, SIZE_1GB or PREFER_LARGE"))
      return
    }
    size.reword()
    if let pages = platform.pageSize { platform.need("hugepages(\(pages))") }
  }

  private mutating func readDevice(_ device: DescriptorNode, into platform: inout Platform) {
    guard let id = required(device, "device-id", why: "which device?") else { return }
    let count = scalar(device, "count").map { whole($0, atLeast: 1) ?? 1 } ?? 1
    let name = PolicyText.quoted(id.text ?? "")
    platform.devices += Array(repeating: name, count: min(count, 64))
    platform.need("passthrough(\(name))")
    device.reword()
  }

  // MARK: Guest NUMA cells

  /// The vCPUs of each guest cell.
  ///
  /// Dedicated CPUs and large pages without a policy are one cell: so Nova reads them, and only what is
  /// on a cell is counted there.
  private mutating func readCells(
    _ policy: DescriptorNode?, cpu: Int, mebibytes: Int?, into platform: inout Platform
  ) {
    guard let policy else {
      guard platform.cpus == "dedicated" || platform.pageSize != nil else { return }
      platform.guestCells = [cpu]
      platform.impliesCell = true
      return
    }
    let nodes = maps(policy, "node")
    let count = scalar(policy, "node-cnt").map { whole($0, atLeast: 1) ?? 1 } ?? max(nodes.count, 1)
    guard count <= cpu, nodes.isEmpty || nodes.count == count else {
      bag.report(
        .contradictoryCells(policy, why: "\(count) cells, \(nodes.count) described, for \(cpu) vCPUs"))
      return
    }
    guard let cells = sizes(of: nodes, count: count, cpu: cpu, in: policy, platform: &platform) else {
      return
    }
    platform.guestCells = cells
    if count == 1 {
      platform.need("one_numa_cell")
    } else if Set(cells).count > 1 {
      platform.need("asymmetric_cells")
    }
    policy.reword()
    checkMemory(nodes, cells: cells, cpu: cpu, mebibytes: mebibytes, in: policy)
  }

  private mutating func sizes(
    of nodes: [DescriptorNode], count: Int, cpu: Int, in policy: DescriptorNode, platform: inout Platform
  ) -> [Int]? {
    let given = nodes.compactMap { size(of: $0, platform: &platform) }
    if given.isEmpty {
      if cpu % count == 0 { return Array(repeating: cpu / count, count: count) }
      bag.report(.contradictoryCells(policy, why: "\(cpu) vCPUs do not divide into \(count) cells alike"))
      return nil
    }
    let sum = given.reduce(0, +)
    if given.count == count, sum == cpu, given.allSatisfy({ $0 > 0 }) { return given }
    if count == 1, let node = nodes.first {
      bag.report(.narrowed(node, to: "one cell of \(cpu) vCPUs, as the flavour has, not of \(sum)"))
      return [cpu]
    }
    bag.report(.contradictoryCells(policy, why: "its cells hold \(sum) vCPUs, the flavour has \(cpu)"))
    return nil
  }

  private mutating func size(of node: DescriptorNode, platform: inout Platform) -> Int? {
    if case .list(let vcpus)? = node["vcpu"]?.form { return vcpus.count }
    if let cores = scalar(node, "num-cores") { return whole(cores, atLeast: 1) }
    guard let paired = map(node, "paired-threads"), let pairs = scalar(paired, "num-paired-threads") else {
      return nil
    }
    // Pairs of sibling threads: the sibling must be there.
    if platform.threads == nil { platform.threads = "require_siblings" }
    return whole(pairs, atLeast: 1).map { $0 * 2 }
  }

  /// Guest cells share the memory as they share the vCPUs; another share cannot be said.
  private mutating func checkMemory(
    _ nodes: [DescriptorNode], cells: [Int], cpu: Int, mebibytes: Int?, in policy: DescriptorNode
  ) {
    for (node, size) in zip(nodes, cells) {
      guard let memory = scalar(node, "memory-mb"), let amount = whole(memory) else { continue }
      if let mebibytes, amount * cpu == mebibytes * size { continue }
      memory.leaveUnstated()
      bag.report(.unstated(memory, why: "guest cells share the memory as they share the vCPUs"))
    }
    if let memory = scalar(policy, "mem-policy"), memory.text != "STRICT" {
      bag.report(.narrowed(memory, to: "STRICT: a guest cell has its memory where it has its cores"))
    }
  }
}
