import PlacetSemantics

/// Calls of library functions with native backing: an instruction of their own, or a call by number.
extension Compiler {
  func native(
    _ native: Native, _ arguments: [TypedExpression], _ whole: TypedExpression, into target: Register
  ) {
    switch native {
    case .count:
      switch arguments[0].type.unwrapped {
      case .list, .set, .map:
        scoped { emit(.count, a: target, b: operand(arguments[0])) }
        return
      default: break
      }
    case .length:
      scoped { emit(.length, a: target, b: operand(arguments[0])) }
      return
    case .min2, .max2:
      scoped {
        let (held, other) = (temporary(), temporary())
        value(arguments[0], into: held)
        value(arguments[1], into: other)
        emit(native == .min2 ? .takeMin : .takeMax, x: Numeric(whole.type).rawValue, a: held, b: other)
        emit(.move, a: target, b: held)
      }
      return
    case .between:
      scoped {
        let held = inRow(arguments)
        let isInt = Numeric(arguments[0].type) == .int
        let isFloat = Numeric(arguments[0].type) == .float
        let op: Opcode = isInt ? .lessOrEqualInt : isFloat ? .lessOrEqualFloat : .lessOrEqualQuantity
        truth(target) { no in
          let flag = temporary()
          emit(op, a: flag, b: held + 1, c: held)
          emit(.jumpUnless, a: flag, to: no)
          emit(op, a: flag, b: held, c: held + 2)
          emit(.jumpUnless, a: flag, to: no)
        }
      }
      return
    case .reach: return reach(arguments[0], along: arguments[1], type: whole.type, into: target)
    default: break
    }
    scoped {
      let first = inRow(arguments)
      let number = natives.count
      natives.append(
        Chunk.NativeCall(
          native: native, types: arguments.map(\.type),
          shapes: arguments.map { world.heap.shape($0.type.element ?? $0.type) }))
      emit(.native, a: target, b: first, c: arguments.count, e: number)
    }
  }

  /// Breadth first, each once: a builder is both the result and the list of what is still to be visited.
  private func reach(
    _ from: TypedExpression, along: TypedExpression, type: Type, into target: Register
  ) {
    let shape = Int(world.heap.shape(type.element ?? .error))
    scoped {
      let builder = temporary()
      let (index, limit) = (temporary(), temporary())
      let function = temporary()
      let list = temporary()
      let element = temporary()
      value(along, into: function)
      emit(.builderStart, a: builder)
      value(from, into: list)
      let insertAll = { [self] in
        scoped {
          let (place1, last) = (temporary(), temporary())
          let (top, done) = (makeLabel(), makeLabel())
          emit(.eachElement, a: place1, b: last, c: list, to: done)
          place(top)
          emit(.elementAt, a: element, b: list, c: place1)
          emit(.builderInsert, a: builder, b: element, e: shape)
          emit(.step, a: place1, b: last, to: top)
          place(done)
        }
      }
      insertAll()
      let (top, done) = (makeLabel(), makeLabel())
      emit(.loadInt, a: index, e: 0)
      emit(.loadConstant, a: limit, e: constant(Value(Int.max)))
      place(top)
      let argument = temporary()
      emit(.builderElement, a: argument, b: builder, c: index, to: done)
      emit(.callValue, x: 1, a: list, b: argument, c: function)
      insertAll()
      emit(.step, a: index, b: limit, to: top)
      place(done)
      emit(.builderFinish, x: 0, a: target, b: builder)
    }
  }
}

extension Type {
  /// Of a list, set or range; the key of a map.
  var element: Type? {
    switch unwrapped {
    case .list(let element), .set(let element), .range(let element), .map(let element, _): element
    default: nil
    }
  }
}
