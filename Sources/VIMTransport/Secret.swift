/// A password, a token, a key: prints as dots, stands in no plan, journal, log or capture, and is told only to
/// whoever asks for it by name.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let text: String

  package init(_ text: String) { self.text = text }

  /// The secret itself, for the wire alone.
  package func reveal() -> String { text }

  package var description: String { "••••" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
