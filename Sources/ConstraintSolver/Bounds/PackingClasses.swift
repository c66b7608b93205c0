import ConstraintModel

/// Bins that nothing tells apart are one class, and only one bin of a class is looked at closely.
extension PackingReader {
  /// What items with the same takings take in bins with the same rows.
  private struct Takings: Hashable {
    var own: [Weight]
    var guests: [[Int]]
    var guestWeights: [[Weight]]
  }

  private struct ShapeKey: Hashable {
    var shape: Int
    var takings: Int
  }

  mutating func readClasses(_ openings: [Opening], _ itemCosts: [[ItemCost]]) {
    var prices = [Int](repeating: 0, count: binCount)
    for opening in openings where prices[opening.bin] == 0 && !isSpent.contains(opening.decision) {
      prices[opening.bin] = opening.cost
      isSpent.insert(opening.decision)
    }
    let rows = readRows()
    let (firsts, shapes) = findClasses(rows, prices, itemCosts)
    let (members, takingsOf, takings) = findKinds(itemCosts)
    var waysOf: [ShapeKey: [[Int]]] = [:]
    for (number, bin) in firsts.enumerated() {
      var made = BinClass(site: siteOfBin[bin], opening: prices[bin])
      let own = rows[bin]
      made.limits = own.map(\.limit)
      var kindNumbers: [[Int]: Int] = [:]
      var hits: [Sight: [(candidate: Int, row: Int, coefficient: Int)]] = [:]
      for (place, row) in own.enumerated() {
        let kind = kindNumbers[row.kind] ?? kindNumbers.count
        kindNumbers[row.kind] = kind
        made.kinds.append(kind)
        for hit in row.hits {
          for candidate in hit.candidates {
            hits[hit.sight, default: []].append((candidate, place, hit.coefficient))
          }
        }
      }
      let candidate = packing.candidateOfBin[bin]
      // One of each kind first: `mirror` asks all of them the same.
      for item in members {
        guard domains[packing.decisions[item]].contains(candidate) else {
          made.choices.append(nil)
          continue
        }
        let key = ShapeKey(shape: shapes[number], takings: takingsOf[item])
        let ways = waysOf[key] ?? ways(takings[takingsOf[item]], item, bin, made.limits, hits)
        waysOf[key] = ways
        made.choices.append(
          ways.isEmpty ? nil : .init(cost: cost(itemCosts[item], at: candidate), ways: ways))
      }
      made.mirror = Self.mirror(made)
      if let takeClass {
        takeClass(made, packing.bins[number].count)
        made.choices = []
      } else {
        let choices = made.choices
        made.choices = packing.kindOf.map { choices[$0] }
      }
      packing.classes.append(made)
    }
  }

  /// Items that may go to the same bins, cost the same there and take the same are of one kind. Gives the first item of
  /// each kind and what items take.
  private mutating func findKinds(
    _ itemCosts: [[ItemCost]]
  ) -> (members: [Int], takingsOf: [Int], takings: [Takings]) {
    struct Kind: Hashable {
      var domain: Bitset
      var takings: Int
      var costs: [ItemCost]
    }
    let weights = readWeights()
    var takingsNumbers: [Takings: Int] = [:]
    var takings: [Takings] = []
    var takingsOf: [Int] = []
    var kindNumbers: [Kind: Int] = [:]
    var members: [Int] = []
    packing.kindOf = []
    for item in 0..<packing.itemCount {
      let made = Takings(
        own: weights[packing.decisions[item]] ?? [],
        guests: guests[item].map { guest in
          // A guest that may not go everywhere is like no other.
          let isFree = domains[guest.decision].count == domains[guest.decision].memberCount
          return [guest.map, isFree ? -1 : guest.decision]
        },
        guestWeights: guests[item].map { weights[$0.decision] ?? [] })
      let number = takingsNumbers[made] ?? takings.count
      if number == takings.count {
        takingsNumbers[made] = number
        takings.append(made)
      }
      takingsOf.append(number)
      let kind = Kind(domain: domains[packing.decisions[item]], takings: number, costs: itemCosts[item])
      let known = kindNumbers[kind] ?? members.count
      if known == members.count {
        kindNumbers[kind] = known
        members.append(item)
      }
      packing.kindOf.append(known)
    }
    return (members, takingsOf, takings)
  }

