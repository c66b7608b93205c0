/// The instruction set.
///
/// `R` are the registers of the frame, `K` the constants of the chunk, `S` the slots of the heap, `d` the
/// distance to jump from the next instruction. Types are known when an instruction is chosen; the machine
/// asks for none. Two instructions charge the budget: `step` and the calls.
enum Opcode: UInt8, CaseIterable, Sendable {
  // MARK: Moving
  /// R[a] = K[e]
  case loadConstant
  /// R[a] = int e
  case loadInt
  /// R[a] = R[b]
  case move

  // MARK: Jumping
  /// pc += d
  case jump
  /// if R[a]: pc += d
  case jumpIf
  /// unless R[a]: pc += d
  case jumpUnless
  /// if R[a] is none: pc += d
  case jumpIfNone
  case jumpUnlessNone
  /// if R[a] < R[b] (int): pc += d
  case jumpIntLess
  case jumpIntLessOrEqual
  /// if R[a] < e (int): pc += d
  case jumpIntLessConstant
  /// if R[a] >= e (int): pc += d
  case jumpIntNotLessConstant
  /// if R[a] < R[b] (quantity): pc += d
  case jumpQuantityLess
  case jumpQuantityLessOrEqual
  /// if both words are equal: pc += d
  case jumpSame
  case jumpNotSame
  /// if R[a] is K[e], word by word: pc += d
  case jumpSameConstant
  case jumpNotSameConstant
  /// Leaves the frame with R[a].
  case `return`

  // MARK: Numbers
  /// R[a] = R[b] + R[c]; leaving 64 bits is an error
  case addInt, subtractInt, multiplyInt
  /// R[a] = R[b] + e
  case addIntConstant
  /// R[a] = R[b] * e
  case multiplyIntConstant
  /// Floor division and remainder; by zero is an error
  case floorDivideInt, moduloInt
  case negateInt
  case addQuantity, subtractQuantity, multiplyQuantity
  /// Also of two ints, which are quantities with denominator 1
  case divideQuantity
  case floorDivideQuantity, moduloQuantity
  case negateQuantity
  /// A result that is no number is an error
  case addFloat, subtractFloat, multiplyFloat, divideFloat
  case negateFloat
  /// R[a] = R[b] where R[a] is none or larger (x: 0 int, 1 quantity, 2 float)
  case takeMin, takeMax

  // MARK: Comparing into a register
  case lessInt, lessOrEqualInt
  case lessQuantity, lessOrEqualQuantity
  case lessFloat, lessOrEqualFloat
  case lessText, lessOrEqualText
  case same
  /// R[a] = R[b] == R[c] as values of shape e
  case equal
  case not
  /// R[a] = R[b] is none
  case isNone

  // MARK: Entities, globals
  /// R[a] = column e of entity R[b]; where it waits it is computed first and the instruction runs again
  case entityField
  /// R[a] = global e, likewise
  case global
  /// R[a] = the entity of kind e named R[b], inside R[c] if x is 1
  case entityNamed
  /// R[a] = the list of all entities of kind e
  case allOf

  // MARK: Heap objects
  /// R[a] = S[R[b] + 1 + e]: member of a tuple, record, payload
  case slot
  /// R[a] = number of elements of the list, set or map R[b]
  case count
  /// R[a] = object of the slots R[b] ..< R[b + c]
  case makeProduct
  /// R[a] = range from R[b] to R[c], with its end if x is 1
  case makeRange
  /// R[a] = function of chunk e that captured R[b] ..< R[b + c]
  case makeFunction
  /// R[a] = text of R[b] as a value of type e
  case toText
  /// R[a] = number of characters of the text R[b]
  case length
  /// R[a] = the texts R[b] ..< R[b + c], one after the other; where bit n of e is set, R[b + n] is an int
  case concatenate
  /// R[a] = element R[c] of the list R[b]; outside of it is a refusal
  case indexList
  /// R[a] = value at the key R[c] of the map R[b] (keys of shape e), or none
  case indexMap
  /// R[a] = R[b] in the list, set, map R[c] (elements of shape e)
  case inList, inSet, inMap
  /// x: 0 int, 1 quantity
  case inRange

