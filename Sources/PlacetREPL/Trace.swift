import Diagnostics
import PlacetSemantics
import PlacetVM

/// The values of an expression's parts, indented below it: of derived fields and functions their bodies, of loops
/// their first rounds.
struct Trace {
  let world: World
  /// Whether decisions can be read.
  let isPlaced: Bool
  let shouldStop: () -> Bool

  private static let roundLimit = 5
  private static let lineLimit = 100
  private static let depthLimit = 12
  /// How many bodies of fields and functions are entered, one inside the other.
  private static let bodyLimit = 2

  func lines(of body: TypedBody) -> [String] {
    var walk = Walk(trace: self)
    walk.show(body.expression, [], body.frame, depth: 0, bodies: 0, above: nil)
    return walk.lines.count > Self.lineLimit ? Array(walk.lines.prefix(Self.lineLimit)) + ["…"] : walk.lines
  }

  private struct Walk {
    let trace: Trace
    var lines: [String] = []
    var world: World { trace.world }

    mutating func show(
      _ expression: TypedExpression, _ frame: [Value], _ info: FrameInfo, depth: Int, bodies: Int, above: String?
    ) {
      guard lines.count <= Trace.lineLimit, depth < Trace.depthLimit, !trace.shouldStop() else { return }
      let text = expression.range.text.onOneLine
      // A conversion has no words of its own, and what is written out needs no line.
      let isShown = text != above && !expression.isWrittenOut
      if isShown { lines.append(String(repeating: "  ", count: depth) + text + value(expression, frame)) }
      let inner = isShown ? depth + 1 : depth
      if expression.isDecided, !trace.isPlaced, isShown, depth > 0 { return }
      parts(of: expression, frame, info, depth: inner, bodies: bodies, above: isShown ? text : above)
    }

    private func value(_ expression: TypedExpression, _ frame: [Value]) -> String {
      if expression.isDecided, !trace.isPlaced {
        return " : \(world.program.typeDescription(of: expression))"
      }
      do {
        let value = try world.evaluate(expression, frame: frame)
        let text = world.heap.describe(value, type: expression.type)
        return " = " + (text.count > 120 ? text.prefix(117) + "..." : text)
      } catch {
        return " : \(error.diagnostics.first?.message ?? "no value")"
      }
    }

    private mutating func parts(
      of expression: TypedExpression, _ frame: [Value], _ info: FrameInfo, depth: Int, bodies: Int, above: String?
    ) {
      switch expression.form {
      case .aggregate(_, let element, let sources), .listEach(let element, let sources),
        .setEach(let element, let sources):
        rounds(sources, [element], frame, info, depth, bodies)
      case .mapEach(let key, let value, let sources): rounds(sources, [key, value], frame, info, depth, bodies)
      case .lambda: return
      case .optionalChain(let base, _, _): show(base, frame, info, depth: depth, bodies: bodies, above: above)
      case .match(let subject, _): show(subject, frame, info, depth: depth, bodies: bodies, above: above)
      case .conditional(let condition, let then, let otherwise):
        show(condition, frame, info, depth: depth, bodies: bodies, above: above)
        guard !condition.isDecided || trace.isPlaced,
          let isTrue = try? world.evaluate(condition, frame: frame).bool
        else { return }
        show(isTrue ? then : otherwise, frame, info, depth: depth, bodies: bodies, above: above)
      default:
        for child in expression.children {
          show(child, frame, info, depth: depth, bodies: bodies, above: above)
        }
        body(of: expression, frame, depth: depth, bodies: bodies)
      }
    }

    /// What computes a derived field, a global or a call.
    private mutating func body(of expression: TypedExpression, _ frame: [Value], depth: Int, bodies: Int) {
      guard bodies < Trace.bodyLimit, !expression.isDecided || trace.isPlaced else { return }
      switch expression.form {
      case .field(let owner, let index):
        guard case .entity(let kind) = owner.type, case .derived(let body) = world.program[kind].fields[index].form,
          let entity = try? world.evaluate(owner, frame: frame)
        else { return }
        show(body.expression, [entity], body.frame, depth: depth, bodies: bodies + 1, above: nil)
      case .global(let id):
        guard case .derived(let body) = world.program[id].form else { return }
        show(body.expression, [], body.frame, depth: depth, bodies: bodies + 1, above: nil)
      case .call(let id, let arguments):
        let function = world.program[id]
        var values: [Value] = []
        for argument in arguments {
          guard let value = try? world.evaluate(argument, frame: frame) else { return }
          values.append(value)
        }
        for (target, value) in function.lets {
          guard let known = try? world.evaluate(value, frame: values) else { return }
          bind(target, known, &values)
        }
        show(function.body, values, function.frame, depth: depth, bodies: bodies + 1, above: nil)
      default: return
      }
    }