  /// Everything that tells bins apart, written out. Gives the first bin of each class and which classes have the same
  /// rows; puts the bins of classes into the packing.
  private mutating func findClasses(
    _ rows: [[Row]], _ prices: [Int], _ itemCosts: [[ItemCost]]
  ) -> (firsts: [Int], shapes: [Int]) {
    var masks = Set<Bitset>()
    for decision in packing.decisions { masks.insert(domains[decision]) }
    var columns = Set<ColumnID>()
    for terms in itemCosts {
      for term in terms {
        if let column = term.column { columns.insert(column) }
        if let literal = term.mask { masks.insert(model[literal.mask]) }
      }
    }
    var guestMasks: [Int: Set<Bitset>] = [:]
    for list in guests {
      for guest in list where domains[guest.decision].members.count < domains[guest.decision].count {
        guestMasks[guest.map, default: []].insert(domains[guest.decision])
      }
    }
    // ORDER: within one reading sets keep theirs, and only equality of what is written matters.
    let (maskList, columnList) = (Array(masks), Array(columns))
    let guestList = guestMasks.map { (map: $0.key, masks: Array($0.value)) }
    var kindNumbers: [[Int]: Int] = [:]
    var sightNumbers: [Sight: Int] = [:]
    var shapeNumbers: [[Int]: Int] = [:]
    var classNumbers: [[Int]: Int] = [:]
    var firsts: [Int] = []
    var shapes: [Int] = []
    for bin in 0..<binCount where packing.candidateOfBin[bin] >= 0 {
      let candidate = packing.candidateOfBin[bin]
      var shape: [Int] = []
      for row in rows[bin] {
        let kind = kindNumbers[row.kind] ?? kindNumbers.count
        kindNumbers[row.kind] = kind
        shape += [kind, row.limit, row.hits.count]
        for hit in row.hits {
          let sight = sightNumbers[hit.sight] ?? sightNumbers.count
          sightNumbers[hit.sight] = sight
          shape += [sight, hit.candidates.count]
          if hit.sight.map >= 0 {
            let own = maps[hit.sight.map].candidates[bin]
            for candidate in hit.candidates { shape.append(own.firstIndex(of: candidate) ?? -1) }
          }
        }
      }
      for (map, masks) in guestList {
        for mask in masks {
          for guest in maps[map].candidates[bin] { shape.append(mask.contains(guest) ? 1 : 0) }
        }
      }
      for map in maps { shape.append(map.candidates[bin].count) }
      let shapeNumber = shapeNumbers[shape] ?? shapeNumbers.count
      shapeNumbers[shape] = shapeNumber
      var mark = [siteOfBin[bin], prices[bin], shapeNumber]
      var word = 0
      for (place, mask) in maskList.enumerated() {
        word = word << 1 | (mask.contains(candidate) ? 1 : 0)
        if place % 48 == 47 {
          mark.append(word)
          word = 0
        }
      }
      mark.append(word)
      for column in columnList { mark.append(model[column][candidate]) }
      if let known = classNumbers[mark] {
        packing.bins[known].append(bin)
      } else {
        classNumbers[mark] = firsts.count
        firsts.append(bin)
        shapes.append(shapeNumber)
        packing.bins.append([bin])
      }
    }
    return (firsts, shapes)
  }

  private func ways(
    _ takings: Takings, _ item: Int, _ bin: Int, _ limits: [Int],
    _ hits: [Sight: [(candidate: Int, row: Int, coefficient: Int)]]
  ) -> [[Int]] {
    let candidate = packing.candidateOfBin[bin]
    var base = [Int](repeating: 0, count: limits.count)
    func add(_ weights: [Weight], _ candidate: Int, _ way: inout [Int]) {
      for weight in weights {
        for hit in hits[weight.sight] ?? [] where hit.candidate == candidate {
          way[hit.row] += hit.coefficient * weight.weight
        }
      }
    }
    add(takings.own, candidate, &base)
    var ways = [base]
    for (place, guest) in guests[item].enumerated() {
      let options = maps[guest.map].candidates[bin].filter { domains[guest.decision].contains($0) }
      guard ways.count * options.count <= 64 else { continue }
      var next: [[Int]] = []
      for way in ways {
        for option in options {
          var more = way
          add(takings.guestWeights[place], option, &more)
          next.append(more)
        }
      }
      ways = next
    }
    return Self.undominated(ways.filter { way in zip(way, limits).allSatisfy { $0 <= $1 } })
  }
}
