import PlacetSemantics

/// Conditions as jumps.
extension Compiler {
  /// Jumps to the label where the condition is `sense`; goes on where it is not.
  func branch(_ condition: TypedExpression, when sense: Bool, to label: Label) {
    let outer = range
    range = condition.range
    defer { range = outer }
    switch condition.form {
    case .bool(let value): if value == sense { emit(.jump, to: label) }
    case .not(let inner): branch(inner, when: !sense, to: label)
    case .binary(let op, let a, let b):
      switch op {
      case .and, .or, .implies: branch(op, a, b, when: sense, to: label)
      case .less, .lessOrEqual, .greater, .greaterOrEqual: comparison(op, a, b, when: sense, to: label)
      case .equal: equality(a, b, when: sense, to: label)
      case .notEqual: equality(a, b, when: !sense, to: label)
      case .isIn: member(a, b, condition, when: sense, to: label)
      case .isNotIn: member(a, b, condition, when: sense, to: label)
      default: plain(condition, when: sense, to: label)
      }
    default: plain(condition, when: sense, to: label)
    }
  }

  private func plain(_ condition: TypedExpression, when sense: Bool, to label: Label) {
    scoped { emit(sense ? .jumpIf : .jumpUnless, a: operand(condition), to: label) }
  }

  func branch(
    _ op: Operator, _ a: TypedExpression, _ b: TypedExpression, when sense: Bool, to label: Label
  ) {
    // `a and b` leaves early where a is false; `a or b` where a is true; `a implies b` where a is false.
    let leavesOn = op == .or
    let resultOfLeaving = op != .and
    if resultOfLeaving == sense {
      branch(a, when: leavesOn, to: label)
      branch(b, when: sense, to: label)
    } else {
      let skip = makeLabel()
      branch(a, when: leavesOn, to: skip)
      branch(b, when: sense, to: label)
      place(skip)
    }
  }

  private func comparison(
    _ op: Operator, _ a: TypedExpression, _ b: TypedExpression, when sense: Bool, to label: Label
  ) {
    let numeric = Numeric(a.type)
    if numeric == .float || numeric == .text {
      scoped {
        let held = temporary()
        value(TypedExpression(.binary(op, a, b), type: .bool, range: range), into: held)
        emit(sense ? .jumpIf : .jumpUnless, a: held, to: label)
      }
      return
    }
    if numeric == .int, case .int(let k) = b.form, constantComparison(op, a, k, when: sense, to: label) {
      return
    }
    if numeric == .int, case .int(let k) = a.form,
      constantComparison(op.mirrored, b, k, when: sense, to: label)
    {
      return
    }
    scoped {
      var (x, y) = (operand(a), operand(b))
      var isStrict = op == .less || op == .greater
      if op == .greater || op == .greaterOrEqual { swap(&x, &y) }
      if !sense {
        swap(&x, &y)
        isStrict.toggle()
      }
      if numeric == .int {
        emit(isStrict ? .jumpIntLess : .jumpIntLessOrEqual, a: x, b: y, to: label)
      } else {
        emit(isStrict ? .jumpQuantityLess : .jumpQuantityLessOrEqual, a: x, b: y, to: label)
      }
    }
  }

  private func constantComparison(
    _ op: Operator, _ a: TypedExpression, _ k: Int, when sense: Bool, to label: Label
  ) -> Bool {
    // Everything is `a < bound` or its opposite.
    let bound = op == .lessOrEqual || op == .greater ? k &+ 1 : k
    guard let bound = Int32(exactly: bound), k < Int(Int32.max) else { return false }
    let isLess = (op == .less || op == .lessOrEqual) == sense
    scoped {
      emit(
        isLess ? .jumpIntLessConstant : .jumpIntNotLessConstant, a: operand(a), e: Int(bound), to: label)
    }
    return true
  }

  private func equality(_ a: TypedExpression, _ b: TypedExpression, when sense: Bool, to label: Label) {
    if case .none = b.form { return noneness(a, when: sense, to: label) }
    if case .none = a.form { return noneness(b, when: sense, to: label) }
    guard world.isScalar(a.type), world.isScalar(b.type) else {
      scoped {
        let held = temporary()
        value(TypedExpression(.binary(.equal, a, b), type: .bool, range: range), into: held)
        emit(sense ? .jumpIf : .jumpUnless, a: held, to: label)
      }
      return
    }
    scoped {
      if let constant = scalarConstant(b) {
        emit(
          sense ? .jumpSameConstant : .jumpNotSameConstant, a: operand(a), e: self.constant(constant),
          to: label)
      } else if let constant = scalarConstant(a) {
        emit(
          sense ? .jumpSameConstant : .jumpNotSameConstant, a: operand(b), e: self.constant(constant),
          to: label)
      } else {
        let (x, y) = (operand(a), operand(b))
        emit(sense ? .jumpSame : .jumpNotSame, a: x, b: y, to: label)
      }
    }
  }

  private func noneness(_ value: TypedExpression, when sense: Bool, to label: Label) {
    scoped { emit(sense ? .jumpIfNone : .jumpUnlessNone, a: operand(value), to: label) }
  }

  private func scalarConstant(_ expression: TypedExpression) -> Value? {
    switch expression.form {
    case .bool(let value): Value(value)
    case .int(let value): Value(value)
    case .quantity(let value): Value(value)
    case .enumCase(let id, let number, let payload) where payload.isEmpty && !world.heap.hasPayload(id):
      Value(number)
    case .some(let inner), .ratio(let inner), .unwrapped(let inner): scalarConstant(inner)
    default: nil
    }
  }

  /// `x in 1..8` makes no range.
  private func member(
    _ a: TypedExpression, _ b: TypedExpression, _ whole: TypedExpression, when sense: Bool, to label: Label
  ) {
    guard case .range(let low, let high, let includesEnd) = b.form, Numeric(a.type) != .float,
      case .binary(let op, _, _) = whole.form
    else { return plain(whole, when: sense, to: label) }
    let sense = op == .isIn ? sense : !sense
    scoped {
      let isInt = Numeric(a.type) == .int
      let less: Opcode = isInt ? .jumpIntLess : .jumpQuantityLess
      let lessOrEqual: Opcode = isInt ? .jumpIntLessOrEqual : .jumpQuantityLessOrEqual
      let x = operand(a)
      let (from, to) = (operand(low), operand(high))
      let outside = sense ? makeLabel() : label
      emit(less, a: x, b: from, to: outside)
      if sense {
        emit(includesEnd ? lessOrEqual : less, a: x, b: to, to: label)
        place(outside)
      } else {
        emit(includesEnd ? less : lessOrEqual, a: to, b: x, to: label)
      }
    }
  }
}

extension Operator {
  /// `a < b` as seen from b.
  var mirrored: Operator {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    default: self
    }
  }
}
