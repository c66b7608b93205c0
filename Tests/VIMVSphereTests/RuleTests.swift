import NFVModel
import Testing
import VIMProtocol

@testable import VIMVSphere

/// The rules of a cluster as a value, judged by a cluster of a few lines that does what it is told.
struct RuleTests {
  static let hosts = (0..<3).map { ManagedObject("HostSystem", "host-\($0)") }
  static func machine(_ number: Int) -> ManagedObject { ManagedObject("VirtualMachine", "vm-\(number)") }

  /// What `ReconfigureComputeResource_Task` does, as vSphere documents it.
  struct Cluster {
    var configuration = XMLNode("val")
    var lastKey = 0
    var changes = 0

    mutating func apply(_ change: ClusterRules.Change) throws {
      for step in change.steps {
        changes += 1
        let specs = try XMLReader.read(
          [UInt8](
            "<s xmlns:xsi=\"\(XMLReader.schemaInstance)\">\(step.map(\.text).joined())</s>".utf8)
        ).children
        for spec in specs { try apply(spec) }
        try check()
      }
    }

    private mutating func apply(_ spec: XMLNode) throws {
      let element = ["rulesSpec": "rule", "groupSpec": "group"][spec.name] ?? "drsVmConfig"
      let operation = spec.text("operation") ?? ""
      let idField =
        element == "rule" && operation == "remove" ? "key" : element == "drsVmConfig" ? "key" : "name"
      let id = operation == "remove" ? spec["removeKey"]?.text : spec["info"]?.text(idField)
      let index = configuration.children.firstIndex { $0.name == element && $0.text(idField) == id }
      switch operation {
      case "add":
        #expect(index == nil, "\(element) \(id ?? "") is there already")
        var info = try #require(spec["info"])
        info.name = element
        lastKey += 1
        if element == "rule" { info.children.insert(XMLNode("key", text: String(lastKey)), at: 0) }
        configuration.children.append(info)
      case "edit":
        var info = try #require(spec["info"])
        info.name = element
        configuration.children[try #require(index)] = info
      case "remove": configuration.children.remove(at: try #require(index))
      default: Issue.record("operation '\(operation)'")
      }
    }

    /// What vSphere refuses: rules without their groups, rules about one machine.
    private func check() throws {
      let rules = ClusterRules(configuration)
      for rule in rules.rules {
        if let group = rule.machineGroup { #expect(rules.group(group) != nil) }
        if let group = rule.hostGroup { #expect(rules.group(group) != nil) }
        if rule.machineGroup == nil { #expect(rule.machines.count > 1) }
      }
    }
  }

  @Test(arguments: 0..<20)
  func `whatever the order, every machine is bound while it is there, and in the end nothing is left`(
    seed: Int
  )
    throws
  {
    var random = Numbers(state: UInt64(seed) &+ 1)
    var cluster = Cluster()
    var there: [Int: Int] = [:]
    for _ in 0..<60 {
      let number = Int(random.next() % 6)
      let (machine, name) = (Self.machine(number), "m\(number)")
      let apart = number % 3 == 0 ? nil : "group\(number % 2)"
      let rules = ClusterRules(cluster.configuration)
      if there[number] != nil, random.next() % 2 == 0 {
        try cluster.apply(rules.releasing(machine, named: name, apart: apart))
        there[number] = nil
      } else if there[number] == nil {
        let host = Int(random.next() % 3)
        try cluster.apply(
          rules.pinning(machine, named: name, to: Self.hosts[host], named: "h\(host)", apart: apart))
        there[number] = host
      }
      try judge(ClusterRules(cluster.configuration), there)
    }
    for number in there.keys {
      let apart = number % 3 == 0 ? nil : "group\(number % 2)"
      let rules = ClusterRules(cluster.configuration)
      try cluster.apply(rules.releasing(Self.machine(number), named: "m\(number)", apart: apart))
    }
    #expect(cluster.configuration.children.isEmpty)
  }

  func judge(_ rules: ClusterRules, _ there: [Int: Int]) throws {
    #expect(rules.overrides.count == there.count && rules.overrides.values.allSatisfy { !$0 })
    for (number, host) in there {
      let pin = try #require(rules.rule(ClusterRules.pin("m\(number)")))
      #expect(rules.group(pin.machineGroup ?? "")?.members == [Self.machine(number)])
      #expect(rules.group(pin.hostGroup ?? "")?.members == [Self.hosts[host]])
    }
    for group in 0..<2 {
      let members = Set(there.keys.filter { $0 % 3 != 0 && $0 % 2 == group }.map(Self.machine))
      let rule = rules.rule(ClusterRules.apart("group\(group)"))
      #expect(Set(rule?.machines ?? []) == (members.count > 1 ? members : []))
    }
  }

  @Test func `what is so already is not asked for again`() throws {
    var cluster = Cluster()
    for _ in 0..<2 {
      let rules = ClusterRules(cluster.configuration)
      try cluster.apply(
        rules.pinning(Self.machine(1), named: "m1", to: Self.hosts[0], named: "h0", apart: "g"))
    }
    #expect(cluster.changes == 2, "one step for the groups, one for the rules")
  }

  struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }
}
