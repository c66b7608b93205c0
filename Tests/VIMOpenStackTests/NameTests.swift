import Testing

@testable import VIMOpenStack

struct NameTests {
  @Test func `a name makes one UUID, of version 5`() {
    let id = nameUUID("vepc.mme[0]")
    #expect(id == nameUUID("vepc.mme[0]") && id != nameUUID("vepc.mme[1]"))
    #expect(id.count == 36 && Array(id)[14] == "5" && "89ab".contains(Array(id)[19]))
  }

  @Test func `times are read and written alike, leap days and all`() {
    #expect(utcSeconds("1970-01-01T00:00:00Z") == 0)
    #expect(utcSeconds("2026-11-22T19:03:52.000000Z") == 1_795_374_232)
    for seconds in [0, 951_782_399, 951_782_400, 1_709_164_800, 1_795_374_232, 4_107_542_399] {
      #expect(utcSeconds(utcText(seconds: seconds)) == seconds)
    }
    #expect(utcText(seconds: 1_709_164_800) == "2024-02-29T00:00:00Z")
    #expect(utcSeconds("soon") == nil)
  }
}
