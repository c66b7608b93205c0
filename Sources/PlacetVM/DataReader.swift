import Diagnostics
import PlacetSemantics
import Quantities

/// A value in a data file that can only be had when entities are there.
struct LateData {
  var node: DataNode
  var type: Type
  var place: DataPlace
}

/// Values of static types from data nodes.
struct DataReader {
  let world: World

  private var heap: Heap { world.heap }

  func value(_ node: DataNode, _ type: Type, _ place: DataPlace) throws(EvaluationError) -> Value {
    switch type {
    case .optional(let wrapped):
      if case .null = node.form { return .none }
      if place.isUntyped, case .text("") = node.form { return .none }
      return try value(node, wrapped, place)
    case .bool:
      if case .bool(let known) = node.form { return Value(known) }
      if place.isUntyped, case .text(let text) = node.form, text == "true" || text == "false" {
        return Value(text == "true")
      }
    case .int: if let known = number(node, place).flatMap({ Int($0) }) { return Value(known) }
    case .float:
      if let known = number(node, place).flatMap({ Double($0) }), known.isFinite { return Value(known) }
    case .text:
      if case .text(let text) = node.form { return heap.makeText(text) }
    case .quantity(let dimension):
      if let amount = amount(node, dimension, place) { return Value(amount) }
    case .enumeration(let id): return try enumeration(node, id, place)
    case .entity(let kind): return try entity(node, kind, place)
    case .list(let element): return heap.makeList(try elements(node, element, type, place))
    case .set(let element):
      let all = try elements(node, element, type, place)
      let set = heap.makeSet(all, of: element)
      if heap.count(set) != all.count {
        throw EvaluationError(.repeatedInData(place, what: "an element of this set"))
      }
      return set
    case .map(let key, let mapped): return try map(node, key, mapped, type, place)
    case .tuple(let members): return try tuple(node, members, type, place)
    case .anonymous(let members): return try anonymous(node, members, type, place)
    case .record(let id): return try record(node, id, place)
    case .range(let bound): if let range = try range(node, bound, place) { return range }
    case .function, .rule, .solution, .never, .nothing, .error: break
    }
    throw EvaluationError(.wrongData(place, wanted: wanted(type), found: Self.found(node)))
  }

  // MARK: Scalars

  private func number(_ node: DataNode, _ place: DataPlace) -> String? {
    switch node.form {
    case .number(let digits): digits
    case .text(let text) where place.isUntyped: text.filter { $0 != "_" }
    default: nil
    }
  }

  private func amount(_ node: DataNode, _ dimension: Dimension, _ place: DataPlace) -> Rational? {
    switch node.form {
    case .number(let digits): dimension.isNone ? Self.rational(digits[...]) : nil
    case .text(let text): Self.amount(text, dimension, world.program.units)
    default: nil
    }
  }

  /// `64 GiB`, `1.5 GHz`, `80 %`, `1/3`.
  static func amount(_ text: String, _ dimension: Dimension, _ units: UnitTable) -> Rational? {
    let bytes = Array(text.utf8)
    var end = 0
    if end < bytes.count, bytes[end] == 0x2D { end += 1 }
    while end < bytes.count, (0x30...0x39).contains(bytes[end]) || bytes[end] == 0x2E || bytes[end] == 0x5F {
      end += 1
    }
    guard let number = rational(Substring(decoding: bytes[..<end], as: UTF8.self)) else { return nil }
    var start = end
    while start < bytes.count, bytes[start] == 0x20 { start += 1 }
    let rest = String(decoding: bytes[start...], as: UTF8.self)
    if rest.isEmpty { return dimension.isNone ? number : nil }
    if dimension.isNone, rest.utf8.first == UInt8(ascii: "/"), let below = rational(rest.dropFirst()) {
      return number.divided(by: below)
    }
    if rest == "%", dimension.isNone { return number.divided(by: Rational(100)) }
    guard let unit = units.unit(written: rest), unit.dimension == dimension else { return nil }
    return number.multiplied(by: unit.factor)
  }

  private static func rational(_ text: Substring) -> Rational? {
    if text.utf8.first == UInt8(ascii: "-") { return Rational(decimal: text.dropFirst())?.negated() }
    return Rational(decimal: text)
  }

  // MARK: Enumerations, entities

