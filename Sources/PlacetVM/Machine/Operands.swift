/// Which registers an instruction reads and writes, and what it takes them for.
struct Operands {
  /// What a register must hold; `any` fits every use.
  enum Class: UInt8 {
    case any, scalar, reference, builder
    func fits(_ wanted: Class) -> Bool { wanted == .any || self == .any || self == wanted }
    func joined(with other: Class) -> Class { self == other ? self : .any }
  }
  var reads: [(register: Int, as: Class)] = []
  var writes: [(register: Int, as: Class)] = []
  var jumps = false
  /// Whether the next instruction can follow.
  var continues = true

  init(_ i: Instruction, captured: (Int) -> Int = { _ in 0 }) {
    let (a, b, c) = (Int(i.a), Int(i.b), Int(i.c))
    func row(_ count: Int) -> [(register: Int, as: Class)] { (0..<count).map { (b + $0, .any) } }
    switch i.op {
    case .loadConstant: writes = [(a, .any)]
    case .loadInt: writes = [(a, .scalar)]
    case .move:
      reads = [(b, .any)]
      writes = [(a, .any)]
    case .jump:
      jumps = true
      continues = false
    case .jumpIf, .jumpUnless, .jumpIntLessConstant, .jumpIntNotLessConstant:
      reads = [(a, .scalar)]
      jumps = true
    case .jumpIfNone, .jumpUnlessNone, .jumpSameConstant, .jumpNotSameConstant:
      reads = [(a, .any)]
      jumps = true
    case .jumpIntLess, .jumpIntLessOrEqual, .jumpQuantityLess, .jumpQuantityLessOrEqual:
      reads = [(a, .scalar), (b, .scalar)]
      jumps = true
    case .jumpSame, .jumpNotSame:
      reads = [(a, .any), (b, .any)]
      jumps = true
    case .return:
      reads = [(a, .any)]
      continues = false
    case .refuse:
      reads = [(a, .reference)]
      continues = false
    case .addInt, .subtractInt, .multiplyInt, .floorDivideInt, .moduloInt, .addQuantity, .subtractQuantity,
      .multiplyQuantity, .divideQuantity, .floorDivideQuantity, .moduloQuantity, .addFloat, .subtractFloat,
      .multiplyFloat, .divideFloat, .lessInt, .lessOrEqualInt, .lessQuantity, .lessOrEqualQuantity,
      .lessFloat, .lessOrEqualFloat:
      reads = [(b, .scalar), (c, .scalar)]
      writes = [(a, .scalar)]
    case .addIntConstant, .multiplyIntConstant, .moduloIntConstant, .negateInt, .negateQuantity, .negateFloat,
      .not:
      reads = [(b, .scalar)]
      writes = [(a, .scalar)]
    case .takeMin, .takeMax:
      reads = [(a, .any), (b, .scalar)]
      writes = [(a, .any)]
    case .lessText, .lessOrEqualText:
      reads = [(b, .reference), (c, .reference)]
      writes = [(a, .scalar)]
    case .same, .equal:
      reads = [(b, .any), (c, .any)]
      writes = [(a, .scalar)]
    case .isNone:
      reads = [(b, .any)]
      writes = [(a, .scalar)]
    case .entityField:
      reads = [(b, .scalar)]
      writes = [(a, .any)]
    case .global: writes = [(a, .any)]
    case .entityNamed:
      reads = [(b, .reference)] + (i.x == 1 ? [(c, .scalar)] : [])
      writes = [(a, .scalar)]
    case .allOf: writes = [(a, .reference)]
    case .slot:
      reads = [(b, .reference)]
      writes = [(a, .any)]
    case .count:
      reads = [(b, .reference)]
      writes = [(a, .scalar)]
    case .makeProduct, .makeFunction:
      reads = row(c)
      writes = [(a, .reference)]
    case .heapMark: writes = [(a, .scalar)]
    case .heapRelease: reads = [(a, .scalar)]
    case .length:
      reads = [(b, .reference)]
      writes = [(a, .scalar)]
    case .concatenate:
      reads = (0..<c).map { (b + $0, $0 < 31 && i.e & 1 << $0 != 0 ? .scalar : .reference) }
      writes = [(a, .reference)]
    case .makeRange:
      reads = [(b, .scalar), (c, .scalar)]
      writes = [(a, .reference)]
    case .toText:
      reads = [(b, .any)]
      writes = [(a, .reference)]
    case .indexList:
      reads = [(b, .reference), (c, .scalar)]
      writes = [(a, .any)]
    case .indexMap:
      reads = [(b, .reference), (c, .any)]
      writes = [(a, .any)]
    case .lookUp:
      reads = (i.x & 2 == 0 ? [(b, .reference)] : []) + [(c, .any)]
      writes = [(a, .any)]
      jumps = true
    case .addIntStep:
      reads = [(a, .scalar), (b, .scalar), (c, .scalar), (Int(i.e), .scalar)]
      writes = [(a, .scalar)]
      jumps = true
    case .inList, .inSet, .inMap, .inRange:
      reads = [(b, .any), (c, .reference)]
      writes = [(a, .scalar)]
    case .eachInRange, .eachElement:
      reads = [(c, .reference)]
      writes = [(a, .scalar), (b, .scalar)]
      jumps = true
    case .eachWith:
      reads = [(b, .scalar)]
      writes = [(a, .scalar)]
      jumps = true
    case .stepWith:
      reads = [(a, .scalar)]
      writes = [(a, .scalar)]
      jumps = true
    case .eachOfKind:
      writes = [(a, .scalar), (b, .scalar)]
      jumps = true
    case .elementAt, .keyAt, .valueAt:
      reads = [(b, .reference), (c, .scalar)]
      writes = [(a, .any)]
    case .step:
      reads = [(a, .scalar), (b, .scalar)]
      jumps = true
    case .builderStart: writes = [(a, .builder)]
    case .builderAppend, .builderInsert: reads = [(a, .builder), (b, .any)]
    case .builderElement:
      reads = [(b, .builder), (c, .scalar)]
      writes = [(a, .any)]
      jumps = true
    case .builderFinish:
      reads = [(b, .builder)]
      writes = [(a, .reference)]
    case .builderDistinct:
      reads = [(b, .builder)]
      writes = [(a, .scalar)]
    case .call:
      reads = row(captured(Int(i.e)))
      writes = [(a, .any)]
    case .callValue:
      reads = row(Int(i.x)) + [(c, .reference)]
      writes = [(a, .any)]
    case .native:
      reads = row(c)
      writes = [(a, .any)]
    case .ask: writes = [(a, .any)]
    case .guardRefusal:
      writes = [(a, .reference)]
      jumps = true
    case .unguard, .cover: break
    case .report: reads = [(a, .scalar)] + (i.x == 2 ? [(b, .scalar)] : [])
    case .reportRefusal: reads = [(a, .reference)]
    case .jumpIfWaived:
      reads = i.x == 1 ? [] : [(a, .scalar)]
      jumps = true
    }
  }
}
