import Diagnostics
import Foundation
import PlacetSemantics
import Testing

/// A policy as text whose lines say what they should be told: `//~ E0203` (several codes by blanks).
struct PolicyCase {
  var program: TypedProgram
  var diagnostics: [Diagnostic]
  let source: Source

  /// The units as every policy sees them.
  static let units = try? String(
    contentsOf: repository.appending(path: "stdlib/units.placet"), encoding: .utf8)

  static let repository = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// - Parameter modules: modules by name; `nfv` is the small vocabulary of these tests.
  init(_ text: String, modules: [String: String] = [:]) {
    let sources = modules.merging(["nfv": Self.vocabulary, "units": Self.units ?? ""]) { given, _ in given }
    let parsed = sources.mapValues { $0 }
    source = Source(name: "policy.placet", text: text)
    (program, diagnostics) = Checker.check(
      main: source, moduleNames: sources.keys.sorted(),
      modules: { name in parsed[name].map { Source(name: "\(name).placet", text: $0) } })
  }

  /// Compares what was told on each line with what the line asks for.
  func expectAsWritten(ignoring ignored: Set<String> = [], _ place: SourceLocation = #_sourceLocation) {
    var wanted: [String] = []
    for number in 1...source.lineStarts.count {
      let line = source.line(number)
      guard let mark = line.range(of: "//~") else { continue }
      let codes = line[mark.upperBound...].split(separator: " ").filter { !ignored.contains(String($0)) }
      wanted += codes.map { "\(number): \($0)" }
    }
    let told = diagnostics.filter { !ignored.contains($0.code) }.map {
      "\($0.primary.range.line): \($0.code)"
    }
    let elsewhere = diagnostics.filter { $0.primary.range.source != source }
    let story = diagnostics.map { "\($0.primary.range.line): \($0.code) \($0.message) \($0.notes)" }
      .joined(separator: "\n")
    #expect(told.sorted() == wanted.sorted(), "\(story)", sourceLocation: place)
    #expect(elsewhere.isEmpty, "\(story)", sourceLocation: place)
  }

  /// `type, decided by …` of a global.
  func type(of name: String) -> String? {
    guard
      let global = program.globals.first(where: { $0.name == name && $0.module == program.modules.count - 1 })
    else { return nil }
    guard case .derived(let body) = global.form, body.expression.isDecided else {
      return program.describe(global.type)
    }
    return "\(program.describe(global.type)), decided by \(body.expression.decidedBy.joined(separator: ", "))"
  }

  /// A vocabulary of sites, hosts and services, as small as will do.
  static let vocabulary = #"""
    enum vim_kind { openstack, vsphere, kubernetes }
    enum feature open { dedicated_hardware, pinned_cpus, hugepages(size: data), sriov(ports: int, rate: rate?) }
    enum level { site, vim, rack, host }
    entity site { country: text, at: (float, float) = (0.0, 0.0), renewable: bool = false, up: bool = true }
    entity vim { kind: vim_kind, site: site, offered: [feature] = [] }
    entity rack { vim: vim }
    entity host {
      vim: vim, rack: rack? = none, cores: int = 0, memory: data = 0 b, price: EUR/month = 0 EUR/month
      let site = vim.site
    }
    entity cell in host.cells { cores: int, memory: data = 0 b }
    entity service { tenant: text = "" }
    entity vnf in service.vnfs {
      cpu: int, memory: data = 0 b, count: int where count > 0 = 1
      cloud_ready: bool = true, needs: [feature] = []
    }
    entity instance in vnf.instances {
      let cpu = vnf.cpu
      decide host: host
      decide cell: cell? where cell.host == host
      was: host? = none
    }
    entity link in service.links { ends: [vnf], rate: rate? = none, max_latency: time? = none }
    for each vnf v, n in 0..<v.count { instance "\(n)" { vnf: v } }
    fun offers(v: vim, f: feature): bool = f in v.offered
    fun level_of(h: host, l: level): text = match l {
      site => h.vim.site.name
      vim => h.vim.name
      rack => h.rack?.name ?? ""
      host => h.name
    }
    fun spread(xs: [instance], over: level): bool = all_different(level_of(x.host, over) for each x in xs)
    let cost = sum(i.host.price for each instance i)
    """#
}
