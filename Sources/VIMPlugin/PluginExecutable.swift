import Glibc
package import VIMProtocol

/// A plug-in's program and what it is given of our environment.
///
/// `plugin:podman` is the program `placet-vim-podman` in a folder of PLACET_PLUGIN_PATH, else of PATH. It sees
/// PATH, HOME, LANG and the variables PLACET_PLUGIN_PODMAN_*, and nothing else of ours.
package struct PluginExecutable: Hashable, Sendable {
  /// `podman`.
  package let name: String
  /// The file that is run.
  package let path: String
  package let environment: [String: String]

  /// For tests and embedders who know the file.
  package init(name: String, path: String, environment: [String: String]) {
    self.name = name
    self.path = path
    self.environment = Self.reduced(environment, to: name)
  }

  /// Finds a plug-in by its name.
  package init(named name: String, in environment: [String: String]) throws(VIMError) {
    guard Self.isName(name) else {
      throw .rejected(
        .invalid("plugin"), "'\(name)' is no name of a plug-in: lower-case letters, digits and '-' make one")
    }
    let folders = ["PLACET_PLUGIN_PATH", "PATH"].flatMap {
      (environment[$0] ?? "").split(separator: ":").map(String.init)
    }
    let candidates = folders.map { "\($0)/placet-vim-\(name)" }
    guard let path = candidates.first(where: { access($0, X_OK) == 0 }) else {
      throw .rejected(
        .notFound, "plug-in \(name): no program placet-vim-\(name) in PLACET_PLUGIN_PATH or PATH")
    }
    self.init(name: name, path: path, environment: environment)
  }

  /// Texts that no message may show: the values of the variables that are the plug-in's own, except those whose
  /// names say that they are no secret.
  var secrets: [String] {
    let prefix = Self.prefix(name)
    return environment.filter { key, value in
      key.hasPrefix(prefix) && value.utf8.count >= 4 && !Self.harmless.contains { key.hasSuffix($0) }
    }.map(\.value).sorted { $0.utf8.count > $1.utf8.count }
  }

  private static let harmless = [
    "_SOCKET", "_URL", "_PATH", "_FILE", "_DIR", "_HOST", "_PORT", "_IMAGE", "_NAME", "_LOG",
  ]

  private static func reduced(_ environment: [String: String], to name: String) -> [String: String] {
    environment.filter { key, _ in ["PATH", "HOME", "LANG"].contains(key) || key.hasPrefix(prefix(name)) }
  }

  private static func prefix(_ name: String) -> String {
    "PLACET_PLUGIN_\(name.uppercased().replacing("-", with: "_"))_"
  }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.first != UInt8(ascii: "-")
      && text.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
      }
  }
}
