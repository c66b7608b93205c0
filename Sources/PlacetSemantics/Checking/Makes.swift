import Diagnostics
import PlacetSyntax

/// `host h1 { … }`: entities and what they are given.
extension TypeChecker {
  /// What encloses a nested make.
  struct Owner {
    var kind: KindID
    var local: LocalID
    var entity: StaticEntity?
  }

  func checkMake(_ item: MakeStatement, nested owner: Owner?) -> TypedMake? {
    guard let kind = kind(named: item.kind) else {
      return nil
    }
    guard isPlaced(kind, in: owner, item) else { return nil }
    return inScope {
      let naming = checkNaming(item, kind)
      let slot = frame.addSlot(item.kind.text, .entity(kind))
      let entity = staticEntity(item)
      frame.makes.append((kind, slot, entity))
      defer { frame.makes.removeLast() }
      var given: Set<Int> = []
      if case .ends(_, let field)? = naming { given.insert(field) }
      let body = checkParts(item.body, of: Owner(kind: kind, local: slot, entity: entity), &given)
      judgeMissing(given, of: kind, item, hasParent: owner != nil)
      guard let naming else { return nil }
      return TypedMake(
        kind: kind, naming: naming, owner: slot, parent: owner?.local, body: body, range: item.range)
    }
  }

  private func isPlaced(_ kind: KindID, in owner: Owner?, _ item: MakeStatement) -> Bool {
    guard let owner else { return true }
    if program[kind].parent == owner.kind { return true }
    let help =
      program[kind].parent.map { "\(article(kind)) stands in \(article($0))" }
      ?? "\(article(kind)) stands by itself"
    report(
      .wrongParent("\(article(kind)) cannot stand in \(article(owner.kind))", at: item.kind.range, help: help)
    )
    return false
  }

  private func staticEntity(_ item: MakeStatement) -> StaticEntity? {
    guard case .name(let name) = item.subject else { return nil }
    return staticEntities[name.range]
  }

  private func checkNaming(_ item: MakeStatement, _ kind: KindID) -> TypedMake.Naming? {
    switch item.subject {
    case .name(let name): return .text(textNode(name.text, name.range), hasSpan: false)
    case .text(let expression):
      let name = check(expression, as: .text)
      if name.isDecided, frame.place != .test {
        report(.decidedWhereKnown("the name of an entity", name.decidedBy, at: name.range))
      }
      return .text(name, hasSpan: hasSpan(in: expression))
    case .ends(let names):
      guard let field = program[kind].fieldIndex("ends"),
        case .list(let type) = program[kind].fields[field].type
      else {
        report(
          .outOfPlace(
            "\(article(kind)) has no ends", at: item.kind.range,
            help: "'->' fills the field `ends: […]` of a kind"))
        return nil
      }
      let ends = names.map { check(self.expression(of: $0), as: type) }
      return .ends(ends, field: field)
    }
  }

  private func hasSpan(in expression: Expression) -> Bool {
    guard case .text(let segments, _) = expression else { return false }
    return segments.contains { segment in
      if case .literal(let text) = segment { return hasSpan(text) }
      return false
    }
  }

  // MARK: Parts

  private func checkParts(_ parts: [MakePart], of owner: Owner, _ given: inout Set<Int>) -> [TypedStatement] {
    var statements: [TypedStatement] = []
    for part in parts {
      if let statement = checkPart(part, of: owner, &given) { statements.append(statement) }
    }
    return statements
  }

  private func checkPart(_ part: MakePart, of owner: Owner, _ given: inout Set<Int>) -> TypedStatement? {
    switch part {
    case .field(let name, let value): return checkField(name, value, of: owner, &given)
    case .make(let item): return checkMake(item, nested: owner).map { .make($0) }
    case .letBinding(let item):
      let (target, value) = checkLet(item)
      return .bind(target, value)
    case .forEach(let sources, let body, let range):
      var inner = given
      let statement: TypedStatement = inScope {
        let sources = checkSources(sources, .making)
        return .forEach(sources, checkParts(body, of: owner, &inner), range: range)
      }
      return statement
    case .ifElse(let condition, let yes, let no, let range):
      let condition = check(condition, as: .bool)
      guardMaking(condition)
      var (inYes, inNo) = (given, given)
      let yes = inScope {
        frame.narrowed.formUnion(pathsPresent(condition, when: true))
        return checkParts(yes, of: owner, &inYes)
      }
      let no = inScope {
        frame.narrowed.formUnion(pathsPresent(condition, when: false))
        return checkParts(no ?? [], of: owner, &inNo)
      }
      given.formUnion(inYes.intersection(inNo))
      return .ifElse(condition, then: yes, otherwise: no, range: range)
    case .invalid: return nil
    }
  }

  private func checkField(
    _ name: Name, _ value: Expression, of owner: Owner, _ given: inout Set<Int>
  ) -> TypedStatement? {
    let kind = program[owner.kind]
    guard let index = kind.fieldIndex(name.text) else {
      report(.unknownMember(name, of: article(owner.kind), known: kind.fields.map(\.name)))
      _ = infer(value)
      return nil
    }
    if !given.insert(index).inserted { report(.declaredTwice(name, what: "field", first: nil)) }
    guard isGiven(owner.kind, index, name) else { return nil }
    let field = kind.fields[index]
    let typed = check(value, as: field.type, because: .init(field.range, ""))
    if typed.isDecided, frame.place != .test {
      report(.decidedWhereKnown("what \(article(owner.kind)) is given", typed.decidedBy, at: typed.range))
    }
    return .setField(owner: owner.local, field: index, typed, range: name.range.through(value.range))
  }

  /// Whether a field may be given a value; reports why not.
  func isGiven(_ kind: KindID, _ index: Int, _ name: Name) -> Bool {
    guard let syntax = fieldSyntax[kind]?[index].syntax else {
      switch program[kind].fields[index].form {
      case .parent: return true
      case .children:
        report(.notGiven(name, why: "what is made inside", help: "make them in the braces"))
      default:
        report(.notGiven(name, why: "the name", help: "the name stands before the brace"))
      }
      return false
    }
    switch syntax.form {
    case .given: return true
    case .derived:
      report(
        .notGiven(name, why: "derived", help: "`\(name.text): … = …` would be a default")
      )
    case .decision:
      report(.notGiven(name, why: "decided", help: "`require` it in a rule"))
    }
    return false
  }

  private func judgeMissing(_ given: Set<Int>, of kind: KindID, _ item: MakeStatement, hasParent: Bool) {
    var missing: [String] = []
    for (index, field) in program[kind].fields.enumerated() where !given.contains(index) {
      if case .parent(let parent) = field.form, !hasParent {
        report(
          .wrongParent(
            "\(article(kind)) stands in \(article(parent))", at: item.kind.range,
            help: "make it inside of one, or give `\(field.name): …`"))
      }
      guard let syntax = fieldSyntax[kind]?[index].syntax, case .given(_, _, nil) = syntax.form,
        !field.type.isOptional, field.type != .error
      else { continue }
      missing.append(field.name)
    }
    guard !missing.isEmpty, !hasBrokenPart(item.body) else { return }
    report(.missingFields(missing, of: "\(article(kind))", at: item.kind.range))
  }

  private func hasBrokenPart(_ parts: [MakePart]) -> Bool {
    parts.contains { if case .invalid = $0 { true } else { false } }
  }
}
