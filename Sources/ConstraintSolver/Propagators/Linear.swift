/// `enforcement → Σ chain <= upper`.
///
/// Every term of the model is a chain: a row of rising contributions, each but the first with the literal that
/// is true exactly when the contribution is at least that. A literal is a chain of two, a view one step for
/// each value of its column.
struct Linear: BitwiseCopyable {
  var enforcement: Lit
  var upper: Int
  /// Constant plus the current contributions; restored on backtracking.
  var lower: Int
  var chains: Int
  var chainCount: Int
  /// The longest chain, from its first to its last contribution.
  var widest: Int
  var isQueued = false
  /// Sums whose positive part it adds up too.
  var ramps = 0
  var rampCount = 0
  /// The ramp that it is inside of, or -1.
  var outer = -1
}

/// `factor · max(0, sum)` in a linear, where `child` follows the sum; for a negative factor it follows the sum's
/// negation, so that what rises there always raises the contribution.
struct Ramp: BitwiseCopyable {
  var child: Int32
  var parent: Int32 = -1
  var factor: Int
  /// Restored on backtracking.
  var contribution = 0

  init(child: Int32, factor: Int) {
    self.child = child
    self.factor = factor
  }

  /// What it adds at least where the child's sum is at least `lower`.
  @inline(__always)
  func contribution(_ lower: Int) -> Int {
    factor > 0 ? factor &* max(0, lower) : factor &* max(0, 0 &- lower)
  }

  /// The greatest sum of the child with which it adds no more than `allowed`, which is no less than what it adds now.
  func most(_ allowed: Int) -> Int {
    if factor > 0 { return allowed / factor }
    // factor · max(0, -sum) <= allowed
    return allowed >= 0 ? .max / 2 : -((-allowed + (-factor) - 1) / -factor)
  }
}

struct Chain: BitwiseCopyable {
  var steps: Int
  var stepCount: Int
  /// The step whose literal is known true; restored on backtracking.
  var current: Int
}

struct Step: BitwiseCopyable {
  var contribution: Int
  var literal: Lit
}

extension Kernel {
  /// Posts a linear at level 0; false means contradiction.
  @discardableResult
  mutating func addLinear(
    _ parts: [[Step]], constant: Int, upper: Int, enforcement: Lit, ramps inside: [Ramp] = []
  ) -> Int {
    let owner = linears.count
    let first = chains.count
    var lower = constant
    var widest = 0
    for part in parts {
      lower += part[0].contribution
      widest = max(widest, part[part.count - 1].contribution - part[0].contribution)
      chains.append(Chain(steps: steps.count, stepCount: part.count, current: 0))
      for step in part { steps.append(step) }
    }
    let firstRamp = ramps.count
    for var ramp in inside {
      ramp.parent = Int32(owner)
      let child = Int(ramp.child)
      ramp.contribution = ramp.contribution(linears[child].lower)
      lower += ramp.contribution
      // Whatever is inside may be what a bound is about.
      widest = .max / 2
      linears.base[child].outer = ramps.count
      ramps.append(ramp)
    }
    var linear = Linear(
      enforcement: enforcement, upper: upper, lower: lower, chains: first, chainCount: parts.count,
      widest: widest)
    linear.ramps = firstRamp
    linear.rampCount = inside.count
    linears.append(linear)
    for (offset, part) in parts.enumerated() {
      for index in 1..<max(part.count, 1) {
        subscribe(
          part[index].literal,
          Subscription(
            target: .linearStep, owner: Int32(owner), a: Int32(first + offset), b: Int32(index)))
      }
    }
    subscribe(
      enforcement, Subscription(target: .linearEnforced, owner: Int32(owner), a: 0, b: 0))
    scheduleLinear(owner)
    return owner
  }

  /// Tightens the bound of a linear; at level 0.
  mutating func setUpper(ofLinear owner: Int, to upper: Int) {
    linears.base[owner].upper = upper
    scheduleLinear(owner)
  }

  @inline(__always)
  mutating func scheduleLinear(_ owner: Int) {
    let linear = linears.base + owner
    if linear.pointee.isQueued || isFalse(linear.pointee.enforcement) { return }
    linear.pointee.isQueued = true
    linearQueue.append(owner)
  }

  @inline(__always)
  mutating func reachStep(linear owner: Int, chain: Int, step: Int) {
    let chain = chains.base + chain
    let linear = linears.base + owner
    if step <= chain.pointee.current { return }
    let base = steps.base + chain.pointee.steps
    let gain = base[step].contribution &- base[chain.pointee.current].contribution
    if levels.count > 0 {
      save(&chain.pointee.current)
      save(&linear.pointee.lower)
    }
    chain.pointee.current = step
    linear.pointee.lower &+= gain
    if linear.pointee.upper &- linear.pointee.lower < linear.pointee.widest
      || linear.pointee.lower > linear.pointee.upper
    {
      scheduleLinear(owner)
    }
    if linear.pointee.outer >= 0 { raiseRamp(linear.pointee.outer) }
  }

