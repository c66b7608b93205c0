import FakeVIMs
import Foundation
import Synchronization
import Testing

/// Secrets planted in every place where Placet reads some, searched for in all that it says, keeps and shows.
@Suite struct SecretsTests {
  private static let policy = """
    import nfv
    import rules.capacity
    layer operator
    param vcenter: text
    param old: int = 0
    param size: int = 1
    site here { country: "SE" }
    vim cloud { kind: openstack, site: here, endpoint: "openstack:lab" }
    vim pods { kind: kubernetes, site: here, endpoint: "kubernetes:lab" }
    vim old { kind: vsphere, site: here, endpoint: vcenter }
    vim edge { kind: plugin, site: here, endpoint: "plugin:fake" }
    service s {
      vnf a { cpu: size, memory: 1 GiB }
      vnf b { cpu: size, memory: 1 GiB }
      vnf c { cpu: 1, memory: 128 MiB, count: old }
      vnf d { cpu: size, memory: 1 GiB }
    }
    rule homes {
      for each i in s.a.instances { require i.host.vim == cloud }
      for each i in s.b.instances { require i.host.vim == pods }
      for each i in s.c.instances { require i.host.vim == old }
      for each i in s.d.instances { require i.host.vim == edge }
    }
    """

  /// What a shell showed, line by line, and what process lists showed meanwhile.
  private final class Evidence: Sendable {
    struct Finding: Hashable {
      let place: String
      let secret: String
    }
    let findings = Mutex<Set<Finding>>([])
    let looks = Mutex(0)
    let plugIns = Mutex(0)

    func search(_ text: String, _ place: String) {
      for secret in Services.passwords.all where text.contains(secret) {
        findings.withLock { _ = $0.insert(Finding(place: place, secret: secret)) }
      }
    }

    /// The arguments of all processes, and what the plug-in's process was given.
    func searchProcesses() {
      looks.withLock { $0 += 1 }
      for pid in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] where Int(pid) != nil {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { continue }
        let arguments = String(decoding: bytes, as: UTF8.self)
        search(arguments, "the arguments of a process")
        guard arguments.contains("placet-vim-fake"),
          let given = FileManager.default.contents(atPath: "/proc/\(pid)/environ")
        else { continue }
        plugIns.withLock { $0 += 1 }
        let text = String(decoding: given, as: UTF8.self).replacing(Services.passwords.plugin, with: "")
        search(text, "the environment of the plug-in")
      }
    }
  }

  /// Files in which people keep them.
  private static let given: Set<String> = ["clouds.yaml", "secure.yaml", "kubeconfig"]

  private static func search(_ folder: URL, _ evidence: Evidence) throws -> Int {
    var count = 0
    let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    for name in names {
      guard !given.contains(name),
        let data = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path)
      else { continue }
      count += 1
      evidence.search(String(decoding: data, as: UTF8.self), "the file \(name)")
    }
    return count
  }

  @Test func `no planted secret is said, kept or shown, in what goes well and in what goes wrong`()
    async throws
  {
    let services = try await Services()
    let evidence = Evidence()
    services.openstack.change { $0.onRequest = { evidence.searchProcesses() } }
    services.kubernetes.change { $0.onRequest = { evidence.searchProcesses() } }
    services.vsphere.change { $0.onRequest = { evidence.searchProcesses() } }
    let folder = try Executable.folder(with: [])
    defer { try? FileManager.default.removeItem(at: folder) }
    try services.write(to: folder)
    try Self.policy.write(
      to: folder.appendingPathComponent("policy.placet"), atomically: true, encoding: .utf8)
    var environment = services.environment()
    environment["PLACET_PLUGIN_FAKE_FILE"] = folder.appendingPathComponent("plugin.json").path
    let policy = "policy.placet --set vcenter=\(services.address("vsphere"))"

    func run(_ line: String, _ status: Int32, _ words: String = "") async throws {
      let run = try await Executable.session("placet \(line)", in: folder, environment: environment)
      evidence.search(run.text, "the output of placet \(line)")
      #expect(run.status == status, "placet \(line): \(run.text)")
      #expect(words.isEmpty || run.text.contains(words), "placet \(line): \(run.text)")
      _ = try Self.search(folder, evidence)
    }

    // All goes well.
    for kind in ["openstack", "kubernetes", "vsphere"] {
      try await run("vim probe '\(services.address(kind))'", 0, "answers")
      try await run("vim inventory '\(services.address(kind))'", 0, "placet-inventory")
    }
    try await run("vim probe plugin:fake", 0, "answers")
    try await run("vim list --policy \(policy)", 0, "declares")
    try await run("plan \(policy) --out change.plan", 0, "3 to create")
    try await run("apply change.plan --yes", 0, "3/3")
    #expect(services.openstack.servers == ["s.a[0]"] && services.kubernetes.pods.count == 1)
    try await run("status \(policy.prefix { $0 != " " }) --format json", 0, "running")
    try await run("drift \(policy) --format json", 0, "\"drift\": false")
    try await run("why \(policy) 's.a[0]'", 0, "s.a[0]")

    // Services say no, and say back what they were told.
    services.openstack.change { $0.echo = Services.passwords.openstack }
    try await run("apply \(policy) --set old=1 --yes", 5, "NoPermission")
    services.openstack.change {
      $0.token = "gAAAA-planted-token-8128-next"; $0.password = "another"
    }
    try await run("plan \(policy)", 5, "POST /v3/auth/tokens: unauthorised")
    services.openstack.change {
      $0.password = Services.passwords.openstack; $0.isFull = true
    }
    try await run("apply \(policy) --set size=2 --yes", 5, "noCapacity")
    services.openstack.change { $0.isFull = false }
    services.kubernetes.change { $0.token = "another" }
    try await run("status policy.placet", 5, "vim pods, GET")
    services.kubernetes.change { $0.token = Services.passwords.kubernetes }
    services.vsphere.change { $0.password = "another" }
    try await run("vim inventory '\(services.address("vsphere"))'", 5, "Login: unauthorised")
    services.vsphere.change { $0.password = Services.passwords.vsphere }
    try await run("rollback policy.placet --yes", 0)
    try await run("destroy policy.placet --yes", 0)
    #expect(services.openstack.servers == [] && services.kubernetes.pods == [])

    #expect(try Self.search(folder, evidence) > 4)
    #expect(evidence.looks.withLock { $0 } > 50 && evidence.plugIns.withLock { $0 } > 0)
    #expect(evidence.findings.withLock { $0 } == [])
  }

  @Test func `the search finds what is there`() throws {
    let evidence = Evidence()
    evidence.search("password: \(Services.passwords.vsphere)", "a text")
    #expect(evidence.findings.withLock { $0.count } == 1)
  }
}
