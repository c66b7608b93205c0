import Diagnostics
import PlacetSemantics
import Testing

/// What the machine is handed: conversions, narrowing and defaults are spelt out in the tree.
@Suite struct TreeTests {
  static let policy = #"""
    import nfv
    record p { x: ratio = 1, y: int? = none }
    fun twice(n: int, by: int = 2): int = n * by
    service s { vnf v { cpu: 1, count: 2 } }
    let i = s.v.instances[0]
    let maybe: int? = 3
    """#

  @Test(arguments: [
    ("1 + 1.5", "(add 1r 1.5r)"),
    ("twice(2) / 3", "(divide (call twice 2 2) 3)"),
    ("twice(2) * 1 GiB", "(multiply (ratio (call twice 2 2)) 8589934592r)"),
    ("maybe ?? 4", "(coalesce maybe 4)"),
    ("maybe == 3", "(equal maybe (some 3))"),
    ("maybe != none and maybe > 2", "(and (notEqual maybe none) (greater (unwrapped maybe) 2))"),
    ("p(y: 2)", "(record 1r (some 2))"),
    ("p().x", "(field x (record 1r none))"),
    ("[1, 2].sum(n => n)", "(sum _ (in [1 2]))"),
    ("[1, 2].count(n => n > 1)", "(count true (in [1 2] where (greater _ 1)))"),
    ("[maybe, 3]", "[maybe (some 3)]"),
    ("i.cell?.cores", "(chain (field cell i) (some? (field cores _)))"),
    ("if maybe == none then 0 else maybe", "(if (equal maybe none) 0 (unwrapped maybe))"),
    ("s.v", "(entity vnf v in (entity service s))"),
    ("host[\"x\"].cores in 1..<3", "(isIn (field cores (entity host x)) (1 ..< 3))"),
    ("[1: \"a\"][2] ?? refuse \"no\"", "(coalesce (index {1 a} 2) (refuse no))"),
    ("\"n is \\(twice(1))\"", "(text n is  (call twice 1 2))"),
  ])
  func `conversions are explicit`(_ text: String, _ tree: String) throws {
    var session = Checker.Session(
      main: Source(name: "policy.placet", text: Self.policy),
      modules: { name in
        let texts = ["nfv": PolicyCase.vocabulary, "units": PolicyCase.units ?? ""]
        return texts[name].map { Source(name: name, text: $0) }
      })
    guard case .expression(let body) = session.read(Source(name: "<prompt>", text: text)) else {
      Issue.record("not an expression: \(session.diagnostics.map(\.message))")
      return
    }
    #expect(Self.text(body.expression, session.program) == tree)
  }

  /// A tree as brackets.
  static func text(_ e: TypedExpression, _ program: TypedProgram) -> String {
    func t(_ e: TypedExpression) -> String { text(e, program) }
    func ts(_ es: [TypedExpression]) -> String { es.map(t).joined(separator: " ") }
    func source(_ source: TypedSource) -> String {
      var form = "all"
      if case .elements(let collection) = source.form { form = "in \(t(collection))" }
      return "(\(form)\(source.condition.map { " where \(t($0))" } ?? ""))"
    }
    switch e.form {
    case .bool(let value): return "\(value)"
    case .int(let value): return "\(value)"
    case .quantity(let value): return "\(value)r"
    case .text(let value): return value
    case .none: return "none"
    case .local: return "_"
    case .global(let id): return program[id].name
    case .field(let base, let index):
      switch base.type {
      case .entity(let kind): return "(field \(program[kind].fields[index].name) \(t(base)))"
      case .record(let record): return "(field \(program[record].fields[index].name) \(t(base)))"
      default: return "(field ? \(t(base)))"
      }
    case .entityNamed(let kind, let name, let parent):
      return "(entity \(program[kind].name) \(t(name))\(parent.map { " in \(t($0))" } ?? ""))"
    case .some(let inner): return "(some \(t(inner)))"
    case .ratio(let inner): return "(ratio \(t(inner)))"
    case .unwrapped(let inner): return "(unwrapped \(t(inner)))"
    case .binary(let symbol, let a, let b): return "(\(symbol.rawValue) \(t(a)) \(t(b)))"
    case .coalesce(let a, let b): return "(coalesce \(t(a)) \(t(b)))"
    case .optionalChain(let a, _, let b): return "(chain \(t(a)) (some? \(t(b))))"
    case .conditional(let a, let b, let c): return "(if \(t(a)) \(t(b)) \(t(c)))"
    case .list(let es): return "[\(ts(es))]"
    case .map(let entries):
      return "{\(entries.map { "\(t($0.key)) \(t($0.value))" }.joined(separator: ", "))}"
    case .record(let es): return "(record \(ts(es)))"
    case .range(let a, let b, let includesEnd): return "(\(t(a)) \(includesEnd ? ".." : "..<") \(t(b)))"
    case .aggregate(let aggregate, let value, let sources):
      return "(\(aggregate.rawValue) \(t(value)) \(sources.map(source).joined(separator: " ")))"
    case .call(let id, let es): return "(call \(program[id].name) \(ts(es)))"
    case .index(let a, let b): return "(index \(t(a)) \(t(b)))"
    case .refuse(let reason): return "(refuse \(t(reason)))"
    case .interpolation(let es): return "(text \(ts(es)))"
    default: return "?"
    }
  }
}
