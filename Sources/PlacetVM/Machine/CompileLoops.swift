import PlacetSemantics

/// Sources, comprehensions, aggregates and patterns.
extension Compiler {
  /// What a rule does around its loops besides.
  struct LoopHooks {
    /// Evaluates something that may refuse: code without jumps, and where to go on after a refusal.
    var guarded: (TypedExpression, Label, () -> Void) -> Void
    /// A source's variables are bound and its known condition holds; where to go on if they are waived.
    var bound: (TypedSource, Label) -> Void
  }

  /// Nested loops over sources, the first outermost; `body` is the innermost.
  ///
  /// `releases`: nothing that an iteration makes outlives it, so the heap is given back after each.
  func each(
    _ sources: ArraySlice<TypedSource>, hooks: LoopHooks? = nil, releases: Bool = false, _ body: () -> Void
  ) {
    guard let source = sources.first else { return body() }
    let (top, next, end) = (makeLabel(), makeLabel(), makeLabel())
    scoped {
      let outer = range
      range = source.range
      if hooks == nil, let selection = selection(source, asking: source.condition),
        case .local(let id) = source.target
      {
        each(selection, register(of: id), condition: source.condition, releases: releases) {
          range = outer
          each(sources.dropFirst(), releases: releases, body)
          range = source.range
        }
        range = outer
        return
      }
      let mark = releases ? temporary() : 0
      let (counter, limit) = start(source, hooks: hooks, mark: releases ? mark : nil, top: top, end: end)
      if let condition = source.condition {
        if hooks != nil, condition.isDecided { hooks?.bound(source, next) }
        if let hooks, world.mayRefuse(condition) {
          let held = temporary()
          hooks.guarded(condition, next) { value(condition, into: held) }
          emit(.jumpUnless, a: held, to: next)
        } else {
          branch(condition, when: false, to: next)
        }
        if hooks != nil, !condition.isDecided { hooks?.bound(source, next) }
      } else {
        hooks?.bound(source, next)
      }
      range = outer
      each(sources.dropFirst(), hooks: hooks, releases: releases, body)
      range = source.range
      place(next)
      if releases { emit(.heapRelease, a: mark) }
      if hooks != nil || !addsAndSteps(counter, limit, next: next, top: top) {
        emit(.step, a: counter, b: limit, to: top)
      }
      place(end)
      range = outer
    }
  }

  /// Whether the last instruction of the body adds to something and now steps, too; nothing may jump behind it.
  private func addsAndSteps(_ counter: Register, _ limit: Register, next: Label, top: Label) -> Bool {
    guard let last = code.last, last.op == .addInt, last.a == last.b,
      !pending.contains(where: { $0.1 == next.index }),
      !labels.enumerated().contains(where: { $0.element == code.count && $0.offset != next.index })
    else { return false }
    replaceLast(
      by: Instruction(.addIntStep, a: Int(last.a), b: Int(last.c), c: counter, e: limit), to: top)
    return true
  }

  /// Prepares a source and binds its first element; gives the registers that count.
  private func start(
    _ source: TypedSource, hooks: LoopHooks?, mark: Register?, top: Label, end: Label
  ) -> (counter: Register, limit: Register) {
    let limit = temporary()
    var counter: Register
    if case .local(let id) = source.target { counter = register(of: id) } else { counter = temporary() }
    switch source.form {
    case .allOf(let kind):
      emit(.eachOfKind, a: counter, b: limit, e: kind.index, to: end)
      if let mark { emit(.heapMark, a: mark) }
      place(top)
    case .elements(let elements):
      let guarded = { (code: () -> Void) in
        if let hooks { hooks.guarded(elements, end, code) } else { code() }
      }
      switch elements.type.unwrapped {
      case .range:
        if case .range(let low, let high, let includesEnd) = elements.form {
          guarded {
            scoped { value(low, into: counter) }
            scoped { value(high, into: limit) }
          }
          if includesEnd {
            emit(.jumpIntLess, a: limit, b: counter, to: end)
          } else {
            emit(.jumpIntLessOrEqual, a: limit, b: counter, to: end)
            emit(.addIntConstant, a: limit, b: limit, e: -1)
          }
        } else {
          let held = temporary()
          guarded { value(elements, into: held) }
          emit(.eachInRange, a: counter, b: limit, c: held, to: end)
        }
        if let mark { emit(.heapMark, a: mark) }
        place(top)
      case .map:
        let held = temporary()
        guarded { value(elements, into: held) }
        counter = temporary()
        emit(.eachElement, a: counter, b: limit, c: held, to: end)
        if let mark { emit(.heapMark, a: mark) }
        place(top)
        bindPair(source.target, map: held, index: counter)
      default:
        let held = temporary()
        guarded { value(elements, into: held) }
        counter = temporary()
        emit(.eachElement, a: counter, b: limit, c: held, to: end)
        if let mark { emit(.heapMark, a: mark) }
        place(top)
        if case .local(let id) = source.target {
          emit(.elementAt, a: register(of: id), b: held, c: counter)
        } else {
          scoped {
            let element = temporary()
            emit(.elementAt, a: element, b: held, c: counter)
            bind(source.target, from: element)
          }
        }
      }
    }
    return (counter, limit)
  }

