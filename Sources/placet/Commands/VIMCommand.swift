import ArgumentParser
import Diagnostics
import Foundation
import NFVModel
import Placet
import Placement
import VIMContract
import VIMProtocol

struct VIMCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vim",
    abstract:
      "Looks at the VIMs: what they declare, whether they answer, what they have, whether they keep the contract.",
    discussion: """
      A VIM is named as its own world names it: openstack:CLOUD, kubernetes:CONTEXT, vsphere:URL, libvirt:URI, \
      simulated:DIR, plugin:NAME; or, with --policy, as the policy names it.
      """,
    subcommands: [
      VIMListCommand.self, VIMProbeCommand.self, VIMInventoryCommand.self, VIMConformanceCommand.self,
    ])
}

/// Which VIM, and how it is reached.
struct VIMArguments: ParsableArguments {
  @Option(help: ArgumentHelp("A policy whose vims may be named.", valueName: "file"))
  var policy: String?

  @Option(help: ArgumentHelp("An inventory that the policy reads.", valueName: "file"))
  var inventory: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Sets a param of the policy; may be repeated.", valueName: "name=value"))
  var settings: [String] = []

  @Flag(help: "Do not verify certificates. For a test bed alone.")
  var insecure = false

  @OptionGroup var output: FormatOption

  /// The VIMs of the policy that name an endpoint.
  func endpoints() throws -> [Endpoint] {
    guard let policy else { return [] }
    let file = try PolicyFile.loadSound(policy, format: output.format)
    var parameters: [String: String] = [:]
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw ValidationError("--set wants name=value, not '\(setting)'") }
      parameters[parts[0]] = parts[1]
    }
    let inputs = RunInputs(parameters: parameters, inventory: inventory)
    return try reportingMistakes(output.format) { () throws(Mistakes) in try file.endpoints(inputs) }
  }

  /// Opens the VIM with this name: a `vim` of the policy, else an address.
  func open(_ name: String) async throws -> any VIM {
    let endpoints = try endpoints()
    if let endpoint = endpoints.first(where: { $0.vim == name }) { return try await open(endpoint) }
    if let policy, VIMAddress(name) == nil {
      let known = endpoints.map(\.vim)
      let near = nearestName(to: name, among: known).map { "; did you mean '\($0)'?" } ?? ""
      throw Failure(code: "V0212", message: "no vim of \(policy) with an endpoint is called '\(name)'\(near)")
    }
    let address = try VIMRegistry.address(name)
    return try await VIMRegistry.standard.open(
      VIMRegistry.Order(name: address.plainName, address: address, base: "", insecure: insecure))
  }

  func open(_ endpoint: Endpoint) async throws -> any VIM {
    let base = policy.map { ($0 as NSString).deletingLastPathComponent } ?? ""
    return try await VIMRegistry.standard.open(
      VIMRegistry.Order(
        name: endpoint.vim, address: try VIMRegistry.address(endpoint.address, of: endpoint.vim), base: base,
        site: endpoint.site, insecure: insecure))
  }
}

/// What a VIM declares, for people and programs.
private struct Declaration {
  let name: String
  let address: String
  let description: VIMDescription

  var json: JSONValue {
    [
      "name": .string(name), "address": .string(address), "kind": .string(description.kind),
      "version": .string(description.version), "capabilities": description.capabilities.json,
    ]
  }

  var text: String {
    let words = description.capabilities.claims.map(\.description).sorted(by: naturallyPrecedes)
    let claims = words.isEmpty ? "declares nothing" : "declares " + words.joined(separator: ", ")
    return "\(name)  \(description.kind) \(description.version)  \(address)\n"
      + Wrapped.text(claims, indent: 2)
  }
}

struct VIMListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists VIMs with the capabilities that they declare; without one, the kinds there are.",
    discussion: """
      Examples:
        placet vim list
        placet vim list --policy policy.placet
        placet vim list simulated:lab
      Exit status: 0, or 5 where a VIM cannot be opened.
      """)

  @Argument(help: "Addresses, or vims of the policy; with --policy alone all that name an endpoint.")
  var names: [String] = []

  @OptionGroup var vim: VIMArguments

  func run() async throws {
    try await reportingFailures {
      guard !names.isEmpty || vim.policy != nil else { return kinds() }
      let endpoints = try vim.endpoints()
      var declarations: [Declaration] = []
      for endpoint in endpoints where names.isEmpty || names.contains(endpoint.vim) {
        let open = try await vim.open(endpoint)
        declarations.append(
          Declaration(name: open.name, address: endpoint.address, description: open.describe()))
      }
      for name in names where !endpoints.contains(where: { $0.vim == name }) {
        let open = try await vim.open(name)
        declarations.append(Declaration(name: open.name, address: name, description: open.describe()))
      }
      switch vim.output.format {
      case .json:
        Terminal.print((["placet": 1, "vims": .array(declarations.map(\.json))] as JSONValue).prettyText())
      case .text:
        let none = "no vim of the policy names an endpoint: all are simulated\n"
        Terminal.print(declarations.isEmpty ? none : declarations.map(\.text).joined())
      }
    }
  }

  private func kinds() {
    let kinds = VIMAddress.Kind.allCases.map { ($0.rawValue, VIMRegistry.standard.factories[$0] != nil) }
    switch vim.output.format {
    case .json:
      let list = kinds.filter(\.1).map(\.0)
      Terminal.print((["placet": 1, "kinds": .strings(list)] as JSONValue).prettyText())
    case .text:
      for (kind, isThere) in kinds { Terminal.print("\(kind)\(isThere ? "" : "  (not in this build)")\n") }
    }
  }
}

