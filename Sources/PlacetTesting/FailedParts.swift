import Diagnostics
import PlacetSemantics
import PlacetVM
import Placement

/// What is shown of a condition that is false: the values of its parts, where two values differ, and the elements
/// for which an `all` fails.
struct FailedParts {
  let heap: Heap
  let program: TypedProgram
  /// Names of the slots of the frame.
  let names: [String]
  let evaluate: (TypedExpression, [Value]) throws(EvaluationError) -> Value

  var lines: [String] = []
  var differences: [ValueDifference] = []

  /// Differences, and elements, that are written out.
  private static let limit = 12

  init(
    heap: Heap, program: TypedProgram, names: [String],
    evaluate: @escaping (TypedExpression, [Value]) throws(EvaluationError) -> Value
  ) {
    self.heap = heap
    self.program = program
    self.names = names
    self.evaluate = evaluate
  }

  /// The parts of a condition, in the author's words.
  mutating func add(_ expression: TypedExpression, _ frame: [Value]) throws(EvaluationError) {
    switch expression.form {
    case .binary(.and, let a, let b):
      // What holds is not what fails.
      for part in [a, b] {
        if part.asksForPlacements { continue }
        if try evaluate(part, frame).bool { continue }
        return try add(part, frame)
      }
    case .binary(.or, let a, let b), .binary(.implies, let a, let b):
      try add(a, frame)
      try add(b, frame)
    case .not(let a): try add(a, frame)
    case .binary(.equal, let a, let b) where ValueComparer.hasParts(a.type):
      try compare(a, b, frame)
    case .binary(_, let a, let b):
      try line(a, frame)
      try line(b, frame)
    case .aggregate(.all, let element, let sources) where !expression.asksForPlacements:
      try addFailing(element, sources, frame, whole: expression)
    case .aggregate, .call, .native, .local, .global, .field: try line(expression, frame)
    default: break
    }
  }

  /// `cost is 12 EUR`
  private mutating func line(_ part: TypedExpression, _ frame: [Value]) throws(EvaluationError) {
    if part.isConstant || part.asksForPlacements { return }
    let text = heap.describe(try evaluate(part, frame), type: part.type)
    let source = part.range.text.split(whereSeparator: \.isNewline).joined(separator: " ")
    let line = "\(source) is \(text)"
    if source != text, !lines.contains(line) { lines.append(line) }
  }

  private mutating func compare(
    _ a: TypedExpression, _ b: TypedExpression, _ frame: [Value]
  ) throws(EvaluationError) {
    if a.asksForPlacements || b.asksForPlacements { return }
    // What is written out is what was expected.
    let (found, expected) = a.isWrittenOut && !b.isWrittenOut ? (b, a) : (a, b)
    let comparer = ValueComparer(heap: heap, program: program)
    let all = comparer.differences(
      found: try evaluate(found, frame), expected: try evaluate(expected, frame), type: found.type)
    differences += all
    // A value that is absent as a whole has no path.
    guard !all.contains(where: { $0.path.isEmpty && $0.expected != nil && $0.found != nil }) else {
      try line(a, frame)
      return try line(b, frame)
    }
    let source = found.range.text.split(whereSeparator: \.isNewline).joined(separator: " ")
    lines.append("\(source) differs in \(all.count == 1 ? "one place" : "\(all.count) places")")
    for each in all.prefix(Self.limit) {
      lines.append("  \(each.path.isEmpty ? String(each.line.dropFirst(2)) : each.line)")
    }
    if all.count > Self.limit { lines.append("  and \(all.count - Self.limit) more") }
  }

  // MARK: Elements

