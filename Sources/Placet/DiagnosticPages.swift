import Diagnostics
import StandardLibrary

/// The pages that `placet explain` shows, by code.
package enum DiagnosticPages {
  package static func page(of code: String) -> String? {
    StandardLibrary.diagnosticPages[code.uppercased()]
  }

  /// `E0203: expected one dimension, found another`, in order of code.
  package static var titles: [String] {
    StandardLibrary.diagnosticPages.sorted { $0.key < $1.key }.map { code, page in
      let first = page.prefix { $0 != "\n" }
      return first.hasPrefix("# ") ? String(first.dropFirst(2)) : code
    }
  }

  package static func nearest(to code: String) -> String? {
    nearestName(to: code.uppercased(), among: StandardLibrary.diagnosticPages.keys.sorted())
  }
}
