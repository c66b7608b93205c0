import Diagnostics
import PlacetSemantics

/// Compiled code of one body: expression, function, lambda or rule.
final class Chunk {
  enum Origin {
    case expression(TypedExpression)
    case function(FunctionID)
    case lambda(TypedExpression)
    case rule(RuleID)
    case statement
  }
  /// A call of a native with the types that it works on.
  final class NativeCall {
    let native: Native
    let types: [Type]
    let shapes: [ShapeID]

    init(native: Native, types: [Type], shapes: [ShapeID]) {
      self.native = native
      self.types = types
      self.shapes = shapes
    }
  }
  /// An expression that only the outside can answer, with where its frame is.
  struct Question {
    var expression: TypedExpression
    var locals: [(local: Int, register: Int)]
  }

  let origin: Origin
  let code: UnsafeMutableBufferPointer<Instruction>
  let constants: UnsafeMutableBufferPointer<Value>
  /// For each instruction the number of the range that it comes from.
  let sites: [Int32]
  let ranges: [SourceRange]
  let registerCount: Int
  /// Registers that the caller fills: arguments, then captured values.
  let inputCount: Int
  let argumentCount: Int
  let natives: [NativeCall]
  let questions: [Question]
  let types: [Type]
  let statements: [RuleStatement]

  init(
    origin: Origin, code: [Instruction], constants: [Value], sites: [Int32], ranges: [SourceRange],
    registerCount: Int, inputCount: Int, argumentCount: Int, natives: [NativeCall], questions: [Question],
    types: [Type], statements: [RuleStatement]
  ) {
    self.origin = origin
    self.code = .allocate(capacity: code.count)
    _ = self.code.initialize(from: code)
    self.constants = .allocate(capacity: constants.count)
    _ = self.constants.initialize(from: constants)
    self.sites = sites
    self.ranges = ranges
    self.registerCount = registerCount
    self.inputCount = inputCount
    self.argumentCount = argumentCount
    self.natives = natives
    self.questions = questions
    self.types = types
    self.statements = statements
  }

  deinit {
    code.deallocate()
    constants.deallocate()
  }

  func range(at index: Int) -> SourceRange { ranges[Int(sites[index])] }
}

/// A constraint of a rule with the slots that name its instance.
struct RuleStatement {
  var constraint: TypedConstraint
  /// Arguments and loop variables around it, outermost first: register and type.
  var variables: [(name: String, register: Int, type: Type)]
}