  private func enumeration(_ node: DataNode, _ id: EnumID, _ place: DataPlace) throws(EvaluationError)
    -> Value
  {
    let declaration = world.program[id]
    switch node.form {
    case .text(let text):
      guard let call = CallText(text) else { break }
      let number = try caseNumber(call.name, id, place)
      if declaration.cases[number].members.isEmpty, call.arguments.isEmpty {
        return heap.makeCase(number, payload: [], of: id)
      }
      let members = call.arguments.map {
        (key: $0.label ?? "", value: DataNode(.text($0.text), line: node.line))
      }
      return heap.makeCase(
        number, payload: try payload(members, declaration.cases[number], place.untyped), of: id)
    case .object(let members):
      guard members.count == 1, let only = members.first else { break }
      let number = try caseNumber(only.key, id, place)
      let inner = place.member(only.key, line: only.value.line)
      let each = declaration.cases[number]
      if case .object(let payload) = only.value.form {
        return heap.makeCase(number, payload: try self.payload(payload, each, inner), of: id)
      }
      if each.members.count == 1 {
        let value = try value(only.value, each.members[0].type, inner)
        return heap.makeCase(number, payload: [value], of: id)
      }
      throw EvaluationError(
        .wrongData(
          inner, wanted: "an object with the members of '\(only.key)'", found: Self.found(only.value)))
    default: break
    }
    throw EvaluationError(.wrongData(place, wanted: wanted(.enumeration(id)), found: Self.found(node)))
  }

  private func caseNumber(_ name: String, _ id: EnumID, _ place: DataPlace) throws(EvaluationError) -> Int {
    let declaration = world.program[id]
    if let number = declaration.cases.firstIndex(where: { $0.name == name }) { return number }
    throw EvaluationError(
      .unknownKey(
        place, key: name, of: declaration.name,
        nearest: nearestName(to: name, among: declaration.cases.map(\.name))))
  }

  private func payload(
    _ given: [(key: String, value: DataNode)], _ each: EnumDeclaration.Case, _ place: DataPlace
  ) throws(EvaluationError) -> [Value] {
    var values: [Value] = []
    for (index, member) in each.members.enumerated() {
      let node =
        given.first { $0.key == member.label }
        ?? (given.indices.contains(index) && given[index].key.isEmpty ? given[index] : nil)
      if let node {
        values.append(try value(node.value, member.type, place.member(member.label, line: node.value.line)))
      } else if member.type.isOptional {
        values.append(.none)
      } else {
        throw EvaluationError(
          .missingKey(place, key: member.label, type: world.program.describe(member.type)))
      }
    }
    for (key, node) in given where !key.isEmpty && !each.members.contains(where: { $0.label == key }) {
      throw EvaluationError(
        .unknownKey(
          place.member(key, line: node.line), key: key, of: each.name,
          nearest: nearestName(to: key, among: each.members.map(\.label))))
    }
    if given.count > each.members.count {
      throw EvaluationError(
        .wrongData(place, wanted: "\(each.members.count) members", found: "\(given.count)"))
    }
    return values
  }

  private func entity(_ node: DataNode, _ kind: KindID, _ place: DataPlace) throws(EvaluationError) -> Value {
    guard case .text(let name) = node.form else {
      throw EvaluationError(.wrongData(place, wanted: wanted(.entity(kind)), found: Self.found(node)))
    }
    if let found = find(name, kind) { return Value(found) }
    world.resolveParents()
    if let found = find(name, kind) { return Value(found) }
    let same = world.store.allNamed(name, kind: kind)
    if same.count > 1 {
      let paths = same.map { world.path(of: $0) }.joined(separator: ", ")
      throw EvaluationError(
        .wrongData(
          place, wanted: "one \(world.program[kind].name)", found: "'\(name)', which may be \(paths)"))
    }
    throw EvaluationError(
      .unknownEntity(
        place, name: name, kind: world.program[kind].name,
        nearest: nearestName(to: name, among: world.entities(of: kind).map { world.name(of: $0) })))
  }

  /// By its name, or by names from an ancestor down, with points between.
  private func find(_ name: String, _ kind: KindID) -> EntityID? {
    if let found = world.find(kind, name) { return found }
    guard let parentKind = world.program[kind].parent else { return nil }
    let bytes = Array(name.utf8)
    for point in bytes.indices.reversed() where bytes[point] == UInt8(ascii: ".") {
      let above = String(decoding: bytes[..<point], as: UTF8.self)
      let last = String(decoding: bytes[(point + 1)...], as: UTF8.self)
      if let parent = find(above, parentKind), let found = world.find(kind, last, parent: parent) {
        return found
      }
    }
    return nil
  }

  // MARK: Collections

