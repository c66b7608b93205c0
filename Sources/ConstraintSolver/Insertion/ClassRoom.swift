/// What the candidates of each class that hold something have room for at most, so that full classes are passed over as
/// one: for the first lanes of items, and the first of guests where all guests are of one kind.
///
/// INVARIANT: no less than what is free. What is taken away raises it at once; what is put there leaves it stale.
struct ClassRoom: BitwiseCopyable {
  /// For each class, the most that is free in each lane of items, then of guests.
  var most: Buffer<Int>
  let isStale: Buffer<Bool>
  /// Lanes of items and of guests that are known.
  let lanes: Int
  let guestLanes: Int
  /// The matrix and the lists of the guests.
  let guestMatrix: Int
  let guestStride: Int
  let guestLists: Int
  static let known = 4

  init(_ model: InsertionModel) {
    most = Buffer(repeating: .min, count: model.classCount * 2 * Self.known)
    isStale = Buffer(repeating: false, count: model.classCount)
    lanes = min(Self.known, Int(model.takers[0].stride))
    var areAlike = model.guests.count > 0
    for number in 1..<max(1, model.guests.count) {
      let (a, b) = (model.takers[model.itemCount], model.takers[model.itemCount + number])
      if a.matrix != b.matrix || model.guests[0].lists != model.guests[number].lists { areAlike = false }
    }
    let guest = areAlike ? model.takers[model.itemCount] : InsertionModel.Taker()
    guestLanes = min(Self.known, Int(guest.stride))
    guestMatrix = Int(guest.matrix)
    guestStride = Int(guest.stride)
    guestLists = areAlike ? Int(model.guests[0].lists) : 0
  }

  func deallocate() { most.deallocate(); isStale.deallocate() }
}

extension InsertionState {
  /// What a class has room for has grown by what is free at a candidate now.
  mutating func noteRoom(_ candidate: Int) {
    let bounds = Int(model.classOf[candidate]) * 2 * ClassRoom.known
    let rows = Int(model.takers[0].matrix) + candidate * Int(model.takers[0].stride)
    for lane in 0..<room.lanes { raise(bounds + lane, to: free[Int(model.laneRows[rows + lane])]) }
    if room.guestLanes == 0 { return }
    let start = Int(model.guestLists[room.guestLists + candidate])
    let end = Int(model.guestLists[room.guestLists + candidate + 1])
    for place in start..<end {
      let rows = room.guestMatrix + Int(model.guestLists[place]) * room.guestStride
      for lane in 0..<room.guestLanes {
        raise(bounds + ClassRoom.known + lane, to: free[Int(model.laneRows[rows + lane])])
      }
    }
  }

  @inline(__always)
  private func raise(_ bound: Int, to value: Int) {
    if value > room.most[bound] { room.most[bound] = value }
  }

  /// Looks anew what candidates of a class with items on them have left.
  mutating func measureRoom(ofClass number: Int) {
    room.isStale[number] = false
    let bounds = number * 2 * ClassRoom.known
    for bound in bounds..<bounds + 2 * ClassRoom.known { room.most[bound] = .min }
    for place in Int(classStart[number])..<Int(classStart[number] + touched[number]) {
      noteRoom(Int(order[place]))
    }
  }

  /// Whether no candidate of a class that something is on can have room for an item.
  @inline(__always)
  func isTooFull(_ number: Int, _ item: Int, _ taker: InsertionModel.Taker) -> Bool {
    let bounds = number * 2 * ClassRoom.known
    if lacks(taker, bounds, room.lanes) { return true }
    let guest = Int(model.guestStart[item])
    if room.guestLanes == 0 || guest == Int(model.guestStart[item + 1]) { return false }
    return lacks(model.takers[model.itemCount + guest], bounds + ClassRoom.known, room.guestLanes)
  }

  @inline(__always)
  private func lacks(_ taker: InsertionModel.Taker, _ bounds: Int, _ lanes: Int) -> Bool {
    for index in Int(taker.needStart)..<Int(taker.needEnd) {
      let need = model.needs[index]
      if need.lane >= lanes { return false }
      if room.most[bounds + need.lane] < need.amount { return true }
    }
    return false
  }
}