  /// `false for i = vepc.sgw[0]: i.host.vim.kind is kubernetes`
  private mutating func addFailing(
    _ element: TypedExpression, _ sources: [TypedSource], _ frame: [Value], whole: TypedExpression
  ) throws(EvaluationError) {
    var shown: [String] = []
    var count = 0
    try each(sources[...], frame, []) { (frame, bindings) throws(EvaluationError) in
      if try evaluate(element, frame).bool { return }
      count += 1
      if count > Self.limit { return }
      var inner = FailedParts(heap: heap, program: program, names: names, evaluate: evaluate)
      try inner.add(element, frame)
      let head = "false for \(bindings.joined(separator: ", "))"
      if inner.lines.count == 1 {
        shown.append("\(head): \(inner.lines[0])")
      } else {
        shown.append(inner.lines.isEmpty ? head : head + ":")
        shown += inner.lines.map { "  " + $0 }
      }
    }
    if shown.isEmpty { return try line(whole, frame) }
    lines += shown
    if count > Self.limit { lines.append("and for \(count - Self.limit) more") }
  }

  private func each(
    _ sources: ArraySlice<TypedSource>, _ frame: [Value], _ bindings: [String],
    _ body: ([Value], [String]) throws(EvaluationError) -> Void
  ) throws(EvaluationError) {
    guard let source = sources.first else { return try body(frame, bindings) }
    let list: TypedExpression
    switch source.form {
    case .allOf(let kind):
      list = TypedExpression(.allOf(kind), type: .list(.entity(kind)), range: source.range)
    case .elements(let expression): list = expression
    }
    let type = list.type.unwrappedElement
    for element in heap.elements(try evaluate(list, frame), type: list.type) {
      var inner = frame
      var all = bindings
      bind(source.target, element, type, &inner, &all)
      if let condition = source.condition, try !evaluate(condition, inner).bool { continue }
      try each(sources.dropFirst(), inner, all, body)
    }
  }

  private func bind(
    _ target: BindTarget, _ value: Value, _ type: Type, _ frame: inout [Value], _ bindings: inout [String]
  ) {
    switch target {
    case .ignore: break
    case .local(let id):
      if id.index >= frame.count {
        frame += Array(repeating: Value.none, count: id.index + 1 - frame.count)
      }
      frame[id.index] = value
      let name = names.indices.contains(id.index) ? names[id.index] : "_"
      let text = heap.describe(value, type: type)
      bindings.append(name == "_" ? text : "\(name) = \(text)")
    case .tuple(let parts):
      for (index, part) in parts.enumerated() {
        let member: Type =
          switch type {
          case .tuple(let types): types[index]
          case .anonymous(let fields): fields[index].type
          default: .error
          }
        bind(part, heap.element(value, index), member, &frame, &bindings)
      }
    }
  }
}

extension TypedExpression {
  /// Whether it asks the solver, rather than what is known.
  var asksForPlacements: Bool {
    switch form {
    case .always, .possible, .never, .why: true
    case .not(let a): a.asksForPlacements
    case .binary(_, let a, let b): a.asksForPlacements || b.asksForPlacements
    case .conditional(let a, let b, let c):
      a.asksForPlacements || b.asksForPlacements || c.asksForPlacements
    case .native(_, let arguments), .call(_, let arguments): arguments.contains(where: \.asksForPlacements)
    case .aggregate(_, let element, let sources):
      element.asksForPlacements
        || sources.contains {
          if case .elements(let list) = $0.form { list.asksForPlacements } else { false }
        }
    default: false
    }
  }

  /// Whether the author wrote the value itself.
  var isWrittenOut: Bool {
    switch form {
    case .bool, .int, .quantity, .float, .text, .none, .entityNamed: true
    case .some(let inner), .ratio(let inner), .negate(let inner): inner.isWrittenOut
    case .list(let all), .set(let all), .tuple(let all), .record(let all), .enumCase(_, _, let all):
      all.allSatisfy(\.isWrittenOut)
    case .map(let pairs): pairs.allSatisfy { $0.key.isWrittenOut && $0.value.isWrittenOut }
    default: false
    }
  }
}

extension Type {
  /// What a loop over a value of the type gives.
  fileprivate var unwrappedElement: Type {
    switch self {
    case .optional(let inner): inner.unwrappedElement
    case .list(let element), .set(let element), .range(let element): element
    case .map(let key, let value): .tuple([key, value])
    default: .error
    }
  }
}
