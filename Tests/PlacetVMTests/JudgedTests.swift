import Diagnostics
import PlacetSemantics
import Quantities
import Testing

@testable import PlacetVM

/// Typed expressions at random, from a seed.
struct RandomExpressions {
  var state: UInt64
  var scope: [(local: Int, type: Type)]
  var nextLocal: Int
  let range = SourceRange(Source(name: "random", text: " "), 0, 1)

  init(seed: UInt64, frame: [Type]) {
    state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    scope = frame.enumerated().map { ($0.offset, $0.element) }
    nextLocal = frame.count
  }

  mutating func below(_ limit: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(truncatingIfNeeded: (state >> 11) % UInt64(limit))
  }

  func make(_ form: TypedExpression.Form, _ type: Type) -> TypedExpression {
    TypedExpression(form, type: type, range: range)
  }

  static let types: [Type] = [
    .int, .bool, .ratio, .text, .list(.int), .optional(.int), .tuple([.int, .bool]), .set(.int),
    .map(.int, .text), .float, .list(.text), .range(.int), .function([.int], .int),
  ]

  mutating func expression(_ type: Type, _ depth: Int) -> TypedExpression {
    let known = scope.filter { $0.type == type }
    if !known.isEmpty, below(3) == 0 { return make(.local(LocalID(known[below(known.count)].local)), type) }
    if depth <= 0 { return leaf(type) }
    switch below(12) {
    case 0:
      return make(
        .conditional(
          expression(.bool, depth - 1), then: expression(type, depth - 1),
          otherwise: expression(type, depth - 1)),
        type)
    case 1 where type != .optional(.int):
      return make(.coalesce(expression(.optional(type), depth - 1), expression(type, depth - 1)), type)
    case 2: if below(6) == 0 { return make(.refuse(expression(.text, depth - 1)), type) }
    case 3:
      return make(
        .match(
          expression(.int, depth - 1),
          [
            TypedArm(patterns: [.value(expression(.int, 0))], value: expression(type, depth - 1)),
            TypedArm(
              patterns: [.values(expression(.int, 0), expression(.int, 0), includesEnd: below(2) == 0)],
              value: expression(type, depth - 1)),
            TypedArm(patterns: [.anything], value: expression(type, depth - 1)),
          ]), type)
    case 4:
      let tuple = expression(.tuple([.int, .bool]), depth - 1)
      if type == .int { return make(.element(tuple, 0), .int) }
      if type == .bool { return make(.element(tuple, 1), .bool) }
    default: break
    }
    return composed(type, depth)
  }

  private mutating func leaf(_ type: Type) -> TypedExpression {
    switch type {
    case .bool: return make(.bool(below(2) == 0), type)
    case .int:
      let extremes = [Int.max, Int.min, 0, 1, -1, 1 << 40, Int(Int32.max), Int(Int32.min)]
      return make(.int(below(8) == 0 ? extremes[below(extremes.count)] : below(12) - 4), type)
    case .quantity: return make(.quantity(Rational(below(20) - 8, over: below(6) + 1) ?? Rational(0)), type)
    case .float: return make(.float(Double(below(40) - 20) / 4), type)
    case .text: return make(.text(["", "a", "ab", "é", "b\r\n", "host-1", "123"][below(7)]), type)
    case .optional(let inner):
      return below(3) == 0 ? make(.none, type) : make(.some(leaf(inner)), type)
    case .list(let element): return make(.list((0..<below(4)).map { _ in leaf(element) }), type)
    case .set(let element): return make(.set((0..<below(4)).map { _ in leaf(element) }), type)
    case .map(let key, let value):
      return make(.map((0..<below(3)).map { _ in (leaf(key), leaf(value)) }), type)
    case .tuple(let members): return make(.tuple(members.map { leaf($0) }), type)
    case .range:
      return make(
        .range(make(.int(below(9) - 3), .int), make(.int(below(9) - 3), .int), includesEnd: below(2) == 0),
        type)
    default: return lambda(type, 0)
    }
  }

