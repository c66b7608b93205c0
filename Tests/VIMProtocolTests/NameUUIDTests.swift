import Testing
import VIMProtocol

struct NameUUIDTests {
  /// The name space of domain names (RFC 9562, appendix A).
  private let dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

  @Test func `a digest is what the standard's examples say`() {
    func hex(_ bytes: [UInt8]) -> String {
      bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
    #expect(hex(SHA1.digest(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(hex(SHA1.digest([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    let long = Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
    #expect(hex(SHA1.digest(long)) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
  }

  @Test func `a name has the UUID that every other maker of version 5 gives it`() {
    #expect(NameUUID("python.org", in: dns).description == "886313e1-3b8a-5372-9b90-0c9aee199e5d")
    #expect(NameUUID("www.example.com", in: dns).description == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    let long = String(repeating: "a", count: 200)
    #expect(NameUUID(long, in: dns).description == "fe30bfa6-ef90-59b3-b108-118411d0f0ab")
    #expect(NameUUID.isNamed(NameUUID("anything", in: dns).description))
    #expect(NameUUID("a", in: dns) != NameUUID("b", in: dns))
  }
}
