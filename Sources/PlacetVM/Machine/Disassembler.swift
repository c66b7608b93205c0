/// Chunks as text, one instruction a line, for tests and for our own reports.
enum Disassembler {
  static func text(_ chunk: Chunk) -> String {
    chunk.code.enumerated().map { index, i in line(i, at: index) }.joined(separator: "\n")
  }

  /// `4 jumpIntLess r1 r2 -> 9`
  static func line(_ i: Instruction, at index: Int) -> String {
    let operands = Operands(i)
    var parts = ["\(index)", "\(i.op)"]
    parts += operands.writes.map { "r\($0.register)" }
    if !operands.writes.isEmpty, !operands.reads.isEmpty { parts.append("<-") }
    parts += operands.reads.map { "r\($0.register)" }
    if usesConstant(i.op) { parts.append("#\(i.e)") }
    if i.x != 0 { parts.append("x\(i.x)") }
    if operands.jumps { parts.append("-> \(index + 1 + Int(i.d))") }
    return parts.joined(separator: " ")
  }

  private static func usesConstant(_ op: Opcode) -> Bool {
    switch op {
    case .loadConstant, .loadInt, .jumpIntLessConstant, .jumpIntNotLessConstant, .jumpSameConstant,
      .jumpNotSameConstant, .addIntConstant, .multiplyIntConstant, .moduloIntConstant, .entityField, .global,
      .entityNamed, .allOf, .slot, .makeFunction, .toText, .eachOfKind, .eachWith, .stepWith, .call, .native,
      .ask,
      .report, .reportRefusal, .cover:
      true
    default: false
    }
  }
}
