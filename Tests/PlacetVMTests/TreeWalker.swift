import Diagnostics
import PlacetSemantics
import Quantities

@testable import PlacetVM

/// Values of the judge: plain Swift, nothing of the machine's.
indirect enum Plain {
  case none
  case bool(Bool)
  case int(Int)
  case quantity(Rational)
  case float(Double)
  case text(String)
  /// List, tuple, record, set.
  case list([Plain])
  case map([(Plain, Plain)])
  case range(Plain, Plain, includesEnd: Bool)
  case enumCase(Int, [Plain])
  case entity(EntityID)
  case function(([Plain]) throws -> Plain)
}

/// Why the judge has no value; the codes are those of the messages.
enum PlainError: Error, Equatable {
  case code(String)
}

/// The judge of known evaluation: walks typed trees as they stand, as simply as can be.
///
/// It shares no code with compiler and machine; entities and what was given to them it asks of the world.
struct TreeWalker {
  let program: TypedProgram
  var world: World?

  func value(_ e: TypedExpression, _ frame: inout [Int: Plain]) throws -> Plain {
    switch e.form {
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .quantity(let value): return .quantity(value)
    case .float(let value): return .float(value)
    case .text(let value): return .text(value)
    case .none: return .none
    case .local(let id): return frame[id.index] ?? .none
    case .some(let inner), .unwrapped(let inner): return try value(inner, &frame)
    case .ratio(let inner):
      let number = try value(inner, &frame)
      if case .int(let known) = number { return .quantity(Rational(known)) }
      return number
    case .not(let inner): return .bool(try !truth(inner, &frame))
    case .negate(let inner):
      switch try value(inner, &frame) {
      case .int(let known): return .int(try whole(Int128(-Int128(known))))
      case .quantity(let known): return .quantity(try fits(known.negated()))
      case .float(let known): return .float(-known)
      default: return .none
      }
    case .binary(let op, let a, let b): return try binary(op, a, b, &frame)
    case .coalesce(let a, let b):
      let first = try value(a, &frame)
      if case .none = first { return try value(b, &frame) }
      return first
    case .optionalChain(let base, let local, let rest):
      let held = try value(base, &frame)
      if case .none = held { return .none }
      frame[local.index] = held
      return try value(rest, &frame)
    case .conditional(let condition, let then, let otherwise):
      return try truth(condition, &frame) ? value(then, &frame) : value(otherwise, &frame)
    case .match(let subject, let arms):
      let held = try value(subject, &frame)
      for arm in arms {
        for pattern in arm.patterns where try matches(pattern, held, &frame) {
          return try value(arm.value, &frame)
        }
      }
      throw PlainError.code("E0501")
    case .interpolation(let parts):
      var text = ""
      for part in parts { text += written(try value(part, &frame), part.type) }
      return .text(text)
    case .list(let all), .tuple(let all), .record(let all):
      return .list(try all.map { try value($0, &frame) })
    case .set(let all): return .list(distinct(try all.map { try value($0, &frame) }))
    case .map(let pairs):
      return try map(try pairs.map { (try value($0.key, &frame), try value($0.value, &frame)) })
    case .range(let low, let high, let includesEnd):
      return .range(try value(low, &frame), try value(high, &frame), includesEnd: includesEnd)
    case .enumCase(_, let number, let payload):
      return .enumCase(number, try payload.map { try value($0, &frame) })
    case .lambda(let lambda):
      let captured = frame
      return .function { arguments in
        var inner = captured
        for (id, argument) in zip(lambda.parameters, arguments) { inner[id.index] = argument }
        return try value(lambda.body, &inner)
      }
    case .listEach(let element, let sources):
      var all: [Plain] = []
      try each(sources[...], &frame) { all.append(try value(element, &$0)) }
      return .list(all)
    case .setEach(let element, let sources):
      var all: [Plain] = []
      try each(sources[...], &frame) { all.append(try value(element, &$0)) }
      return .list(distinct(all))
    case .mapEach(let key, let mapped, let sources):
      var all: [(Plain, Plain)] = []
      try each(sources[...], &frame) { all.append((try value(key, &$0), try value(mapped, &$0))) }
      return try map(all)
    case .aggregate(let aggregate, let element, let sources):
      return try self.aggregate(aggregate, element, sources, e.type, &frame)
    case .call(let id, let arguments):
      var inner: [Int: Plain] = [:]
      for (index, argument) in arguments.enumerated() { inner[index] = try value(argument, &frame) }
      for (target, bound) in program[id].lets { bind(target, try value(bound, &inner), &inner) }
      return try value(program[id].body, &inner)
    case .callValue(let callee, let arguments):
      guard case .function(let function) = try value(callee, &frame) else { return .none }
      return try function(try arguments.map { try value($0, &frame) })
    case .index(let collection, let index):
      let (held, key) = (try value(collection, &frame), try value(index, &frame))
      if case .map(let pairs) = held { return pairs.first { same($0.0, key) }?.1 ?? .none }
      guard case .list(let all) = held, case .int(let place) = key, all.indices.contains(place) else {
        throw PlainError.code("E0501")
      }
      return all[place]
    case .refuse(let reason):
      _ = try value(reason, &frame)
      throw PlainError.code("E0501")
    case .native(let native, let arguments):
      return try self.native(native, try arguments.map { try value($0, &frame) })
    case .field(let owner, let field): return try self.field(try value(owner, &frame), owner.type, field)
    case .element(let owner, let index):
      if case .list(let members) = try value(owner, &frame) { return members[index] }
      return .none
    case .global(let id):
      guard case .derived(let body) = program[id].form else { throw PlainError.code("global") }
      var inner: [Int: Plain] = [:]
      return try value(body.expression, &inner)
    case .allOf(let kind): return .list((world?.entities(of: kind) ?? []).map { .entity($0) })
    case .entityNamed(let kind, let name, let parent):
      guard case .text(let text) = try value(name, &frame) else { return .none }
      var above: EntityID?
      if let parent, case .entity(let known) = try value(parent, &frame) { above = known }
      guard let found = world?.find(kind, text, parent: above) else { throw PlainError.code("E0351") }
      return .entity(found)
    case .rule, .preferences, .always, .possible, .never, .inSolution, .why, .planMoves:
      throw PlainError.code("not known")
    }
  }