  /// Takes what a ramp's sum has become into the linear around it.
  private mutating func raiseRamp(_ index: Int) {
    let ramp = ramps.base + index
    let now = ramp.pointee.contribution(linears.base[Int(ramp.pointee.child)].lower)
    if now == ramp.pointee.contribution { return }
    let owner = Int(ramp.pointee.parent)
    let linear = linears.base + owner
    save(&linear.pointee.lower)
    linear.pointee.lower &+= now &- ramp.pointee.contribution
    save(&ramp.pointee.contribution)
    ramp.pointee.contribution = now
    scheduleLinear(owner)
    if linear.pointee.outer >= 0 { raiseRamp(linear.pointee.outer) }
  }

  mutating func propagateLinear(_ owner: Int) -> Bool {
    let linear = linears[owner]
    if isFalse(linear.enforcement) { return true }
    let slack = linear.upper - linear.lower
    if slack < 0 {
      let body = explainLinear(linear, spare: -slack - 1)
      if isTrue(linear.enforcement) {
        addToBody(linear.enforcement)
        endBody(body)
        return failWithBody(body)
      }
      endBody(body)
      if isChecking { checkBody(body, implies: !linear.enforcement) }
      return enqueue(!linear.enforcement, .body(body))
    }
    guard isTrue(linear.enforcement), slack < linear.widest else { return true }
    work &+= linear.chainCount >> 3

    scratch.count = 0
    var spare = Int.max
    for index in 0..<linear.chainCount {
      let chain = chains[linear.chains + index]
      let base = steps.base + chain.steps
      let allowed = base[chain.current].contribution + slack
      var last = chain.stepCount - 1
      if base[last].contribution <= allowed { continue }
      while last > chain.current + 1 && base[last - 1].contribution > allowed { last -= 1 }
      // Steps above the first forbidden one follow from it.
      if isFalse(base[last].literal) { continue }
      scratch.append(base[last].literal)
      spare = min(spare, base[last].contribution - allowed - 1)
    }
    if scratch.count > 0 {
      let body = explainLinear(linear, spare: spare)
      addToBody(linear.enforcement)
      endBody(body)
      for index in 0..<scratch.count {
        let literal = !scratch[index]
        if isChecking { checkBody(body, implies: literal) }
        if !enqueue(literal, .body(body)) { return false }
      }
    }
    for index in 0..<linear.rampCount where !lowerRamp(linear.ramps + index, linear, slack: slack) {
      return false
    }
    return true
  }

  /// What a ramp may add at most bounds each term inside of it.
  private mutating func lowerRamp(_ index: Int, _ linear: Linear, slack: Int) -> Bool {
    let ramp = ramps[index]
    let child = linears[Int(ramp.child)]
    let most = ramp.most(ramp.contribution + slack)
    let room = most - child.lower
    scratch.count = 0
    for place in 0..<child.chainCount {
      let chain = chains[child.chains + place]
      let base = steps.base + chain.steps
      let allowed = base[chain.current].contribution + room
      var last = chain.stepCount - 1
      if base[last].contribution <= allowed { continue }
      while last > chain.current + 1 && base[last - 1].contribution > allowed { last -= 1 }
      if isFalse(base[last].literal) { continue }
      scratch.append(base[last].literal)
    }
    if scratch.count == 0 { return true }
    // Whatever else adds something, inside and outside; nothing is given away.
    let body = explainLinear(linear, spare: 0, except: index)
    addSteps(child, spare: 0)
    addToBody(linear.enforcement)
    endBody(body)
    for place in 0..<scratch.count {
      let literal = !scratch[place]
      if isChecking { checkBody(body, implies: literal) }
      if !enqueue(literal, .body(body)) { return false }
    }
    return true
  }

  /// Opens a body with the steps that the lower bound rests on; up to `spare` of the sum may be given away.
  private mutating func explainLinear(_ linear: Linear, spare: Int, except: Int = -1) -> Int {
    let body = beginBody()
    addSteps(linear, spare: linear.rampCount == 0 ? spare : 0, except: except)
    return body
  }

  private mutating func addSteps(_ linear: Linear, spare: Int, except: Int = -1) {
    var spare = spare
    for index in 0..<linear.chainCount {
      let chain = chains[linear.chains + index]
      if chain.current == 0 { continue }
      let base = steps.base + chain.steps
      var step = chain.current
      while step > 0,
        base[chain.current].contribution - base[step - 1].contribution <= spare
      {
        step -= 1
      }
      spare -= base[chain.current].contribution - base[step].contribution
      if step > 0 { addToBody(base[step].literal) }
    }
    for index in linear.ramps..<linear.ramps + linear.rampCount where index != except {
      // What adds no more than it must rests on nothing.
      if ramps[index].factor > 0 && ramps[index].contribution == 0 { continue }
      addSteps(linears[Int(ramps[index].child)], spare: 0)
    }
  }
}
