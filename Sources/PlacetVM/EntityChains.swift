import PlacetSemantics

/// Entities that have the same value in a decided field, in their order: what `for each v where v.host == h` runs
/// through, so that a rule about each host need not ask all functions.
///
/// Made when first asked for, and again after decisions have changed. While some entity has no value there, one chain
/// has all of the kind: whoever runs through it still asks the whole condition.
final class EntityChains {
  private let program: TypedProgram
  private let store: EntityStore
  private var chains: [Int: Chain] = [:]
  /// By column, the entity that follows each, or -1; what the machine steps along.
  let next: UnsafeMutablePointer<UnsafeMutablePointer<Int32>?>

  private struct Chain {
    /// By the entity that is the value.
    var first: [Int32]
    var count: Int
  }

  init(program: TypedProgram, store: EntityStore) {
    self.program = program
    self.store = store
    next = .allocate(capacity: max(store.columnCount, 1))
    next.initialize(repeating: nil, count: max(store.columnCount, 1))
  }

  deinit {
    forget()
    next.deallocate()
  }

  /// Decisions have changed.
  func forget() {
    for column in chains.keys {
      next[column]?.deallocate()
      next[column] = nil
    }
    chains = [:]
  }

  /// The first entity whose field is this entity, or -1.
  func first(column: Int, owner kind: Int, value: EntityID) -> Int32 {
    let (count, values) = (store.counts[kind], store.counts[Int(value.kind)])
    if let chain = chains[column], chain.count == count, chain.first.count == values {
      return chain.first[Int(value.index)]
    }
    let chain = make(column, count: count, values: values)
    chains[column] = chain
    return chain.first[Int(value.index)]
  }

  private func make(_ column: Int, count: Int, values: Int) -> Chain {
    next[column]?.deallocate()
    let links = UnsafeMutablePointer<Int32>.allocate(capacity: max(count, 1))
    links.initialize(repeating: -1, count: max(count, 1))
    next[column] = links
    let slots = store.columns[column]
    var first = [Int32](repeating: -1, count: values)
    for index in (0..<count).reversed() {
      let value = slots[index]
      if value.isWaiting || value.isNone {
        for index in 0..<count { links[index] = index + 1 < count ? Int32(index + 1) : -1 }
        return Chain(first: Array(repeating: count > 0 ? 0 : -1, count: values), count: count)
      }
      let place = Int(value.entity.index)
      links[index] = first[place]
      first[place] = Int32(index)
    }
    return Chain(first: first, count: count)
  }
}