  private mutating func lambda(_ type: Type, _ depth: Int) -> TypedExpression {
    guard case .function(let parameters, let result) = type else { return make(.none, type) }
    let outer = scope
    let slots = parameters.map { bindLocal($0) }
    let body = expression(result, depth - 1)
    scope = outer
    return make(.lambda(.init(parameters: slots, body: body)), type)
  }

  private mutating func bindLocal(_ type: Type) -> LocalID {
    scope.append((nextLocal, type))
    nextLocal += 1
    return LocalID(nextLocal - 1)
  }

  /// One or two sources, perhaps with a condition; what they bind stays in scope for the caller to end.
  private mutating func sources(_ depth: Int) -> [TypedSource] {
    (0..<(1 + below(2))).map { _ in
      let form: Type = [.list(.int), .set(.int), .range(.int), .map(.int, .text), .list(.text)][below(5)]
      let elements = expression(form, depth - 1)
      let target: BindTarget
      switch form {
      case .map:
        target = .tuple([.local(bindLocal(.int)), below(2) == 0 ? .ignore : .local(bindLocal(.text))])
      case .list(.text): target = .local(bindLocal(.text))
      default: target = .local(bindLocal(.int))
      }
      return TypedSource(
        form: .elements(elements), target: target,
        condition: below(2) == 0 ? expression(.bool, depth - 2) : nil, range: range)
    }
  }

  private mutating func aggregate(_ kind: Aggregate, of element: Type, _ type: Type, _ depth: Int)
    -> TypedExpression
  {
    let outer = scope
    let from = sources(depth)
    let inner = expression(element, depth - 1)
    scope = outer
    return make(.aggregate(kind, inner, from), type)
  }

  private mutating func two(_ type: Type, _ depth: Int) -> (TypedExpression, TypedExpression) {
    (expression(type, depth - 1), expression(type, depth - 1))
  }