  private func elements(
    _ node: DataNode, _ element: Type, _ type: Type, _ place: DataPlace
  ) throws(EvaluationError) -> [Value] {
    var nodes: [DataNode]
    switch node.form {
    case .list(let all): nodes = all
    case .text(let text) where place.isUntyped:
      nodes =
        text.utf8.isEmpty ? [] : CallText.split(text, at: ";").map { DataNode(.text($0), line: node.line) }
    default: throw EvaluationError(.wrongData(place, wanted: wanted(type), found: Self.found(node)))
    }
    var values: [Value] = []
    var mistakes: [Diagnostic] = []
    for (index, each) in nodes.enumerated() {
      do throws(EvaluationError) {
        values.append(try value(each, element, place.element(index, line: each.line)))
      } catch { try world.collect(error, into: &mistakes) }
    }
    if !mistakes.isEmpty { throw .mistakes(mistakes) }
    return values
  }

  private func map(
    _ node: DataNode, _ key: Type, _ mapped: Type, _ type: Type, _ place: DataPlace
  ) throws(EvaluationError) -> Value {
    var keys: [Value] = []
    var values: [Value] = []
    switch node.form {
    case .object(let members):
      for member in members {
        let inner = place.member(member.key, line: member.value.line)
        keys.append(try value(DataNode(.text(member.key), line: member.value.line), key, inner.untyped))
        values.append(try value(member.value, mapped, inner))
      }
    case .list(let pairs):
      for (index, pair) in pairs.enumerated() {
        let inner = place.element(index, line: pair.line)
        let both = try tuple(pair, [key, mapped], .tuple([key, mapped]), inner)
        keys.append(heap.element(both, 0))
        values.append(heap.element(both, 1))
      }
    default: throw EvaluationError(.wrongData(place, wanted: wanted(type), found: Self.found(node)))
    }
    guard let map = heap.makeMap(keys, values, key: key) else {
      throw EvaluationError(.repeatedInData(place, what: "a key of this map"))
    }
    return map
  }

  private func tuple(
    _ node: DataNode, _ members: [Type], _ type: Type, _ place: DataPlace
  ) throws(EvaluationError) -> Value {
    guard case .list(let nodes) = node.form, nodes.count == members.count else {
      throw EvaluationError(.wrongData(place, wanted: wanted(type), found: Self.found(node)))
    }
    var values: [Value] = []
    for (index, member) in members.enumerated() {
      values.append(try value(nodes[index], member, place.element(index, line: nodes[index].line)))
    }
    return heap.makeList(values)
  }

  private func range(_ node: DataNode, _ bound: Type, _ place: DataPlace) throws(EvaluationError) -> Value? {
    guard case .text(let text) = node.form else { return nil }
    let bytes = Array(text.utf8)
    guard let dots = bytes.indices.dropLast().first(where: { bytes[$0] == 0x2E && bytes[$0 + 1] == 0x2E })
    else { return nil }
    let isOpen = dots + 2 < bytes.count && bytes[dots + 2] == UInt8(ascii: "<")
    func end(_ slice: ArraySlice<UInt8>) throws(EvaluationError) -> Value {
      let text = CallText.trimmed(String(decoding: slice, as: UTF8.self))
      return try value(DataNode(.text(text), line: node.line), bound, place.untyped)
    }
    return heap.makeRange(
      try end(bytes[..<dots]), try end(bytes[(dots + (isOpen ? 3 : 2))...]), includesEnd: !isOpen)
  }

  // MARK: Records

  private func anonymous(
    _ node: DataNode, _ members: [Type.Labelled], _ type: Type, _ place: DataPlace
  ) throws(EvaluationError) -> Value {
    guard case .object(let given) = node.form else {
      throw EvaluationError(.wrongData(place, wanted: wanted(type), found: Self.found(node)))
    }
    let each = EnumDeclaration.Case(name: "the record", members: members, doc: nil)
    return heap.makeList(try payload(given, each, place))
  }

  private func record(_ node: DataNode, _ id: RecordID, _ place: DataPlace) throws(EvaluationError) -> Value {
    let declaration = world.program[id]
    guard case .object(let given) = node.form else {
      throw EvaluationError(.wrongData(place, wanted: wanted(.record(id)), found: Self.found(node)))
    }
    var mistakes: [Diagnostic] = []
    if !declaration.isOpen {
      for (key, node) in given where !declaration.fields.contains(where: { $0.name == key }) {
        mistakes.append(
          .unknownKey(
            place.member(key, line: node.line), key: key, of: declaration.name,
            nearest: nearestName(to: key, among: declaration.fields.map(\.name))))
      }
    }
    var values: [Value] = []
    for field in declaration.fields {
      do throws(EvaluationError) {
        values.append(try member(field, given, place))
      } catch {
        values.append(.none)
        try world.collect(error, into: &mistakes)
      }
    }
    if !mistakes.isEmpty { throw .mistakes(mistakes) }
    let result = heap.makeList(values)
    for (index, field) in declaration.fields.enumerated() {
      try check(field, values[index], of: result, place.member(field.name, line: place.line))
    }
    return result
  }

