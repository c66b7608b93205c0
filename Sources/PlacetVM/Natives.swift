import Diagnostics
import PlacetSemantics
import Quantities

/// Library functions with native backing, on known values.
extension World {
  func callNative(
    _ call: Chunk.NativeCall, _ arguments: UnsafeMutablePointer<Value>, asker: () -> SourceRange
  ) throws(EvaluationError) -> Value {
    let a = arguments[0]
    let type = call.types[0].unwrapped
    let shape = call.shapes[0]
    switch call.native {
    case .abs:
      switch Numeric(type) {
      case .float: return Value(Swift.abs(a.float))
      default:
        if a.bits == .min { throw EvaluationError(.overflow(at: asker())) }
        return Value(bits: Swift.abs(a.bits), aux: a.aux)
      }
    case .floor, .ceil, .round: return try whole(call.native, a, type, asker)
    case .floorTo, .ceilTo, .roundTo:
      let step = arguments[1].rational
      guard step.numerator > 0 else {
        throw EvaluationError(.badArgument("the step is not positive", at: asker()))
      }
      guard let quotient = a.rational.divided(by: step),
        let rounded = Self.rounded(quotient, call.native),
        let result = Rational(rounded).multiplied(by: step)
      else { throw EvaluationError(.overflow(at: asker())) }
      return Value(result)
    case .toFloat: return Value(Double(a.bits) / Double(a.aux))
    case .count:
      if case .range = type {
        let (first, last) = heap.bounds(a)
        if first > last { return Value(0) }
        let (count, overflow) = last.subtractingReportingOverflow(first)
        if overflow || count == .max { throw EvaluationError(.overflow(at: asker())) }
        return Value(count + 1)
      }
      return Value(heap.count(a))
    case .first: return heap.count(a) == 0 ? .none : heap.element(a, 0)
    case .last: return heap.count(a) == 0 ? .none : heap.element(a, heap.count(a) - 1)
    case .keys: return heap.makeList((0..<heap.count(a)).map { heap.key(a, $0) })
    case .values: return heap.makeList((0..<heap.count(a)).map { heap.value(a, $0) })
    case .sorted:
      return heap.makeList(
        heap.elements(a, type: type).sorted { heap.compare($0, $1, shape) < 0 })
    case .reversed: return heap.makeList(heap.elements(a, type: type).reversed())
    case .flattened:
      let inner = type.element ?? .error
      return heap.makeList(heap.elements(a, type: type).flatMap { heap.elements($0, type: inner) })
    case .toSet: return heap.makeSet(heap.elements(a, type: type), of: type.element ?? .error)
    case .toList:
      if case .range = type {
        let (first, last) = heap.bounds(a)
        let (span, overflow) = last.subtractingReportingOverflow(first)
        if first <= last, overflow || !heap.admits(slots: span) {
          throw .limit(.outOfMemory(inputs.budget.memory, at: asker()))
        }
      }
      return heap.makeList(heap.elements(a, type: type))
    case .pairs:
      let all = heap.elements(a, type: type)
      let (count, overflow) = all.count.multipliedReportingOverflow(by: max(0, all.count - 1))
      if overflow || !heap.admits(slots: count * 2) {
        throw .limit(.outOfMemory(inputs.budget.memory, at: asker()))
      }
      var result: [Value] = []
      result.reserveCapacity(count / 2)
      for (index, first) in all.enumerated() {
        for second in all[(index + 1)...] { result.append(heap.makeList([first, second])) }
      }
      return heap.makeList(result)
    case .steps:
      let all = heap.elements(a, type: type)
      return heap.makeList(zip(all, all.dropFirst()).map { heap.makeList([$0, $1]) })
    case .union:
      return heap.makeSet(
        heap.elements(a, type: type) + heap.elements(arguments[1], type: type), of: type.element ?? .error)
    case .intersection, .difference:
      let keeps = call.native == .intersection
      let kept = heap.elements(a, type: type).filter {
        (heap.position($0, in: arguments[1].bits, stride: 1, shape: shape) != nil) == keeps
      }
      return heap.makeSet(kept, of: type.element ?? .error)
    case .isSubset:
      return Value(
        heap.elements(a, type: type).allSatisfy {
          heap.position($0, in: arguments[1].bits, stride: 1, shape: shape) != nil
        })
    case .textContains: return Value(Self.place(of: heap.utf8(arguments[1]), in: heap.utf8(a)) != nil)
    case .startsWith: return Value(heap.utf8(a).starts(with: heap.utf8(arguments[1])))
    case .endsWith: return Value(heap.utf8(a).reversed().starts(with: heap.utf8(arguments[1]).reversed()))
    case .lowercase: return heap.makeText(heap.text(a).lowercased())
    case .uppercase: return heap.makeText(heap.text(a).uppercased())
    case .split: return split(heap.utf8(a), by: heap.utf8(arguments[1]))
    case .join:
      let separator = heap.utf8(arguments[1])
      var bytes: [UInt8] = []
      for (index, part) in heap.elements(a, type: type).enumerated() {
        if index > 0 { bytes += separator }
        bytes += heap.utf8(part)
      }
      return bytes.withUnsafeBufferPointer { heap.makeText(bytes: $0) }
    case .parseInt: return Int(heap.text(a)).map { Value($0) } ?? .none
    case .distance:
      guard
        let metres = GreatCircle.metres(
          from: (heap.element(a, 0).float, heap.element(a, 1).float),
          to: (heap.element(arguments[1], 0).float, heap.element(arguments[1], 1).float))
      else { throw EvaluationError(.badArgument("these are no coordinates in degrees", at: asker())) }
      let metre = program.units.units["m"]?.factor ?? Rational(1)
      guard let distance = Rational(metres).multiplied(by: metre) else {
        throw EvaluationError(.overflow(at: asker()))
      }
      return Value(distance)
    case .allDifferent:
      let all = heap.elements(a, type: type)
      return Value(heap.count(heap.makeSet(all, of: type.element ?? .error)) == all.count)
    case .allEqual:
      let all = heap.elements(a, type: type)
      return Value(all.allSatisfy { heap.equal($0, all[0], shape) })
    case .atMost, .atLeast, .exactly:
      let trues = heap.elements(arguments[1], type: call.types[1]).count { $0.bool }
      switch call.native {
      case .atMost: return Value(trues <= a.bits)
      case .atLeast: return Value(trues >= a.bits)
      default: return Value(trues == a.bits)
      }
    case .table:
      let rows = heap.elements(arguments[1], type: call.types[1])
      return Value(rows.contains { heap.equal($0, a, type: type) })
    case .precedes: return Value(heap.compare(a, arguments[1], type: type) <= 0)
    case .min2, .max2, .between, .reach, .length:
      preconditionFailure("the compiler has instructions of their own for these")
    }
  }

