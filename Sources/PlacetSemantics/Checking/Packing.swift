import Diagnostics
import PlacetSyntax

/// `pack` and `path`: constraints over many decisions, rewritten here to the aggregates that say the same.
///
/// The machine and the stater thereby know them already: what falls into one bin is recognised as a packing, and
/// the look-ups along a path are a sum of tables.
extension TypeChecker {
  // MARK: Path

  /// `path(xs, along: f)`: the sum of `f(a, b)` over each two neighbours of xs.
  func path(_ given: [Given], _ range: SourceRange) -> TypedExpression {
    let xs = value(given[0], range)
    guard case .list(let element) = xs.type else { return wrong("path", xs, range) }
    return inScope {
      let slots = [frame.addSlot("_", element), frame.addSlot("_", element)]
      let length = applied(given[1], to: slots, element, by: raisesDecided ? xs.decidedBy : [], range)
      let steps = node(.native(.steps, [xs]), .list(.tuple([element, element])), xs.range, [xs])
      let source = TypedSource(
        form: .elements(steps), target: .tuple(slots.map { .local($0) }), condition: nil, range: xs.range)
      return aggregateNode(.sum, length, [source], range)
    }
  }

  // MARK: Pack

  /// `pack(items, into: bins, at: i => …, size: i => …, room: b => …)`: every item lies in one of the bins, and
  /// in each bin, in each dimension, what lies in it fits.
  func pack(_ given: [Given], _ range: SourceRange) -> TypedExpression {
    let items = value(given[0], range)
    let bins = value(given[1], range)
    if items.type == .error || bins.type == .error { return failed(range) }
    guard let item = elementType(of: items), let bin = elementType(of: bins) else { return failed(range) }
    for (part, what) in [(items, "what is packed"), (bins, "what is packed into")]
    where part.isDecided && raisesDecided {
      if what == "what is packed", !hasDecidedShape(part) { continue }
      report(.decidedWhereKnown(what, part.decidedBy, at: part.range))
      return failed(range)
    }
    return inScope {
      let (allItems, itemsSource) = once(items)
      let (allBins, binsSource) = once(bins)
      let itemSlot = frame.addSlot("_", item)
      let binSlot = frame.addSlot("_", bin)
      let by = raisesDecided ? items.decidedBy : []
      let place = applied(given[2], to: [itemSlot], item, by: by, range)
      let size = applied(given[3], to: [itemSlot], item, by: by, range)
      let room = applied(given[4], to: [binSlot], bin, by: [], range)
      if place.type == .error || size.type == .error || room.type == .error { return failed(range) }
      guard place.type.unwrapped == bin else {
        return failed(
          .mismatch(expected: describe(bin), found: describe(place.type), at: place.range, because: nil),
          range)
      }
      let own = localNode(binSlot, bin, bins.range)
      let here = place.type.isOptional ? node(.some(own), place.type, bins.range, [own]) : own
      let isHere = node(.binary(.equal, place, here), .bool, place.range, [place, here])
      let eachItem = TypedSource(
        form: .elements(allItems), target: .local(itemSlot), condition: isHere, range: items.range)
      let eachBin = TypedSource(
        form: .elements(allBins), target: .local(binSlot), condition: nil, range: bins.range)
      guard let fits = dimensions(size, room, eachItem) else { return failed(range) }
      var all = aggregateNode(.all, fits, [eachBin], range)
      if let inside = inside(place, allBins, bins) {
        let anywhere = TypedSource(
          form: .elements(allItems), target: .local(itemSlot), condition: nil, range: items.range)
        let each = aggregateNode(.all, inside, [anywhere], range)
        all = node(.binary(.and, each, all), .bool, range, [each, all])
      }
      return aggregateNode(.all, all, [itemsSource, binsSource], range)
    }
  }

  /// A slot that holds the collection, so that it is computed once however often it is gone through.
  private func once(_ collection: TypedExpression) -> (TypedExpression, TypedSource) {
    let slot = frame.addSlot("_", collection.type)
    let list = node(.list([collection]), .list(collection.type), collection.range, [collection])
    return (
      localNode(slot, collection.type, collection.range, by: raisesDecided ? collection.decidedBy : []),
      TypedSource(form: .elements(list), target: .local(slot), condition: nil, range: collection.range)
    )
  }

