import Diagnostics
import Testing

@Suite struct EditDistanceTests {
  @Test func `the nearest name within a third of the letters is meant`() {
    #expect(nearestName(to: "requre", among: ["record", "require", "rule"]) == "require")
    #expect(nearestName(to: "mmeory", among: ["memory", "money"]) == "memory")
    #expect(nearestName(to: "cpu", among: ["gpu", "cpus"]) == "cpus")
    #expect(nearestName(to: "xyzzy", among: ["memory", "rule"]) == nil)
    #expect(nearestName(to: "memory", among: ["memory"]) == nil)
    #expect(nearestName(to: "a", among: ["b"]) == nil)
    #expect(nearestName(to: "", among: ["", "a"]) == nil)
  }

  @Test func `the order of the candidates plays no part`() {
    let names = ["host", "hosts", "hose", "ghost", "most"]
    for shift in names.indices {
      let turned = Array(names[shift...] + names[..<shift])
      #expect(nearestName(to: "hot", among: turned) == "host")
    }
  }
}
