import PlacetSemantics
import PlacetVM

/// One place in which a value is not what was expected.
package struct ValueDifference: Hashable, Sendable {
  /// From the whole down: `[2].host`, `["vepc.mme[0]"]`, empty for the whole.
  package var path: String
  /// nil where nothing was expected there.
  package var expected: String?
  /// nil where nothing is there.
  package var found: String?

  /// `[2]: expected h1, found h3`
  var line: String {
    switch (expected, found) {
    case (let expected?, let found?): "\(path): expected \(expected), found \(found)"
    case (let expected?, nil): "\(path): expected \(expected), found nothing"
    case (nil, let found): "\(path): found \(found ?? "nothing"), expected nothing"
    }
  }
}

/// Finds where two values of one type differ, as far down as they have parts.
struct ValueComparer {
  let heap: Heap
  let program: TypedProgram

  /// Lists longer than this are compared by place when they differ in length.
  private static let alignedLength = 1000

  func differences(found: Value, expected: Value, type: Type) -> [ValueDifference] {
    var result: [ValueDifference] = []
    compare(found, expected, type, "", &result)
    return result
  }

  /// Whether values of the type have parts that can be told one by one.
  static func hasParts(_ type: Type) -> Bool {
    switch type {
    case .optional(let inner): hasParts(inner)
    case .list, .set, .map, .tuple, .record, .anonymous: true
    default: false
    }
  }

  private func compare(
    _ found: Value, _ expected: Value, _ type: Type, _ path: String, _ result: inout [ValueDifference]
  ) {
    if heap.equal(found, expected, type: type) { return }
    if case .optional(let inner) = type {
      if found.isNone || expected.isNone { return leaf(found, expected, type, path, &result) }
      return compare(found, expected, inner, path, &result)
    }
    switch type {
    case .list(let element): lists(found, expected, element, path, &result)
    case .set(let element):
      for value in missing(in: found, of: expected, element) {
        add(path, expected: (value, element), to: &result)
      }
      for value in missing(in: expected, of: found, element) {
        add(path, found: (value, element), to: &result)
      }
    case .map(let key, let value): maps(found, expected, key, value, path, &result)
    case .tuple(let types):
      for (index, type) in types.enumerated() {
        compare(heap.element(found, index), heap.element(expected, index), type, "\(path).\(index)", &result)
      }
    case .record(let id):
      for (index, field) in program[id].fields.enumerated() {
        compare(
          heap.element(found, index), heap.element(expected, index), field.type, "\(path).\(field.name)",
          &result)
      }
    case .anonymous(let members):
      for (index, member) in members.enumerated() {
        compare(
          heap.element(found, index), heap.element(expected, index), member.type, "\(path).\(member.label)",
          &result)
      }
    case .enumeration(let id):
      let number = heap.caseIndex(found, of: id)
      guard number == heap.caseIndex(expected, of: id) else {
        return leaf(found, expected, type, path, &result)
      }
      for (index, member) in program[id].cases[number].members.enumerated() {
        compare(
          heap.payload(found, index), heap.payload(expected, index), member.type, "\(path).\(member.label)",
          &result)
      }
    default: leaf(found, expected, type, path, &result)
    }
  }

  private func leaf(
    _ found: Value, _ expected: Value, _ type: Type, _ path: String, _ result: inout [ValueDifference]
  ) {
    result.append(
      ValueDifference(
        path: path, expected: heap.describe(expected, type: type), found: heap.describe(found, type: type)))
  }

  private func add(
    _ path: String, expected: (Value, Type)? = nil, found: (Value, Type)? = nil,
    to result: inout [ValueDifference]
  ) {
    result.append(
      ValueDifference(
        path: path, expected: expected.map { heap.describe($0, type: $1) },
        found: found.map { heap.describe($0, type: $1) }))
  }

  // MARK: Collections

  private func missing(in other: Value, of set: Value, _ element: Type) -> [Value] {
    heap.elements(set, type: .set(element)).filter { !heap.contains(other, $0, of: element) }
  }

  private func maps(
    _ found: Value, _ expected: Value, _ key: Type, _ value: Type, _ path: String,
    _ result: inout [ValueDifference]
  ) {
    for index in 0..<heap.count(expected) {
      let own = heap.key(expected, index)
      let place = "\(path)[\(heap.describe(own, type: key))]"
      let wanted = heap.value(expected, index)
      if let there = heap.lookUp(found, own, key: key) {
        compare(there, wanted, value, place, &result)
      } else {
        add(place, expected: (wanted, value), to: &result)
      }
    }
    for index in 0..<heap.count(found) {
      let own = heap.key(found, index)
      if heap.lookUp(expected, own, key: key) == nil {
        add(
          "\(path)[\(heap.describe(own, type: key))]", found: (heap.value(found, index), value), to: &result)
      }
    }
  }

  /// Of one length: place by place. Otherwise what both have in common, in order, is left out.
  private func lists(
    _ found: Value, _ expected: Value, _ element: Type, _ path: String, _ result: inout [ValueDifference]
  ) {
    let (a, b) = (
      heap.elements(found, type: .list(element)), heap.elements(expected, type: .list(element))
    )
    if a.count == b.count {
      for index in a.indices { compare(a[index], b[index], element, "\(path)[\(index)]", &result) }
      return
    }
    guard a.count <= Self.alignedLength, b.count <= Self.alignedLength else {
      for index in 0..<max(a.count, b.count) {
        let place = "\(path)[\(index)]"
        if index >= a.count {
          add(place, expected: (b[index], element), to: &result)
        } else if index >= b.count {
          add(place, found: (a[index], element), to: &result)
        } else {
          compare(a[index], b[index], element, place, &result)
        }
      }
      return
    }
    let common = commonLengths(a, b, element)
    var (i, j) = (0, 0)
    while i < a.count || j < b.count {
      if i < a.count, j < b.count, heap.equal(a[i], b[j], type: element) {
        i += 1
        j += 1
      } else if j < b.count, i == a.count || common[i][j + 1] >= common[i + 1][j] {
        add("\(path)[\(j)]", expected: (b[j], element), to: &result)
        j += 1
      } else {
        add("\(path)[\(i)]", found: (a[i], element), to: &result)
        i += 1
      }
    }
  }

  /// Length of the longest common subsequence from each two places on.
  private func commonLengths(_ a: [Value], _ b: [Value], _ element: Type) -> [[Int]] {
    var result = Array(repeating: Array(repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in a.indices.reversed() {
      for j in b.indices.reversed() {
        result[i][j] =
          heap.equal(a[i], b[j], type: element)
          ? result[i + 1][j + 1] + 1 : max(result[i + 1][j], result[i][j + 1])
      }
    }
    return result
  }
}