  private func truth(_ e: TypedExpression, _ frame: inout [Int: Plain]) throws -> Bool {
    if case .bool(let value) = try value(e, &frame) { value } else { false }
  }

  private func whole(_ value: Int128) throws -> Int {
    guard let value = Int(exactly: value) else { throw PlainError.code("E0502") }
    return value
  }

  private func fits(_ value: Rational?) throws -> Rational {
    guard let value else { throw PlainError.code("E0502") }
    return value
  }

  private func field(_ owner: Plain, _ type: Type, _ field: Int) throws -> Plain {
    if case .list(let members) = owner { return members[field] }
    guard case .entity(let entity) = owner, let world else { return .none }
    let declaration = program.kinds[Int(entity.kind)].fields[field]
    if case .derived(let body) = declaration.form {
      var inner: [Int: Plain] = [0: owner]
      return try value(body.expression, &inner)
    }
    do { return plain(try world.read(entity, field: field), declaration.type, world.heap) } catch {
      throw PlainError.code(error.diagnostics.first?.code ?? "?")
    }
  }

  // MARK: Operators

  private func binary(
    _ op: Operator, _ a: TypedExpression, _ b: TypedExpression, _ frame: inout [Int: Plain]
  ) throws -> Plain {
    switch op {
    case .and: return .bool(try truth(a, &frame) && truth(b, &frame))
    case .or: return .bool(try truth(a, &frame) || truth(b, &frame))
    case .implies: return .bool(try !truth(a, &frame) || truth(b, &frame))
    default: break
    }
    let (x, y) = (try value(a, &frame), try value(b, &frame))
    switch op {
    case .equal: return .bool(same(x, y))
    case .notEqual: return .bool(!same(x, y))
    case .less: return .bool(order(x, y) < 0)
    case .lessOrEqual: return .bool(order(x, y) <= 0)
    case .greater: return .bool(order(x, y) > 0)
    case .greaterOrEqual: return .bool(order(x, y) >= 0)
    case .isIn: return .bool(isIn(x, y))
    case .isNotIn: return .bool(!isIn(x, y))
    default: return try arithmetic(op, x, y)
    }
  }

