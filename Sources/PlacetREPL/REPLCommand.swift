/// The commands of the prompt, in the order of `:help`.
enum REPLCommand: String, CaseIterable {
  case help, load, reload, type, doc, solve, why, whynot, relax, plan, diff, inventory, trace, set, save, quit

  /// What stands after the name.
  var argument: String {
    switch self {
    case .help, .reload, .solve, .relax, .plan, .diff, .quit: ""
    case .load, .inventory, .save: "FILE"
    case .type, .trace: "EXPRESSION"
    case .doc: "NAME"
    case .why: "[INSTANCE]"
    case .whynot: "INSTANCE HOST"
    case .set: "NAME=VALUE"
    }
  }

  var summary: String {
    switch self {
    case .help: "this list"
    case .load: "start over with a policy"
    case .reload: "read the policy again; what was typed stays"
    case .type: "the type of an expression, and what decides it"
    case .doc: "what a kind, field, rule, function, unit … is"
    case .solve: "find the best placement; decided fields then read as known"
    case .why: "why an instance is where it is, or why nothing can be placed"
    case .whynot: "what stands against a host"
    case .relax: "changes that would let an impossible policy have a placement"
    case .plan: "the plan from the placement before to this one"
    case .diff: "what the last two solves differ in"
    case .inventory: "take entities from an inventory file"
    case .trace: "the values of the parts of an expression"
    case .set: "give a param a value"
    case .save: "write the policy with what was typed to a file"
    case .quit: "end the session, as Ctrl-D does"
    }
  }

  static var helpText: String {
    let heads = allCases.map { ":\($0.rawValue)" + ($0.argument.isEmpty ? "" : " \($0.argument)") }
    let width = heads.map(\.count).max() ?? 0
    let rows = zip(heads, allCases).map { head, command in
      "  " + head + String(repeating: " ", count: width - head.count + 2) + command.summary
    }
    return """
      An expression is shown with its value, a declaration becomes part of the policy.
      \(rows.joined(separator: "\n"))

      """
  }
}