  private func bindPair(_ target: BindTarget, map: Register, index: Register) {
    scoped {
      let pair = temporaries(2)
      emit(.keyAt, a: pair, b: map, c: index)
      emit(.valueAt, a: pair + 1, b: map, c: index)
      if case .tuple(let parts) = target, parts.count == 2 {
        bind(parts[0], from: pair)
        bind(parts[1], from: pair + 1)
      } else {
        let whole = temporary()
        emit(.makeProduct, a: whole, b: pair, c: 2)
        bind(target, from: whole)
      }
    }
  }

  /// A list, set or map that `body` fills.
  func build(_ type: Type, into target: Register, _ body: (Register) -> Void) {
    scoped {
      let builder = temporary()
      emit(.builderStart, a: builder)
      body(builder)
      switch type.unwrapped {
      case .set(let element):
        emit(.builderFinish, x: 1, a: target, b: builder, e: Int(world.heap.shape(element)))
      case .map(let key, _):
        types.append(key)
        emit(
          .builderFinish, x: 2, a: target, b: builder, c: types.count - 1, e: Int(world.heap.shape(key)))
      default: emit(.builderFinish, x: 0, a: target, b: builder)
      }
    }
  }

  /// Whether an iteration makes something; the first source is evaluated before any, and a range is none.
  private func mayAllocate(_ sources: [TypedSource]) -> Bool {
    sources.enumerated().contains { number, source in
      if let condition = source.condition, world.mayAllocate(condition) { return true }
      guard number > 0, case .elements(let elements) = source.form else { return false }
      if case .range(let low, let high, _) = elements.form {
        return world.mayAllocate(low) || world.mayAllocate(high)
      }
      return world.mayAllocate(elements)
    }
  }

  func aggregate(
    _ aggregate: Aggregate, _ element: TypedExpression, _ sources: [TypedSource], type: Type,
    into target: Register
  ) {
    let releases =
      aggregate != .allDifferent && aggregate != .allEqual && world.isScalarOrFloat(element.type)
      && (world.mayAllocate(element) || mayAllocate(sources))
    scoped {
      let total = target
      switch aggregate {
      case .sum:
        let numeric = Numeric(type)
        let op: Opcode = numeric == .int ? .addInt : numeric == .float ? .addFloat : .addQuantity
        if numeric == .float {
          emit(.loadConstant, a: total, e: constant(Value(0.0)))
        } else {
          emit(.loadInt, a: total, e: 0)
        }
        each(sources[...], releases: releases) {
          scoped {
            let held = operand(element)
            range = element.range
            emit(op, a: total, b: total, c: held)
          }
        }
      case .count:
        emit(.loadInt, a: total, e: 0)
        each(sources[...], releases: releases) { emit(.addIntConstant, a: total, b: total, e: 1) }
      case .min, .max:
        emit(.loadConstant, a: total, e: constant(.none))
        let kind = Numeric(element.type).rawValue
        each(sources[...], releases: releases) {
          scoped { emit(aggregate == .min ? .takeMin : .takeMax, x: kind, a: total, b: operand(element)) }
        }
      case .all, .any:
        let done = makeLabel()
        let isAll = aggregate == .all
        emit(.loadInt, a: total, e: isAll ? 0 : 1)
        if !isAll, sources.count == 1, sources[0].condition == nil, case .local(let id) = sources[0].target,
          let selection = selection(sources[0], asking: element)
        {
          each(selection, register(of: id), condition: nil, releases: releases) {
            branch(element, when: true, to: done)
          }
        } else {
          each(sources[...], releases: releases) { branch(element, when: !isAll, to: done) }
        }
        emit(.loadInt, a: total, e: isAll ? 1 : 0)
        place(done)
      case .allDifferent, .allEqual:
        let builder = temporary()
        emit(.builderStart, a: builder)
        each(sources[...]) { scoped { emit(.builderAppend, a: builder, b: operand(element)) } }
        emit(
          .builderDistinct, x: aggregate == .allDifferent ? 0 : 1, a: total, b: builder,
          e: Int(world.heap.shape(element.type)))
      }
    }
  }