  private mutating func composed(_ type: Type, _ depth: Int) -> TypedExpression {
    switch type {
    case .int:
      switch below(9) {
      case 0: return aggregate(.sum, of: .int, .int, depth)
      case 1: return aggregate(.count, of: .bool, .int, depth)
      case 2: return make(.negate(expression(.int, depth - 1)), .int)
      case 3:
        let held: Type = [.list(.int), .set(.int), .range(.int)][below(3)]
        return make(.native(.count, [expression(held, depth - 1)]), .int)
      case 4: return make(.native(.length, [expression(.text, depth - 1)]), .int)
      case 5: return make(.index(expression(.list(.int), depth - 1), expression(.int, depth - 1)), .int)
      case 6:
        let callee = expression(.function([.int], .int), depth - 1)
        return make(.callValue(callee, [expression(.int, depth - 1)]), .int)
      case 7:
        let (a, b) = two(.int, depth)
        return make(.native([.min2, .max2][below(2)], [a, b]), .int)
      default:
        let (a, b) = two(.int, depth)
        return make(.binary([.add, .subtract, .multiply, .floorDivide, .modulo][below(5)], a, b), .int)
      }
    case .bool:
      switch below(8) {
      case 0: return aggregate([.all, .any][below(2)], of: .bool, .bool, depth)
      case 1:
        return aggregate([.allDifferent, .allEqual][below(2)], of: [.int, .text][below(2)], .bool, depth)
      case 2: return make(.not(expression(.bool, depth - 1)), .bool)
      case 3:
        let (a, b) = two(.bool, depth)
        return make(.binary([.and, .or, .implies][below(3)], a, b), .bool)
      case 4:
        let held: Type = [.list(.int), .set(.int), .range(.int), .map(.int, .text)][below(4)]
        return make(
          .binary([.isIn, .isNotIn][below(2)], expression(.int, depth - 1), expression(held, depth - 1)),
          .bool)
      case 5:
        let of: Type = Self.types[below(9)]
        let (a, b) = two(of, depth)
        return make(.binary([.equal, .notEqual][below(2)], a, b), .bool)
      default:
        let (a, b) = two([.int, .ratio, .text, .float][below(4)], depth)
        return make(.binary([.less, .lessOrEqual, .greater, .greaterOrEqual][below(4)], a, b), .bool)
      }
    case .quantity:
      switch below(4) {
      case 0: return make(.ratio(expression(.int, depth - 1)), type)
      case 1: return aggregate(.sum, of: type, type, depth)
      default:
        let (a, b) = two(type, depth)
        return make(.binary([.add, .subtract, .multiply, .divide, .modulo][below(5)], a, b), type)
      }
    case .float:
      let (a, b) = two(type, depth)
      return make(.binary([.add, .subtract, .multiply, .divide][below(4)], a, b), type)
    case .text:
      if below(3) == 0 {
        return make(.native([.uppercase, .lowercase][below(2)], [expression(.text, depth - 1)]), type)
      }
      return make(
        .interpolation(
          (0..<(1 + below(3))).map { _ in expression([.text, .int, .bool][below(3)], depth - 1) }), type)
    case .optional(.int):
      switch below(4) {
      case 0: return aggregate([.min, .max][below(2)], of: .int, type, depth)
      case 1: return make(.native([.first, .last][below(2)], [expression(.list(.int), depth - 1)]), type)
      case 2:
        let base = expression(type, depth - 1)
        let outer = scope
        let local = bindLocal(.int)
        let rest = expression(.int, depth - 1)
        scope = outer
        return make(.optionalChain(base, local, make(.some(rest), type)), type)
      default: return make(.some(expression(.int, depth - 1)), type)
      }
    case .list(let element):
      switch below(4) {
      case 0: return make(.list((0..<below(4)).map { _ in expression(element, depth - 1) }), type)
      case 1: return make(.native([.sorted, .reversed][below(2)], [expression(type, depth - 1)]), type)
      default:
        let outer = scope
        let from = sources(depth)
        let inner = expression(element, depth - 1)
        scope = outer
        return make(.listEach(inner, from), type)
      }
    case .set(let element):
      if below(2) == 0 {
        let (a, b) = two(type, depth)
        return make(.native([.union, .intersection, .difference][below(3)], [a, b]), type)
      }
      let outer = scope
      let from = sources(depth)
      let inner = expression(element, depth - 1)
      scope = outer
      return make(.setEach(inner, from), type)
    case .map(let key, let value):
      let outer = scope
      let from = sources(depth)
      let (k, v) = (expression(key, depth - 1), expression(value, depth - 1))
      scope = outer
      return make(.mapEach(key: k, value: v, from), type)
    case .tuple(let members): return make(.tuple(members.map { expression($0, depth - 1) }), type)
    case .function: return lambda(type, depth)
    default: return leaf(type)
    }
  }
}

@Suite struct JudgedTests {
  static let frame: [Type] = [.int, .list(.int), .text]

  /// nil where machine and judge agree.
  static func disagreement(_ expression: TypedExpression) -> String? {
    let program = TypedProgram()
    let world = World(
      program: program, inputs: WorldInputs(budget: Budget(steps: 3_000_000, memory: 1 << 28)))
    let walker = TreeWalker(program: program, world: nil)
    var plainFrame: [Int: Plain] = [0: .int(3), 1: .list([.int(1), .int(2), .int(2)]), 2: .text("ab")]
    let list = world.heap.makeList([Value(1), Value(2), Value(2)])
    let machine: Result<Plain, PlainError>
    do {
      let value = try world.evaluate(expression, frame: [Value(3), list, world.heap.makeText("ab")])
      machine = .success(walker.plain(value, expression.type, world.heap))
    } catch {
      if case .limit = error { return nil }
      machine = .failure(.code(error.diagnostics.first?.code ?? "?"))
    }
    let judged: Result<Plain, any Error> = Result { try walker.value(expression, &plainFrame) }
    switch (machine, judged) {
    case (.success(let a), .success(let b)):
      if case .function = expression.type { return nil }
      // A set is the same in any order; the machine promises the order of making.
      return walker.same(a, b) ? nil : "machine \(a), judge \(b)"
    case (.failure(let a), .failure(let b)): return a == b as? PlainError ? nil : "machine \(a), judge \(b)"
    default: return "machine \(machine), judge \(judged)"
    }
  }

