import Diagnostics
import Foundation
import Placet
import PlacetSemantics
import PlacetVM
import Placement
import Testing

/// Any input at all ends in diagnostics, never in a trap: examples, library and cases, broken in thousands of ways,
/// are parsed, checked and, where that goes well, made and stated under a small budget.
@Suite struct MutationTests {
  /// Printed with every failure; a trap leaves the text in the file that is named here.
  static let seed: UInt64 =
    ProcessInfo.processInfo.environment["PLACET_SEED"].flatMap(UInt64.init) ?? 20_261_122
  static let count = ProcessInfo.processInfo.environment["PLACET_MUTATIONS"].flatMap(Int.init) ?? 1500

  static let corpus: [[UInt8]] = {
    let folders = ["examples", "stdlib", "Tests/Conformance/cases"]
    let paths = folders.flatMap { folder -> [String] in
      let base = Cases.root.appendingPathComponent(folder).path
      let all = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
      return all.filter { $0.hasSuffix(".placet") }.sorted().map { "\(folder)/\($0)" }
    }
    return paths.compactMap { try? Array(Cases.text($0).utf8) }
  }()

  @Test func `no mutation of a policy traps`() throws {
    print("mutations from seed \(Self.seed)")
    #expect(Self.corpus.count > 20)
    let last = FileManager.default.temporaryDirectory.appendingPathComponent("placet-last-mutation.placet")
    var random = SplitMix(state: Self.seed)
    var stated = 0
    for _ in 0..<Self.count {
      let bytes = Mutator.mutate(Self.corpus, &random)
      try Data(bytes).write(to: last)
      if Self.isStated(bytes) { stated += 1 }
    }
    try? FileManager.default.removeItem(at: last)
    #expect(stated > Self.count / 20, "so few are sound that only the parser is tested; seed \(Self.seed)")
  }

  /// What coverage-guided fuzzing found worth keeping (`.ci/fuzz`), thinned out.
  @Test func `nothing that fuzzing has kept traps`() throws {
    let folder = Cases.root.appendingPathComponent("Tests/Fuzz/corpus")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(files.count > 100)
    var stated = 0
    for file in files.sorted(by: { $0.path < $1.path }) {
      if Self.isStated([UInt8](try Data(contentsOf: file))) { stated += 1 }
    }
    #expect(stated > 0)
  }

  /// Parses and checks, and where that goes well makes and states the world; true where all of it went well.
  private static func isStated(_ bytes: [UInt8]) -> Bool {
    let policy = PolicyFile.check(Source(name: "mutation.placet", bytes: bytes))
    guard policy.isSound else { return false }
    let problem = PlacementProblem(
      program: policy.program,
      inputs: WorldInputs(budget: Budget(steps: 200_000, memory: 32 << 20, depth: 2000)))
    return (try? problem.build()) != nil
  }
}

/// A small generator of numbers that gives the same on every machine.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Breaks a text in one to four places: words swapped for others of the corpus, lines lost, doubled or mixed in from
/// another text, bytes changed, the end cut off.
enum Mutator {
  static func mutate(_ corpus: [[UInt8]], _ random: inout SplitMix) -> [UInt8] {
    var bytes = corpus.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      switch Int.random(in: 0..<8, using: &random) {
      case 0: flip(&bytes, &random)
      case 1: deleteLine(&bytes, &random)
      case 2: insert(line(of: corpus.randomElement(using: &random) ?? [], &random), into: &bytes, &random)
      case 3: insert(line(of: bytes, &random), into: &bytes, &random)
      case 4: if !bytes.isEmpty { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random) / 4) }
      case 5: replaceWord(&bytes, with: numbers.randomElement(using: &random) ?? "0", &random)
      default:
        let other = corpus.randomElement(using: &random) ?? []
        if let word = word(of: other, &random) {
          replaceWord(&bytes, with: String(decoding: other[word], as: UTF8.self), &random)
        }
      }
    }
    return bytes
  }

  private static let numbers = [
    "0", "-1", "1", "2", "9223372036854775807", "0.000000000001", "1e9", "9223372036854775807 TiB", "none",
    "[]", "1..3",
  ]

  private static func flip(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    guard !bytes.isEmpty else { return }
    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
  }

  private static func lineRange(_ bytes: [UInt8], _ random: inout SplitMix) -> Range<Int> {
    guard !bytes.isEmpty else { return 0..<0 }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    let start = bytes[..<place].lastIndex(of: 10).map { $0 + 1 } ?? 0
    let end = bytes[place...].firstIndex(of: 10).map { $0 + 1 } ?? bytes.count
    return start..<end
  }

  private static func line(of bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
    Array(bytes[lineRange(bytes, &random)])
  }

  private static func deleteLine(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    bytes.removeSubrange(lineRange(bytes, &random))
  }

  private static func insert(_ line: [UInt8], into bytes: inout [UInt8], _ random: inout SplitMix) {
    bytes.insert(contentsOf: line, at: lineRange(bytes, &random).lowerBound)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      || byte == 0x5F
  }

  private static func word(of bytes: [UInt8], _ random: inout SplitMix) -> Range<Int>? {
    guard !bytes.isEmpty else { return nil }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    guard let start = bytes[place...].firstIndex(where: isWord) else { return nil }
    let end = bytes[start...].firstIndex { !isWord($0) } ?? bytes.count
    return start..<end
  }

  private static func replaceWord(_ bytes: inout [UInt8], with text: String, _ random: inout SplitMix) {
    guard let word = word(of: bytes, &random) else { return }
    bytes.replaceSubrange(word, with: Array(text.utf8))
  }
}