  // MARK: Patterns

  func match(_ subject: TypedExpression, _ arms: [TypedArm], into target: Register) {
    scoped {
      let result = target
      let held = operand(subject)
      let done = makeLabel()
      for arm in arms {
        let next = makeLabel()
        self.arm(arm.patterns, of: held, type: subject.type, otherwise: next)
        let outer = range
        range = arm.value.range
        countCoverage()
        scoped { value(arm.value, into: result) }
        range = outer
        emit(.jump, to: done)
        place(next)
      }
      // The checker has proved that some arm matches.
      emit(.refuse, a: unmatchedText())
      place(done)
    }
  }

  private func unmatchedText() -> Register {
    let held = temporary()
    emit(.loadConstant, a: held, e: constant(world.constantText("no arm of this match fits")))
    return held
  }

  /// Goes on where one of the patterns matches, else to `otherwise`.
  func arm(_ patterns: [TypedPattern], of subject: Register, type: Type, otherwise: Label) {
    let fits = makeLabel()
    for (offset, pattern) in patterns.enumerated() {
      if offset == patterns.count - 1 {
        test(pattern, subject, type, otherwise: otherwise)
      } else {
        let next = makeLabel()
        test(pattern, subject, type, otherwise: next)
        emit(.jump, to: fits)
        place(next)
      }
    }
    place(fits)
  }

  private func test(_ pattern: TypedPattern, _ subject: Register, _ type: Type, otherwise: Label) {
    switch pattern {
    case .anything: break
    case .none: emit(.jumpUnlessNone, a: subject, to: otherwise)
    case .enumCase(let id, let number, let targets):
      guard world.heap.hasPayload(id) else {
        emit(.jumpNotSameConstant, a: subject, e: constant(Value(number)), to: otherwise)
        return
      }
      if case .optional = type { emit(.jumpIfNone, a: subject, to: otherwise) }
      scoped {
        let held = temporary()
        emit(.slot, a: held, b: subject, e: 0)
        emit(.jumpNotSameConstant, a: held, e: constant(Value(number)), to: otherwise)
        for (index, target) in targets.enumerated() {
          if case .ignore = target { continue }
          emit(.slot, a: held, b: subject, e: index + 1)
          bind(target, from: held)
        }
      }
    case .value(let wanted):
      scoped {
        let held = operand(wanted)
        if world.isScalar(wanted.type) {
          emit(.jumpNotSame, a: subject, b: held, to: otherwise)
        } else {
          let same = temporary()
          emit(.equal, a: same, b: subject, c: held, e: Int(world.heap.shape(wanted.type)))
          emit(.jumpUnless, a: same, to: otherwise)
        }
      }
    case .values(let low, let high, let includesEnd):
      if case .optional = type { emit(.jumpIfNone, a: subject, to: otherwise) }
      scoped {
        let (from, to) = (operand(low), operand(high))
        let isInt = Numeric(low.type) == .int
        emit(isInt ? .jumpIntLess : .jumpQuantityLess, a: subject, b: from, to: otherwise)
        let beyond: Opcode =
          isInt
          ? (includesEnd ? .jumpIntLess : .jumpIntLessOrEqual)
          : (includesEnd ? .jumpQuantityLess : .jumpQuantityLessOrEqual)
        emit(beyond, a: to, b: subject, to: otherwise)
      }
    case .tuple(let parts):
      if case .optional = type { emit(.jumpIfNone, a: subject, to: otherwise) }
      let types: [Type] = if case .tuple(let all) = type.unwrapped { all } else { [] }
      for (index, part) in parts.enumerated() {
        if case .anything = part { continue }
        scoped {
          let held = temporary()
          emit(.slot, a: held, b: subject, e: index)
          test(part, held, types.indices.contains(index) ? types[index] : .error, otherwise: otherwise)
        }
      }
    }
  }
}