  private func arithmetic(_ op: Operator, _ x: Plain, _ y: Plain) throws -> Plain {
    if case .int(let a) = x, case .int(let b) = y {
      let (p, q) = (Int128(a), Int128(b))
      switch op {
      case .add: return .int(try whole(p + q))
      case .subtract: return .int(try whole(p - q))
      case .multiply: return .int(try whole(p * q))
      case .divide:
        if b == 0 { throw PlainError.code("E0503") }
        return .quantity(try fits(Rational(a, over: b)))
      default:
        if b == 0 { throw PlainError.code("E0503") }
        var floor = p / q
        if p % q != 0, (p < 0) != (q < 0) { floor -= 1 }
        return .int(try whole(op == .floorDivide ? floor : p - floor * q))
      }
    }
    if case .float(let a) = x, case .float(let b) = y {
      if op == .divide, b == 0 { throw PlainError.code("E0503") }
      let result = op == .add ? a + b : op == .subtract ? a - b : op == .multiply ? a * b : a / b
      if !result.isFinite { throw PlainError.code("E0502") }
      return .float(result)
    }
    let (a, b) = (rational(x), rational(y))
    switch op {
    case .add: return .quantity(try fits(a.adding(b)))
    case .subtract: return .quantity(try fits(a.subtracting(b)))
    case .multiply: return .quantity(try fits(a.multiplied(by: b)))
    default:
      if b.isZero { throw PlainError.code("E0503") }
      let quotient = try fits(a.divided(by: b))
      if op == .divide { return .quantity(quotient) }
      if op == .floorDivide { return .int(quotient.floor) }
      return .quantity(try fits(b.multiplied(by: Rational(quotient.floor)).flatMap { a.subtracting($0) }))
    }
  }

  private func rational(_ value: Plain) -> Rational {
    switch value {
    case .int(let known): Rational(known)
    case .quantity(let known): known
    default: Rational(0)
    }
  }

  func same(_ x: Plain, _ y: Plain) -> Bool {
    switch (x, y) {
    case (.none, .none): return true
    case (.bool(let a), .bool(let b)): return a == b
    case (.float(let a), .float(let b)): return a == b
    case (.text(let a), .text(let b)): return Array(a.utf8) == Array(b.utf8)
    case (.entity(let a), .entity(let b)): return a == b
    case (.int, .int), (.quantity, .quantity), (.int, .quantity), (.quantity, .int):
      return rational(x) == rational(y)
    case (.list(let a), .list(let b)): return a.count == b.count && zip(a, b).allSatisfy { same($0, $1) }
    case (.map(let a), .map(let b)):
      return a.count == b.count
        && a.allSatisfy { pair in b.contains { same($0.0, pair.0) && same($0.1, pair.1) } }
    case (.enumCase(let a, let p), .enumCase(let b, let q)):
      return a == b && p.count == q.count && zip(p, q).allSatisfy { same($0, $1) }
    case (.range, .range): return numbers(x).elementsEqual(numbers(y))
    default: return false
    }
  }

  private func order(_ x: Plain, _ y: Plain) -> Int {
    switch (x, y) {
    case (.float(let a), .float(let b)): return a < b ? -1 : a == b ? 0 : 1
    case (.text(let a), .text(let b)):
      return Array(a.utf8) == Array(b.utf8) ? 0 : a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
    default:
      let (a, b) = (rational(x), rational(y))
      return a < b ? -1 : a == b ? 0 : 1
    }
  }

  /// The order that `precedes` goes by.
  private func place(_ x: Plain, _ y: Plain) -> Int {
    switch (x, y) {
    case (.none, .none): return 0
    case (.none, _): return -1
    case (_, .none): return 1
    case (.bool(let a), .bool(let b)): return (a ? 1 : 0) - (b ? 1 : 0)
    case (.entity(let a), .entity(let b)): return Int(a.index) - Int(b.index)
    case (.enumCase(let a, _), .enumCase(let b, _)): return a - b
    case (.list(let a), .list(let b)):
      for (one, other) in zip(a, b) {
        let first = place(one, other)
        if first != 0 { return first }
      }
      return a.count - b.count
    default: return order(x, y)
    }
  }

  private func numbers(_ range: Plain) -> [Int] {
    guard case .range(.int(let low), .int(let high), let includesEnd) = range, low <= high else { return [] }
    return includesEnd ? Array(low...high) : Array(low..<high)
  }

  private func isIn(_ x: Plain, _ y: Plain) -> Bool {
    switch y {
    case .list(let all): all.contains { same($0, x) }
    case .map(let pairs): pairs.contains { same($0.0, x) }
    case .range(let low, let high, let includesEnd):
      order(x, low) >= 0 && (includesEnd ? order(x, high) <= 0 : order(x, high) < 0)
    default: false
    }
  }

  // MARK: Collections

  private func distinct(_ all: [Plain]) -> [Plain] {
    var kept: [Plain] = []
    for each in all where !kept.contains(where: { same($0, each) }) { kept.append(each) }
    return kept
  }