  private static func parts(of expression: TypedExpression) -> [TypedExpression] {
    var all: [TypedExpression] = []
    expression.visitAll { if $0 !== expression { all.append($0) } }
    return all
  }

  /// The smallest part that still disagrees and stands alone.
  static func shrunk(_ expression: TypedExpression) -> TypedExpression {
    for child in Self.parts(of: expression) {
      let free = child.locals().read.subtracting(child.locals().bound)
      if free.allSatisfy({ $0 < frame.count }), disagreement(child) != nil { return shrunk(child) }
    }
    return expression
  }

  @Test(arguments: 0..<8)
  func `machine and tree walker agree on random expressions`(_ part: Int) {
    var values = 0
    for seed in part * 400..<(part + 1) * 400 {
      var random = RandomExpressions(seed: UInt64(seed) + 1, frame: Self.frame)
      let type = RandomExpressions.types[random.below(12)]
      let expression = random.expression(type, 5)
      if Self.disagreement(expression) == nil {
        values += 1
        continue
      }
      let small = Self.shrunk(expression)
      let world = World(program: TypedProgram())
      Issue.record(
        """
        seed \(seed): \(Self.disagreement(small) ?? "")
        \(small.form)
        \(Disassembler.text(Compiler.expression(small, in: world)))
        """)
      return
    }
    #expect(values == 400)
  }

  @Test func `machine and tree walker agree on policies`() {
    for text in Self.policies {
      let policy = WorldCase(text)
      let world = policy.built()
      let walker = TreeWalker(program: policy.program, world: world)
      var judged = 0
      for (index, global) in policy.program.globals.enumerated() {
        guard case .derived(let body) = global.form else { continue }
        var frame: [Int: Plain] = [:]
        guard let wanted = try? walker.value(body.expression, &frame),
          let value = try? world.global(GlobalID(index))
        else {
          Issue.record("\(global.name) has no value")
          continue
        }
        #expect(walker.same(walker.plain(value, global.type, world.heap), wanted), "\(global.name)")
        judged += 1
      }
      #expect(judged > 3)
    }
  }

  static let policies = [
    WorldTests.kinds + #"""
      site s { country: "SE" }
      site t { country: "DE" }
      vim v { kind: openstack, site: s }
      vim w { kind: kubernetes, site: t }
      for each n in 1..9 {
        host "h\(n)" {
          vim: if n mod 2 == 0 then v else w, cores: n * 3, memory: n * 8 GiB
          tags: if n > 5 then set ["big", "fast"] else set ["small"]
          for each m in 0..<n { cell "c\(m)" { cores: m + 1 } }
        }
      }
      for each n in 1..4 { vnf "f\(n)" { count: n } }
      let cores = [h.name: h.total for each host h where h.site.country == "SE"]
      let big = [h for each host h where "big" in h.tags]
      let sizes = sum(h.memory for each host h) / 3
      let per_site = [x: sum(h.cores for each host h where h.site == x) for each site x]
      let instances = [(i, i.number, i.vnf.name) for each instance i where i.number > 1]
      let smallest = min(h.memory / h.cores for each host h)
      let neighbours = [(a, b) for each host a, host b where a != b and a.vim == b.vim and a.cores < b.cores]
      let kinds = [match h.vim.kind { openstack => h.cores, kubernetes => -h.cores } for each host h]
      let shared = set [c.cores for each cell c]
      """#
  ]
}
