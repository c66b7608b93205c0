/// The vocabulary and stock rules that come with the binary, as policy text, and the pages of diagnostics.
///
/// `Embedded.swift` is generated from `stdlib/` and `docs/diagnostics/`.
package enum StandardLibrary {
  /// The text of a module such as `rules.spread`, or nil where the library has none of that name.
  package static func text(ofModule name: String) -> String? { modules[name] }
}