  private func map(_ pairs: [(Plain, Plain)]) throws -> Plain {
    if distinct(pairs.map(\.0)).count != pairs.count { throw PlainError.code("E0507") }
    return .map(pairs)
  }

  private func elements(_ collection: Plain) -> [Plain] {
    switch collection {
    case .list(let all): all
    case .map(let pairs): pairs.map { .list([$0.0, $0.1]) }
    case .range: numbers(collection).map { .int($0) }
    default: []
    }
  }

  private func each(
    _ sources: ArraySlice<TypedSource>, _ frame: inout [Int: Plain],
    _ body: (inout [Int: Plain]) throws -> Void
  ) throws {
    guard let source = sources.first else { return try body(&frame) }
    let all: [Plain]
    switch source.form {
    case .allOf(let kind): all = (world?.entities(of: kind) ?? []).map { .entity($0) }
    case .elements(let expression): all = elements(try value(expression, &frame))
    }
    for one in all {
      bind(source.target, one, &frame)
      if let condition = source.condition, try !truth(condition, &frame) { continue }
      try each(sources.dropFirst(), &frame, body)
    }
  }

  private func bind(_ target: BindTarget, _ value: Plain, _ frame: inout [Int: Plain]) {
    switch target {
    case .ignore: break
    case .local(let id): frame[id.index] = value
    case .tuple(let parts):
      if case .list(let members) = value {
        for (part, member) in zip(parts, members) { bind(part, member, &frame) }
      }
    }
  }

  private struct Done: Error {}

  private func aggregate(
    _ aggregate: Aggregate, _ element: TypedExpression, _ sources: [TypedSource], _ type: Type,
    _ frame: inout [Int: Plain]
  ) throws -> Plain {
    var total: Plain
    switch aggregate {
    case .sum:
      total = type == .int ? .int(0) : type == .float ? .float(0) : .quantity(Rational(0))
      try each(sources[...], &frame) { total = try arithmetic(.add, total, try value(element, &$0)) }
    case .count:
      var count = 0
      try each(sources[...], &frame) { _ in count += 1 }
      total = .int(count)
    case .min, .max:
      total = .none
      try each(sources[...], &frame) {
        let next = try value(element, &$0)
        if case .none = total { total = next }
        if aggregate == .min ? order(next, total) < 0 : order(next, total) > 0 { total = next }
      }
    case .all, .any:
      total = .bool(aggregate == .all)
      do {
        try each(sources[...], &frame) {
          if try truth(element, &$0) != (aggregate == .all) { throw Done() }
        }
      } catch is Done { total = .bool(aggregate == .any) }
    case .allDifferent, .allEqual:
      var all: [Plain] = []
      try each(sources[...], &frame) { all.append(try value(element, &$0)) }
      let kinds = distinct(all).count
      total = .bool(aggregate == .allDifferent ? kinds == all.count : kinds <= 1)
    }
    return total
  }

  private func matches(_ pattern: TypedPattern, _ value: Plain, _ frame: inout [Int: Plain]) throws -> Bool {
    switch pattern {
    case .anything: return true
    case .none: if case .none = value { return true } else { return false }
    case .enumCase(_, let number, let targets):
      guard case .enumCase(number, let payload) = value else { return false }
      for (target, member) in zip(targets, payload) { bind(target, member, &frame) }
      return true
    case .value(let wanted): return same(try self.value(wanted, &frame), value)
    case .values(let low, let high, let includesEnd):
      if case .none = value { return false }
      return isIn(
        value, .range(try self.value(low, &frame), try self.value(high, &frame), includesEnd: includesEnd))
    case .tuple(let parts):
      guard case .list(let members) = value else { return false }
      for (part, member) in zip(parts, members) { if try !matches(part, member, &frame) { return false } }
      return true
    }
  }

  // MARK: Natives

