/// Names one effect. A back end that is asked twice with one token does the thing once and gives the same
/// answer; it keeps the token with the resource, so that `find` can tell what became of the first asking.
package struct EffectToken: Hashable, Sendable, CustomStringConvertible {
  package let text: String

  package init(_ text: String) { self.text = text }

  package var description: String { text }
}