struct VIMProbeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", abstract: "Asks a VIM whether it answers and lets us in.",
    discussion: "Example: placet vim probe simulated:lab\nExit status: 0 it does, 5 it does not.")

  @Argument(help: "An address, or a vim of the policy.")
  var name: String

  @OptionGroup var vim: VIMArguments

  func run() async throws {
    try await reportingFailures {
      let open = try await vim.open(name)
      do throws(VIMError) { try await open.probe() } catch {
        throw Failure(error.naming(vim: open.name, call: "probe"))
      }
      let description = open.describe()
      switch vim.output.format {
      case .json:
        let document: JSONValue = [
          "placet": 1, "vim": .string(open.name), "kind": .string(description.kind),
          "version": .string(description.version), "answers": true,
        ]
        Terminal.print(document.prettyText())
      case .text: Terminal.print("\(open.name) answers: \(description.kind) \(description.version)\n")
      }
    }
  }
}

struct VIMInventoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inventory", abstract: "Prints what a VIM has, as a file for --inventory.",
    discussion: """
      Example: placet vim inventory simulated:lab > lab.json
      What the VIM does not reveal is absent. Exit status: 0, or 5 where it does not answer.
      """)

  @Argument(help: "An address, or a vim of the policy.")
  var name: String

  @Option(help: ArgumentHelp("Writes it here instead.", valueName: "file"))
  var out: String?

  @OptionGroup var vim: VIMArguments

  func run() async throws {
    try await reportingFailures {
      let open = try await vim.open(name)
      let part: Inventory.Part
      do throws(VIMError) { part = try await open.inventory() } catch {
        throw Failure(error.naming(vim: open.name, call: "inventory"))
      }
      let text = Inventory(parts: [part]).json.prettyText()
      if let out {
        do {
          try Data(text.utf8).write(to: URL(fileURLWithPath: out), options: .atomic)
        } catch {
          throw Failure(code: "V0105", message: "cannot write \(out): \(Failure.reason(error))")
        }
      } else {
        Terminal.print(text)
      }
      // It is shown as the VIM gave it, and nobody is to plan on it.
      _ = try part.consistent(of: open.name)
    }
  }
}

struct VIMConformanceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract:
      "Tries whether a VIM keeps the contract of back ends, by making small instances in it and removing them.",
    discussion: """
      Example: placet vim conformance openstack:lab --image cirros
      What it makes is called contract-…; it leaves nothing behind where the contract is kept.
      Exit status: 0 the contract is kept, 5 it is broken or the VIM does not answer.
      """)

  @Argument(help: "An address, or a vim of the policy.")
  var name: String

  @Option(
    help: ArgumentHelp("What instances are made from, where the VIM wants an image.", valueName: "name"))
  var image: String?

  @Option(help: ArgumentHelp("Memory of an instance in MiB.", valueName: "MiB"))
  var memory = 64

  @Option(name: .customLong("host"), help: ArgumentHelp("Use this host; may be repeated.", valueName: "name"))
  var hosts: [String] = []

  @OptionGroup var vim: VIMArguments

  func validate() throws {
    if memory < 1 { throw ValidationError("--memory wants a number above 0, not \(memory)") }
  }

  func run() async throws {
    try await reportingFailures {
      let open = try await vim.open(name)
      var options = Contract.Options(nonce: Self.nonce())
      options.image = image
      options.memory = memory << 20
      options.hosts = hosts
      let (arguments, name) = (vim, name)
      options.reopen = { try await arguments.open(name) }
      if vim.output.format == .text, Terminal.showsProgress {
        options.observer = { Terminal.complain("\r\u{1B}[K\($0.check.rawValue)") }
      }
      let report = await Contract(open, options).run()
      SolveArguments.clearProgress()
      Terminal.print(vim.output.format == .json ? report.json.prettyText() : report.text)
      if !report.isKept { throw Status.worldFailed }
    }
  }

  /// Names that no other trial has.
  private static func nonce() -> String { String(UUID().uuidString.lowercased().prefix(8)) }
}

/// Text over lines no wider than the terminal.
enum Wrapped {
  static func text(_ text: String, indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = margin
    for word in text.split(separator: " ") {
      if line.count > indent, line.count + 1 + word.count > Terminal.width {
        lines.append(line)
        line = margin
      }
      line += (line.count > indent ? " " : "") + word
    }
    return (lines + [line]).joined(separator: "\n") + "\n"
  }
}
