/// The functions that the language has without an import: for documentation and completion.
package struct BuiltInFunction: Sendable {
  package var name: String
  package var signature: String
  package var doc: String

  private init(_ name: String, _ signature: String, _ doc: String) {
    self.name = name; self.signature = signature; self.doc = doc
  }

  /// Every one of them, by group.
  package static let all: [BuiltInFunction] = [
    .init("abs", "abs(x: N): N", "The number without its sign."),
    .init("floor", "floor(x, to: step)", "Down to a whole number; an amount down to a multiple of the step."),
    .init("ceil", "ceil(x, to: step)", "Up to a whole number; an amount up to a multiple of the step."),
    .init("round", "round(x, to: step)", "To the nearest whole number, or multiple of the step."),
    .init("to_float", "to_float(x: int or ratio): float", "As a float, which is in no constraint."),
    .init("pairs", "pairs(of: [T]): [(T, T)]", "Each two of a list, the earlier one first."),
    .init("steps", "steps(of: [T]): [(T, T)]", "Each element of a list with its next."),
    .init(
      "reach", "reach(from: [T], along: T => [T]): [T]",
      "All that can be reached, each once, the start included."),
    .init("union", "union(a: set of T, b: set of T): set of T", "What is in either set."),
    .init("intersection", "intersection(a: set of T, b: set of T): set of T", "What is in both sets."),
    .init("difference", "difference(a: set of T, b: set of T): set of T", "What is in the first set alone."),
    .init("is_subset", "is_subset(a: set of T, of: set of T): bool", "Whether all of a is in the other set."),
    .init("contains", "contains(in: text, text: text): bool", "Whether a text holds another."),
    .init("starts_with", "starts_with(x: text, with: text): bool", "Whether a text begins with another."),
    .init("ends_with", "ends_with(x: text, with: text): bool", "Whether a text ends with another."),
    .init("split", "split(x: text, by: text): [text]", "The parts between separators."),
    .init("join", "join(of: [text], by: text): text", "The texts with a separator between them."),
    .init("int_of", "int_of(text: text): int?", "The whole number that a text is, or none."),
    .init("distance", "distance(a: (float, float), b: (float, float)): distance", "Along the great circle."),
    .init("at_most", "at_most(n: int, of: [bool]): bool", "At most n of the conditions hold."),
    .init("at_least", "at_least(n: int, of: [bool]): bool", "At least n of the conditions hold."),
    .init("exactly", "exactly(n: int, of: [bool]): bool", "Just n of the conditions hold."),
    .init("between", "between(x: N, low: N, high: N): bool", "x is no less than low and no more than high."),
    .init("table", "table(of: [T], rows: [[T]]): bool", "The list is one of the rows, which are known."),
    .init(
      "pack", "pack(of: [T], into: [B], at: T => B, size: T => amounts, room: B => amounts): bool",
      "Each item lies in one of the bins, and in each bin the sizes of its items add up to no more than its room. "
        + "Sizes and rooms are one amount or a tuple of as many; the bins are known."),
    .init(
      "path", "path(of: [T], along: (T, T) => N): N",
      "What the function gives for each element and its next, added up: the latency of a chain."),
    .init(
      "precedes", "precedes(a: T, b: T): bool",
      "a comes no later than b: lists and tuples member by member, entities in the order in which they are made, "
        + "`none` first. Says which of two equal solutions is meant."),
    .init("sum", "sum(e for each …): N", "Added up; nothing gives 0."),
    .init("count", "count(e for each …): int", "How many there are; nothing gives 0."),
    .init("min", "min(e for each …): N?", "The least, or none of nothing; of two values the lesser."),
    .init("max", "max(e for each …): N?", "The greatest, or none of nothing; of two values the greater."),
    .init("all", "all(p for each …): bool", "Whether p holds for each; for nothing it does."),
    .init("any", "any(p for each …): bool", "Whether p holds for one; for nothing it does not."),
    .init("all_different", "all_different(e for each …): bool", "Whether no two are the same."),
    .init("all_equal", "all_equal(e for each …): bool", "Whether all are the same."),
  ]
}