  // MARK: Loops
  /// R[a] = first, R[b] = last of the int range R[c]; nothing in it: pc += d
  case eachInRange
  /// R[a] = first, R[b] = last entity of kind e; none: pc += d
  case eachOfKind
  /// R[a] = first entity whose value in column e is the entity R[b]; none: pc += d
  case eachWith
  /// If another entity after R[a] has the same value in column e: R[a] = it, pc += d. Charges the budget.
  case stepWith
  /// R[a] = 0, R[b] = number of elements of R[c] less 1; none: pc += d
  case eachElement
  /// R[a] = element R[c] of list or set R[b]
  case elementAt
  /// R[a] = key, value at place R[c] of the map R[b]
  case keyAt, valueAt
  /// if R[a] < R[b]: R[a] += 1, pc += d. Charges the budget.
  case step

  /// R[a] = how full the heap is
  case heapMark
  /// What lies in the heap above the mark R[a] is given back, but for what the world holds
  case heapRelease

  // MARK: Builders: lists that grow
  /// R[a] = a new builder
  case builderStart
  /// builder R[a] += R[b]
  case builderAppend
  /// builder R[a] += R[b] unless there (shape e)
  case builderInsert
  /// R[a] = element R[c] of the builder R[b]; past its end: pc += d
  case builderElement
  /// R[a] = what the builder R[b] holds (x: 0 list, 1 set of shape e, 2 map with keys of shape e)
  case builderFinish
  /// R[a] = whether all elements of the builder R[b] are distinct (x 0) or the same (x 1); shape e
  case builderDistinct

  // MARK: Calls
  /// R[a] = chunk e of R[b] …
  case call
  /// R[a] = function R[c] of R[b] … (x arguments)
  case callValue
  /// R[a] = native call e of the chunk, of R[b] …
  case native
  /// R[a] = what the outside says to question e of the chunk
  case ask
  /// Refuses with the text R[a]
  case refuse

  // MARK: Rules
  /// A refusal from here on goes to pc + d with its reason in R[a], until `unguard`
  case guardRefusal
  case unguard
  /// Statement e of the rule has been evaluated: R[a] says whether it holds; x: 0 require, 1 forbid,
  /// 2 prefer with weight R[b]
  case report
  /// Statement e was refused with reason R[a]
  case reportRefusal
  /// if a waiver of the rule is for the entity R[a] or one above it: pc += d
  case jumpIfWaived
  /// Counter e of the coverage += 1
  case cover

  // MARK: Fused
  /// R[a] = R[b] mod e, by floor; e > 0
  case moduloIntConstant
  /// If the map R[b] (x & 2: global b) holds the key R[c] (of shape e; x & 1: equal where both words are): R[a] = its
  /// value, pc += d; else R[a] = none
  case lookUp
  /// R[a] = R[a] + R[b], traps on overflow; then as `step` for the counter R[c] and the limit R[e]
  case addIntStep
}

/// One instruction in 16 bytes; what the fields mean, each opcode says.
struct Instruction: Hashable, Sendable {
  var op: Opcode
  var x: UInt8 = 0
  var a: UInt16 = 0
  var b: UInt16 = 0
  var c: UInt16 = 0
  var d: Int32 = 0
  var e: Int32 = 0

  init(_ op: Opcode, x: Int = 0, a: Int = 0, b: Int = 0, c: Int = 0, d: Int = 0, e: Int = 0) {
    self.op = op
    self.x = UInt8(truncatingIfNeeded: x)
    self.a = UInt16(truncatingIfNeeded: a)
    self.b = UInt16(truncatingIfNeeded: b)
    self.c = UInt16(truncatingIfNeeded: c)
    self.d = Int32(truncatingIfNeeded: d)
    self.e = Int32(truncatingIfNeeded: e)
  }
}