  private func native(_ native: Native, _ a: [Plain]) throws -> Plain {
    func text(_ index: Int) -> String { if case .text(let text) = a[index] { text } else { "" } }
    let all = a.isEmpty ? [] : elements(a[0])
    switch native {
    case .min2: return order(a[1], a[0]) < 0 ? a[1] : a[0]
    case .max2: return order(a[0], a[1]) < 0 ? a[1] : a[0]
    case .abs:
      switch a[0] {
      case .int(let known): return .int(try whole(Int128(known.magnitude)))
      case .quantity(let known): return known.numerator < 0 ? .quantity(try fits(known.negated())) : a[0]
      case .float(let known): return .float(known.magnitude)
      default: return .none
      }
    case .floor: return .int(rational(a[0]).floor)
    case .ceil: return .int(rational(a[0]).ceiling)
    case .count: return .int(all.count)
    case .first: return all.first ?? .none
    case .last: return all.last ?? .none
    case .keys: return .list(all.map { if case .list(let pair) = $0 { pair[0] } else { .none } })
    case .values: return .list(all.map { if case .list(let pair) = $0 { pair[1] } else { .none } })
    case .sorted: return .list(all.sorted { order($0, $1) < 0 })
    case .reversed: return .list(all.reversed())
    case .flattened: return .list(all.flatMap { elements($0) })
    case .toSet: return .list(distinct(all))
    case .toList: return .list(all)
    case .pairs:
      return .list(
        all.indices.flatMap { first in all[(first + 1)...].map { .list([all[first], $0]) } })
    case .steps: return .list(zip(all, all.dropFirst()).map { .list([$0, $1]) })
    case .union: return .list(distinct(all + elements(a[1])))
    case .intersection: return .list(all.filter { isIn($0, a[1]) })
    case .difference: return .list(all.filter { !isIn($0, a[1]) })
    case .isSubset: return .bool(all.allSatisfy { isIn($0, a[1]) })
    case .length: return .int(text(0).count)
    case .textContains: return .bool(text(1).isEmpty || text(0).contains(text(1)))
    case .startsWith: return .bool(text(0).hasPrefix(text(1)))
    case .endsWith: return .bool(text(0).hasSuffix(text(1)))
    case .lowercase: return .text(text(0).lowercased())
    case .uppercase: return .text(text(0).uppercased())
    case .parseInt: return Int(text(0)).map { .int($0) } ?? .none
    case .between: return .bool(order(a[0], a[1]) >= 0 && order(a[0], a[2]) <= 0)
    case .precedes: return .bool(place(a[0], a[1]) <= 0)
    case .allDifferent: return .bool(distinct(all).count == all.count)
    case .allEqual: return .bool(distinct(all).count <= 1)
    case .reach:
      guard case .function(let along) = a[1] else { return .none }
      var found = distinct(all)
      var index = 0
      while index < found.count {
        for next in elements(try along([found[index]])) where !found.contains(where: { same($0, next) }) {
          found.append(next)
        }
        index += 1
      }
      return .list(found)
    default: throw PlainError.code("not judged: \(native)")
    }
  }

  private func written(_ value: Plain, _ type: Type) -> String {
    switch value {
    case .text(let text): text
    case .int(let known): "\(known)"
    case .bool(let known): "\(known)"
    case .none: "none"
    case .quantity(let known): known.description
    case .entity(let entity): world?.path(of: entity) ?? ""
    default: "?"
    }
  }

  /// A value of the machine as the judge sees it.
  func plain(_ value: Value, _ type: Type, _ heap: Heap) -> Plain {
    switch type {
    case .optional(let inner): return value.isNone ? .none : plain(value, inner, heap)
    case .bool: return .bool(value.bool)
    case .int: return .int(value.bits)
    case .quantity: return .quantity(value.rational)
    case .float: return .float(value.float)
    case .text: return .text(heap.text(value))
    case .entity: return .entity(value.entity)
    case .list(let element), .set(let element):
      return .list((0..<heap.count(value)).map { plain(heap.element(value, $0), element, heap) })
    case .map(let key, let mapped):
      return .map(
        (0..<heap.count(value)).map {
          (plain(heap.key(value, $0), key, heap), plain(heap.value(value, $0), mapped, heap))
        })
    case .tuple(let members):
      return .list(members.enumerated().map { plain(heap.element(value, $0.offset), $0.element, heap) })
    case .anonymous(let members):
      return .list(members.enumerated().map { plain(heap.element(value, $0.offset), $0.element.type, heap) })
    case .record(let id):
      return .list(
        program[id].fields.enumerated().map { plain(heap.element(value, $0.offset), $0.element.type, heap) })
    case .enumeration(let id):
      let number = heap.caseIndex(value, of: id)
      return .enumCase(
        number,
        program[id].cases[number].members.enumerated().map {
          plain(heap.payload(value, $0.offset), $0.element.type, heap)
        })
    case .range(let bound):
      return .range(
        plain(heap.element(value, 0), bound, heap), plain(heap.element(value, 1), bound, heap),
        includesEnd: heap.element(value, 2).bool)
    default: return .none
    }
  }
}