  /// That an item lies in one of the bins at all; nil where its type says so.
  private func inside(
    _ place: TypedExpression, _ allBins: TypedExpression, _ bins: TypedExpression
  ) -> TypedExpression? {
    if !place.type.isOptional {
      if case .allOf = bins.form { return nil }
      return node(.binary(.isIn, place, allBins), .bool, place.range, [place, allBins])
    }
    let none = node(.none, place.type, place.range)
    let isThere = node(.binary(.notEqual, place, none), .bool, place.range, [place])
    let there = node(.unwrapped(place), place.type.unwrapped, place.range, [place])
    let isOne = node(.binary(.isIn, there, allBins), .bool, place.range, [there, allBins])
    return node(.binary(.and, isThere, isOne), .bool, place.range, [isThere, isOne])
  }

  /// In each dimension what the items of one bin need is no more than its room; nil where it was reported why
  /// that cannot be said.
  private func dimensions(
    _ size: TypedExpression, _ room: TypedExpression, _ eachItem: TypedSource
  ) -> TypedExpression? {
    let sizes = parts(of: size)
    let rooms = parts(of: room)
    guard sizes.count == rooms.count else {
      report(
        .wrongArgument(
          "the items have \(Self.dimensions(sizes.count)), the bins \(Self.dimensions(rooms.count))",
          at: room.range, "\(Self.dimensions(rooms.count))"))
      return nil
    }
    var fits: [TypedExpression] = []
    for (size, room) in zip(sizes, rooms) {
      for part in [size, room] where part.type.isOptional {
        report(optionalUsed(part, wanted: "an amount"))
        return nil
      }
      let (both, type) = unify([size, room], what: "the sizes")
      if type == .error { return nil }
      guard type.isNumber else {
        report(.wrongOperands("pack", describe(type), nil, at: size.range))
        return nil
      }
      let sum = aggregateNode(.sum, both[0], [eachItem], size.range)
      fits.append(node(.binary(.lessOrEqual, sum, both[1]), .bool, size.range, [sum, both[1]]))
    }
    return fits.dropFirst().reduce(fits.first) { all, next in
      all.map { node(.binary(.and, $0, next), .bool, size.range, [$0, next]) }
    }
  }

  private static func dimensions(_ count: Int) -> String { count == 1 ? "one size" : "\(count) sizes" }

  /// The members of a tuple, or the one value.
  private func parts(of e: TypedExpression) -> [TypedExpression] {
    if case .tuple(let members) = e.form { return members }
    guard case .tuple(let types) = e.type else { return [e] }
    return types.enumerated().map { node(.element(e, $0), $1, e.range, [e]) }
  }

  // MARK: Functions as arguments

  /// What a function says of slots: the body of one that is written out, with its parameters there, else a call.
  private func applied(
    _ given: Given, to slots: [LocalID], _ type: Type, by: [String], _ range: SourceRange
  ) -> TypedExpression {
    guard case .given(let function) = given else { return value(given, range) }
    if case .lambda(let parameters, let body, _) = function, parameters.count == slots.count {
      return inScope {
        for (name, slot) in zip(parameters, slots) where name.text != "_" {
          if let first = frame.local(name.text) { report(.shadowing(name, first: first.range)) }
          frame.scopes[frame.scopes.count - 1][name.text] = LocalBinding(
            id: slot, type: type, range: name.range, decidedBy: by)
        }
        return infer(body)
      }
    }
    let callee = infer(function, hint: .function(slots.map { _ in type }, .error))
    if callee.type == .error { return failed(callee.range) }
    guard case .function(let types, let result) = callee.type, types.count == slots.count else {
      return failed(
        .mismatch(
          expected: "a function of \(slots.count == 1 ? "one \(describe(type))" : "two \(describe(type))s")",
          found: describe(callee.type), at: callee.range, because: nil), callee.range)
    }
    let values = zip(slots, types).map { convert(localNode($0, type, callee.range, by: by), to: $1) }
    if case .lambda(let lambda) = callee.form, case .call(let id, let passed) = lambda.body.form,
      zip(passed, lambda.parameters).allSatisfy({ $0.form.isLocal($1) }), passed.count == values.count
    {
      return node(
        .call(id, values), result, callee.range, values,
        by: program[id].readsDecisions ? [written(callee.range)] : [])
    }
    return node(.callValue(callee, values), result, callee.range, [callee] + values)
  }
}

extension TypedExpression.Form {
  fileprivate func isLocal(_ id: LocalID) -> Bool {
    if case .local(id) = self { return true }
    return false
  }
}
