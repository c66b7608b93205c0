import ConstraintModel
import Diagnostics
import PlacetSemantics
import PlacetVM
import Testing

/// Random rules over the small world; what cannot be stated has to say so with a code of stating.
@Suite struct StatingRandomTests {
  @Test(arguments: 0..<8)
  func `random rules mean to the model what they mean to the machine`(_ part: Int) throws {
    var stated = 0
    for seed in part * 40..<part * 40 + 40 {
      var writer = RandomPolicy(seed: UInt64(seed))
      let rules = writer.rules()
      let text =
        StatingTests.vocabulary + StatingTests.helpers + rules
        + "\nlet worth = \(writer.number(2, []))\nminimize preferences then worth"
      do {
        let world = try StatingJudge.world(text)
        let judge = try StatingJudge(world: world)
        guard judge.stated.model.decisions.count < 40 else { continue }
        try judge.agree(
          "seed \(seed)\n\(text.dropFirst(StatingTests.vocabulary.count + StatingTests.helpers.count))")
        stated += 1
      } catch let error as EvaluationError {
        let codes = error.diagnostics.map(\.code)
        #expect(
          codes == ["E0330"] || codes == ["E0331"] || codes == ["E0335"], "seed \(seed)\n\(rules)\n\(error)")
      }
    }
    #expect(stated > 20)
  }
}

/// Writes rules at random from a seed.
struct RandomPolicy {
  private var state: UInt64
  private var fresh = 0

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1 }

  private mutating func pick(_ count: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(count))
  }

  private mutating func variable() -> String {
    fresh += 1
    return "x\(fresh)"
  }

  mutating func rules() -> String {
    "rule first { \(statement(2, [])) }\nrule second { \(statement(2, [])) }"
  }

  private mutating func statement(_ depth: Int, _ scope: [String]) -> String {
    switch pick(depth > 0 ? 8 : 4) {
    case 0: return "require \(truth(2, scope))"
    case 1: return "forbid \(truth(2, scope))"
    case 2: return "prefer \(truth(2, scope)) weight \(1 + pick(3))"
    case 3: return "require \(truth(3, scope))"
    case 4:
      let x = variable()
      return "for each instance \(x) where \(truth(1, scope + [x])) { \(statement(depth - 1, scope + [x])) }"
    case 5:
      return
        "if \(truth(1, scope)) { \(statement(depth - 1, scope)) } else { \(statement(depth - 1, scope)) }"
    case 6:
      let x = variable()
      return "for each host \(x) { \(hostStatement(x, scope)) }"
    default:
      let x = variable()
      return "for each instance \(x) { \(statement(depth - 1, scope + [x])) }"
    }
  }

  private mutating func hostStatement(_ host: String, _ scope: [String]) -> String {
    let x = variable()
    let weight = ["1", "\(x).cpu", "\(x).cpu / 2", "\(x).host.price"][pick(4)]
    let extra = pick(2) == 0 ? "" : " and \(truth(1, scope + [x]))"
    return
      "require sum(\(weight) for each instance \(x) where \(x).host == \(host)\(extra)) <= \(host).cores - \(pick(5))"
  }

  private mutating func instance(_ scope: [String]) -> String {
    let all = scope + ["i1", "i2", "i3"]
    return all[pick(all.count)]
  }

  private mutating func truth(_ depth: Int, _ scope: [String]) -> String {
    switch pick(depth > 0 ? 17 : 8) {
    case 0: return "\(instance(scope)).host == \(["h1", "h2", "h3"][pick(3)])"
    case 1: return "\(instance(scope)).host.site == \(["north", "south"][pick(2)])"
    case 2: return "\(instance(scope)).spare"
    case 3: return "\(instance(scope)).host.vim.kind != \(["openstack", "vsphere", "kubernetes"][pick(3)])"
    case 4: return "\(instance(scope)).host.site == \(instance(scope)).host.site"
    case 5: return "\(instance(scope)).host == \(instance(scope)).host"
    case 6: return "\(instance(scope)).host.label \(["==", "!="][pick(2)]) none"
    case 7: return "(\(instance(scope)).host.label ?? refuse \"none\") == \"x\""
    case 8: return "not (\(truth(depth - 1, scope)))"
    case 9: return "(\(truth(depth - 1, scope)) and \(truth(depth - 1, scope)))"
    case 10: return "(\(truth(depth - 1, scope)) or \(truth(depth - 1, scope)))"
    case 11: return "((\(truth(depth - 1, scope))) implies (\(truth(depth - 1, scope))))"
    case 12:
      let x = variable()
      let kind = ["any", "all"][pick(2)]
      return
        "\(kind)(\(truth(depth - 1, scope + [x])) for each instance \(x) where \(truth(0, scope + [x])))"
    case 13: return "(if \(truth(1, scope)) then \(truth(depth - 1, scope)) else \(truth(depth - 1, scope)))"
    default:
      let comparison = ["<=", "<", ">=", ">", "==", "!="][pick(6)]
      return "\(number(depth - 1, scope)) \(comparison) \(number(depth - 1, scope))"
    }
  }

  mutating func number(_ depth: Int, _ scope: [String]) -> String {
    switch pick(depth > 0 ? 14 : 5) {
    case 0: return "\(pick(8))"
    case 1: return "\(instance(scope)).cpu"
    case 2: return "\(instance(scope)).host.price"
    case 3: return "\(instance(scope)).host.cores"
    case 4: return "gap(\(instance(scope)).host.site, \(instance(scope)).host.site)"
    case 5: return "(\(number(depth - 1, scope)) + \(number(depth - 1, scope)))"
    case 6: return "(\(number(depth - 1, scope)) - \(number(depth - 1, scope)))"
    case 7: return "\(1 + pick(3)) * (\(number(depth - 1, scope)))"
    case 8: return "(if \(truth(1, scope)) then \(number(depth - 1, scope)) else \(number(depth - 1, scope)))"
    case 9, 10:
      let x = variable()
      return "sum(\(number(depth - 1, scope + [x])) for each instance \(x) where \(truth(0, scope + [x])))"
    case 11:
      let x = variable()
      return "count(\(x) for each instance \(x) where \(truth(1, scope + [x])))"
    case 12:
      let x = variable()
      let kind = ["min", "max"][pick(2)]
      return
        "(\(kind)(\(number(0, scope + [x])) for each instance \(x) where \(truth(0, scope + [x]))) ?? \(pick(4)))"
    default:
      return
        "(match \(instance(scope)).host.vim.kind { openstack => \(number(depth - 1, scope)), vsphere => \(pick(3)), _ => \(number(0, scope)) })"
    }
  }
}
