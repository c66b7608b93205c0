/// The answer to a claim about placements.
package enum Verdict: Sendable {
  case holds
  /// Why not, a line each: the placement that breaks it, or what is wrong with the claim.
  case fails([String])
  /// A limit was met first.
  case undecided
}
