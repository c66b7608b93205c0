import Diagnostics
import PlacetSyntax

/// Arguments find their parameters: by label, else in order.
extension TypeChecker {
  struct Parameter {
    var name: String
    var type: Type
    /// Whether a call may leave it out.
    var isOptional: Bool
  }

  enum Given {
    case given(Expression)
    case typed(TypedExpression)
    case missing
  }

  /// What each parameter is given, in the order of the parameters; reports what does not fit.
  func match(
    _ arguments: [ArgumentSyntax], to parameters: [Parameter], receiver: TypedExpression? = nil,
    of what: String, at range: SourceRange
  ) -> [Given] {
    var given = [Given](repeating: .missing, count: parameters.count)
    var isTaken = [Bool](repeating: false, count: parameters.count)
    if let receiver, !parameters.isEmpty {
      given[0] = .typed(receiver)
      isTaken[0] = true
    }
    var next = 0
    var isMisnamed = false
    for argument in arguments {
      let index: Int
      if let label = argument.label {
        guard let found = parameters.firstIndex(where: { $0.name == label.text }) else {
          report(
            .wrongArgument("\(what) has no parameter '\(label.text)'", at: label.range, "not a parameter")
              .suggesting(label, among: parameters.map(\.name)))
          isMisnamed = true
          continue
        }
        index = found
      } else {
        while next < parameters.count, isTaken[next] { next += 1 }
        guard next < parameters.count else {
          let count = parameters.count - (receiver == nil ? 0 : 1)
          report(
            .wrongArgument(
              "\(what) takes \(count == 0 ? "no argument" : count == 1 ? "one argument" : "\(count) arguments")",
              at: argument.value.range,
              "one too many"))
          break
        }
        index = next
      }
      if isTaken[index] {
        report(
          .wrongArgument(
            "'\(parameters[index].name)' is given twice", at: argument.value.range, "again here"))
        continue
      }
      isTaken[index] = true
      given[index] = .given(argument.value)
    }
    let missing = parameters.indices.filter { !isTaken[$0] && !parameters[$0].isOptional }
    if !missing.isEmpty, !isMisnamed {
      let names = missing.map { "'\(parameters[$0].name)'" }.joined(separator: ", ")
      report(.wrongArgument("\(what) needs \(names)", at: range, "left out"))
    }
    return given
  }

  /// The values for the parameters of a function, a rule or a scenario; defaults are filled in.
  func checkArguments(
    _ arguments: [ArgumentSyntax], _ syntax: [ParameterSyntax], _ types: [Type], module: Int,
    receiver: TypedExpression? = nil, of what: String, at range: SourceRange
  ) -> [TypedExpression] {
    let parameters = zip(syntax, types).map {
      Parameter(name: $0.name.text, type: $1, isOptional: $0.value != nil)
    }
    let given = match(arguments, to: parameters, receiver: receiver, of: what, at: range)
    return given.enumerated().map { index, argument in
      let because = Diagnostic.Label(syntax[index].name.range, "")
      switch argument {
      case .given(let expression): return check(expression, as: types[index], because: because)
      case .typed(let value): return convert(value, to: types[index], because: because)
      case .missing:
        guard let value = syntax[index].value else { return failed(range) }
        return defaultValue(value, as: types[index], module: module)
      }
    }
  }

  /// A default as it is where it was declared, in slots of the frame that calls.
  func defaultValue(_ value: Expression, as type: Type, module: Int) -> TypedExpression {
    let inner = Frame(module: module, place: frame.place)
    inner.info = frame.info
    let count = diagnostics.count
    let result = within(inner) { check(value, as: type) }
    diagnostics.removeSubrange(count...)
    frame.info = inner.info
    return result
  }
}
