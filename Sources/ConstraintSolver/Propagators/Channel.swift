/// `enforcement → column[many] == one`: a decision whose candidates lie in candidates of another, as cells lie
/// in hosts, for decisions too large to name every candidate.
///
/// What one of them is fixed to confines the other; what is lost without that is looked at when fixed.
struct Channel: BitwiseCopyable {
  var enforcement: Lit
  var many: Int
  var one: Int
  /// Where in `columnValues`, for each candidate of `many`, the candidate of `one` begins, or -1.
  var column: Int
  /// Where in `columnValues`, for each candidate of `one` and one more, the start of its list begins.
  var starts: Int
  /// Where the lists of candidates of `many` begin.
  var lists: Int
  var isQueued = false
}

extension Kernel {
  mutating func addChannel(_ channel: Channel) {
    let owner = channels.count
    channels.append(channel)
    let fixed = Subscription(target: .channel, owner: Int32(owner), a: 0, b: 0)
    domains.base[channel.many].subscribe(fixed)
    domains.base[channel.one].subscribe(fixed)
    domains.base[channel.many].add(channel: owner)
    domains.base[channel.one].add(channel: owner)
    subscribe(channel.enforcement, fixed)
    scheduleChannel(owner)
  }

  @inline(__always)
  mutating func scheduleChannel(_ owner: Int) {
    let channel = channels.base + owner
    if channel.pointee.isQueued || isFalse(channel.pointee.enforcement) { return }
    channel.pointee.isQueued = true
    channelQueue.append(owner)
  }

  mutating func propagateChannel(_ owner: Int) -> Bool {
    let channel = channels[owner]
    if isFalse(channel.enforcement) { return true }
    if domains[channel.one].fixed >= 0, !confineMany(channel, Int(domains[channel.one].fixed)) {
      return false
    }
    if domains[channel.many].fixed >= 0, !confineOne(channel, Int(domains[channel.many].fixed)) {
      return false
    }
    return true
  }

  /// `one` is fixed: `many` lies in its list.
  private mutating func confineMany(_ channel: Channel, _ fixed: Int) -> Bool {
    let decision = channel.many
    let first = columnValues[channel.starts + fixed]
    let last = columnValues[channel.starts + fixed + 1]
    var inside = 0
    for index in first..<last where contains(decision, columnValues[channel.lists + index]) { inside += 1 }
    if inside == domains[decision].size { return true }
    let cause = valueLiteral(channel.one, fixed)
    if inside > 0 {
      guard isTrue(channel.enforcement) else { return true }
      loadMask(decision, list: channel.lists + first..<channel.lists + last)
      return follow(channel.enforcement, cause, lazyMaskLiteral(decision))
    }
    let start = explanation.count
    for index in first..<last { explainLoss(ofCandidate: columnValues[channel.lists + index], decision) }
    return refuse(channel.enforcement, cause, from: start)
  }

  /// `many` is fixed: `one` is where it lies.
  private mutating func confineOne(_ channel: Channel, _ fixed: Int) -> Bool {
    let target = columnValues[channel.column + fixed]
    if domains[channel.one].fixed >= 0 && Int(domains[channel.one].fixed) == target { return true }
    let cause = valueLiteral(channel.many, fixed)
    if target >= 0 && contains(channel.one, target) {
      guard isTrue(channel.enforcement) else { return true }
      return follow(channel.enforcement, cause, valueLiteral(channel.one, target))
    }
    let start = explanation.count
    if target >= 0 { explainLoss(ofCandidate: target, channel.one) }
    return refuse(channel.enforcement, cause, from: start)
  }
}