  // MARK: Rounding

  private func whole(
    _ native: Native, _ value: Value, _ type: Type, _ asker: () -> SourceRange
  ) throws(EvaluationError) -> Value {
    if Numeric(type) == .float {
      let rule: FloatingPointRoundingRule =
        native == .floor ? .down : native == .ceil ? .up : .toNearestOrAwayFromZero
      guard let result = Int(exactly: value.float.rounded(rule)) else {
        throw EvaluationError(.overflow(at: asker()))
      }
      return Value(result)
    }
    guard let result = Self.rounded(value.rational, native) else {
      throw EvaluationError(.overflow(at: asker()))
    }
    return Value(result)
  }

  /// Half goes away from zero.
  static func rounded(_ value: Rational, _ native: Native) -> Int? {
    switch native {
    case .floor, .floorTo: return value.floor
    case .ceil, .ceilTo: return value.ceiling
    default:
      guard let half = Rational(1, over: 2) else { return nil }
      return value.numerator >= 0 ? value.adding(half)?.floor : value.subtracting(half)?.ceiling
    }
  }

  // MARK: Text

  private static func place(of part: [UInt8], in whole: [UInt8]) -> Int? {
    if part.isEmpty { return 0 }
    if part.count > whole.count { return nil }
    return (0...whole.count - part.count).first { whole[$0..<$0 + part.count].elementsEqual(part) }
  }

  private func split(_ bytes: [UInt8], by separator: [UInt8]) -> Value {
    func text(_ slice: ArraySlice<UInt8>) -> Value {
      slice.withUnsafeBufferPointer { heap.makeText(bytes: $0) }
    }
    if separator.isEmpty {
      return heap.makeList(String(decoding: bytes, as: UTF8.self).map { heap.makeText(String($0)) })
    }
    var parts: [Value] = []
    var start = 0
    var here = 0
    while here + separator.count <= bytes.count {
      if bytes[here..<here + separator.count].elementsEqual(separator) {
        parts.append(text(bytes[start..<here]))
        here += separator.count
        start = here
      } else {
        here += 1
      }
    }
    parts.append(text(bytes[start...]))
    return heap.makeList(parts)
  }
}

extension Heap {
  /// Characters as a reader sees them; ASCII without carriage returns has one for each byte.
  @inline(never)
  func length(_ text: Value) -> Int {
    let count = count(text)
    let bytes = bytes(text)
    for index in 0..<count where bytes[index] >= 0x80 || bytes[index] == 0x0D { return self.text(text).count }
    return count
  }

  func utf8(_ text: Value) -> [UInt8] { Array(UnsafeBufferPointer(start: bytes(text), count: count(text))) }
}
