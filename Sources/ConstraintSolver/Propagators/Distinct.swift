/// `enforcement → no two views have the same value`, for views too large to name every value.
///
/// What one view is fixed to, the others lose.
struct Distinct: BitwiseCopyable {
  var enforcement: Lit
  var views: Int
  var viewCount: Int
  var owner: Int32
  var isQueued = false
}

/// A view with its values numbered: `numbers[candidate]` or -1 for a value that does not count.
struct DistinctView: BitwiseCopyable {
  var decision: Int
  /// Begin of the numbers in `columnValues`.
  var numbers: Int
  /// Begin of the starts of each number's list in `columnValues`, and of the lists of candidates.
  var starts: Int
  var lists: Int
}

extension Kernel {
  mutating func addDistinct(_ views: [DistinctView], enforcement: Lit) {
    let owner = distincts.count
    distincts.append(
      Distinct(
        enforcement: enforcement, views: distinctViews.count, viewCount: views.count, owner: Int32(owner)))
    let fixed = Subscription(target: .distinct, owner: Int32(owner), a: 0, b: 0)
    for view in views {
      distinctViews.append(view)
      domains.base[view.decision].subscribe(fixed)
    }
    subscribe(enforcement, fixed)
    scheduleDistinct(owner)
  }

  @inline(__always)
  mutating func scheduleDistinct(_ owner: Int) {
    let distinct = distincts.base + owner
    if distinct.pointee.isQueued || isFalse(distinct.pointee.enforcement) { return }
    distinct.pointee.isQueued = true
    distinctQueue.append(owner)
  }

  mutating func propagateDistinct(_ owner: Int) -> Bool {
    let distinct = distincts[owner]
    for index in distinct.views..<distinct.views + distinct.viewCount {
      if head < trail.count { return true }
      if isFalse(distinct.enforcement) { return true }
      let fixed = domains[distinctViews[index].decision].fixed
      if fixed >= 0, !separate(distinct, index, Int(fixed)) { return false }
    }
    return true
  }

  private mutating func separate(_ distinct: Distinct, _ index: Int, _ fixed: Int) -> Bool {
    let number = columnValues[distinctViews[index].numbers + fixed]
    if number < 0 { return true }
    let cause = valueLiteral(distinctViews[index].decision, fixed)
    for other in distinct.views..<distinct.views + distinct.viewCount where other != index {
      let view = distinctViews[other]
      let first = columnValues[view.starts + number]
      let last = columnValues[view.starts + number + 1]
      var inside = 0
      for place in first..<last where contains(view.decision, columnValues[view.lists + place]) {
        inside += 1
      }
      if inside == 0 { continue }
      if inside == domains[view.decision].size {
        // Nothing but this value is left.
        let start = explanation.count
        loadLost(view.decision) { root, _ in root }
        for place in first..<last {
          let candidate = columnValues[view.lists + place]
          lostWords[candidate >> 6] &= ~(1 << UInt64(candidate & 63))
        }
        explainLost(view.decision, before: trail.count)
        return refuse(distinct.enforcement, cause, from: start)
      }
      guard isTrue(distinct.enforcement) else { continue }
      loadMask(view.decision, list: view.lists + first..<view.lists + last)
      if !follow(distinct.enforcement, cause, !lazyMaskLiteral(view.decision)) { return false }
      // The loss is taken in before anything else is said of the decision.
      scheduleDistinct(Int(distinct.owner))
      return true
    }
    return true
  }
}