    // MARK: Loops

    private mutating func rounds(
      _ sources: [TypedSource], _ elements: [TypedExpression], _ frame: [Value], _ info: FrameInfo, _ depth: Int,
      _ bodies: Int
    ) {
      var shown = 0
      var more = false
      each(sources[...], frame, []) { walk, frame, bound in
        guard shown < Trace.roundLimit else {
          more = true
          return false
        }
        shown += 1
        let names = bound.map { local -> String in
          let type = info.localTypes[local.index]
          return "\(info.localNames[local.index]) = \(walk.world.heap.describe(frame[local.index], type: type))"
        }
        walk.lines.append(String(repeating: "  ", count: depth) + "for " + names.joined(separator: ", "))
        for condition in sources.compactMap(\.condition) where condition.isDecided && !walk.trace.isPlaced {
          walk.show(condition, frame, info, depth: depth + 1, bodies: bodies, above: nil)
        }
        for element in elements {
          walk.show(element, frame, info, depth: depth + 1, bodies: bodies, above: nil)
        }
        return true
      }
      if more { lines.append(String(repeating: "  ", count: depth) + "for more") }
    }

    /// Calls the body for each combination that meets the known conditions; false ends it.
    @discardableResult
    private mutating func each(
      _ sources: ArraySlice<TypedSource>, _ frame: [Value], _ bound: [LocalID],
      _ body: (inout Walk, [Value], [LocalID]) -> Bool
    ) -> Bool {
      guard let source = sources.first else { return body(&self, frame, bound) }
      for value in elements(of: source, frame) {
        var inner = frame
        bind(source.target, value, &inner)
        if let condition = source.condition, trace.isPlaced || !condition.isDecided {
          guard (try? world.evaluate(condition, frame: inner))?.bool == true else { continue }
        }
        if !each(sources.dropFirst(), inner, bound + source.target.names, body) { return false }
      }
      return true
    }

    private func elements(of source: TypedSource, _ frame: [Value]) -> [Value] {
      switch source.form {
      case .allOf(let kind): return world.entities(of: kind).map { Value($0) }
      case .elements(let expression):
        if expression.isDecided, !trace.isPlaced { return [] }
        guard let collection = try? world.evaluate(expression, frame: frame) else { return [] }
        return world.heap.elements(collection, type: expression.type)
      }
    }

    private func bind(_ target: BindTarget, _ value: Value, _ frame: inout [Value]) {
      switch target {
      case .ignore: return
      case .local(let id):
        while frame.count <= id.index { frame.append(.none) }
        frame[id.index] = value
      case .tuple(let parts):
        for (index, part) in parts.enumerated() { bind(part, world.heap.element(value, index), &frame) }
      }
    }
  }
}

extension BindTarget {
  fileprivate var names: [LocalID] {
    switch self {
    case .local(let id): [id]
    case .ignore: []
    case .tuple(let parts): parts.flatMap(\.names)
    }
  }
}

extension TypedExpression {
  /// A literal or a name of an entity: its text is its value.
  fileprivate var isWrittenOut: Bool {
    switch form {
    case .entityNamed, .allOf, .lambda: true
    // The loop or the call above says which one it is.
    case .local: if case .entity = type { true } else { false }
    case .some(let inner), .ratio(let inner), .unwrapped(let inner): inner.isWrittenOut
    case .negate(let inner): inner.isWrittenOut
    case .bool, .int, .quantity, .float, .text, .none, .rule: true
    case .enumCase(_, _, let payload): payload.allSatisfy(\.isWrittenOut)
    default: false
    }
  }
}