  private func member(
    _ field: FieldDeclaration, _ given: [(key: String, value: DataNode)], _ place: DataPlace
  ) throws(EvaluationError) -> Value {
    if let node = given.first(where: { $0.key == field.name })?.value {
      if !(place.isUntyped && node.isEmptyText && (field.type.isOptional || field.hasDefault)) {
        return try value(node, field.type, place.member(field.name, line: node.line))
      }
    }
    if case .given(let body, _) = field.form, let body {
      return try world.evaluate(body.expression, frame: [])
    }
    if field.type.isOptional { return .none }
    throw EvaluationError(.missingKey(place, key: field.name, type: world.program.describe(field.type)))
  }

  private func check(
    _ field: FieldDeclaration, _ value: Value, of record: Value, _ place: DataPlace
  ) throws(EvaluationError) {
    if value.isNone { return }
    if let within = field.within {
      let allowed = try world.evaluate(within.expression, frame: [record, value])
      if !world.contains(allowed, type: within.expression.type, value, field.type.unwrapped) {
        throw notAllowed(field, value, within.expression.range, place)
      }
    }
    if case .given(_, let condition) = field.form, let condition,
      try !world.evaluate(condition.expression, frame: [record, value]).bool
    {
      throw notAllowed(field, value, condition.expression.range, place)
    }
  }

  private func notAllowed(
    _ field: FieldDeclaration, _ value: Value, _ condition: SourceRange, _ place: DataPlace
  ) -> EvaluationError {
    EvaluationError(
      .conditionNotMetByData(
        place, field: field.name, value: heap.describe(value, type: field.type), condition: condition))
  }

  // MARK: Words

  private func wanted(_ type: Type) -> String {
    switch type {
    case .quantity(let dimension) where !dimension.isNone:
      "an amount of \(world.program.describe(type)) with its unit"
    case .entity(let kind): "the name of a \(world.program[kind].name)"
    case .enumeration(let id):
      "a case of \(world.program[id].name) (\(world.program[id].cases.map(\.name).joined(separator: ", ")))"
    case .record(let id): "an object for \(world.program[id].name)"
    case .list, .set: "a list for \(world.program.describe(type))"
    default: world.program.describe(type)
    }
  }

  static func found(_ node: DataNode) -> String {
    switch node.form {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let digits): "the number \(digits)"
    case .text(let text): "the text \(Heap.quoted(text))"
    case .list(let all): "a list of \(all.count)"
    case .object: "an object"
    }
  }
}

extension FieldDeclaration {
  var hasDefault: Bool { if case .given(.some, _) = form { true } else { false } }
}

extension DataNode {
  var isEmptyText: Bool { if case .text("") = form { true } else { false } }
}

extension DataPlace {
  /// Whether everything is text here: CSV, `--set`, arguments inside a text.
  var isUntyped: Bool { file.isUntyped }
  var untyped: DataPlace {
    var place = self
    place.file.isUntyped = true
    return place
  }
}

/// `sriov(ports: 2, rate: 25 Gbps)` in a text.
struct CallText {
  var name: String
  var arguments: [(label: String?, text: String)] = []

  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard let open = bytes.firstIndex(of: UInt8(ascii: "(")) else {
      name = Self.trimmed(text)
      return
    }
    guard bytes.last == UInt8(ascii: ")") else { return nil }
    name = Self.trimmed(String(decoding: bytes[..<open], as: UTF8.self))
    let inside = String(decoding: bytes[(open + 1)..<(bytes.count - 1)], as: UTF8.self)
    if Self.trimmed(inside).isEmpty { return }
    for part in Self.split(inside, at: ",") {
      let pieces = Self.split(part, at: ":")
      if pieces.count == 2 {
        arguments.append((pieces[0], pieces[1]))
      } else {
        arguments.append((nil, part))
      }
    }
  }

  /// At a separator outside of brackets, without blanks around the parts.
  static func split(_ text: String, at separator: Unicode.Scalar) -> [String] {
    var parts: [String] = []
    var part = ""
    var depth = 0
    for scalar in text.unicodeScalars {
      if scalar == "(" || scalar == "[" { depth += 1 }
      if scalar == ")" || scalar == "]" { depth -= 1 }
      if scalar == separator, depth == 0 {
        parts.append(trimmed(part))
        part = ""
      } else {
        part.unicodeScalars.append(scalar)
      }
    }
    return parts + [trimmed(part)]
  }

  static func trimmed(_ text: String) -> String {
    var slice = Substring(text)
    while slice.first == " " { slice.removeFirst() }
    while slice.last == " " { slice.removeLast() }
    return String(slice)
  }
}
