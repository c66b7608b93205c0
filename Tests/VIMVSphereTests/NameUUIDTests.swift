import Testing

@testable import VIMVSphere

struct NameUUIDTests {
  @Test func `a name has the UUID that every other maker of version 5 gives it`() {
    // RFC 4122's space of DNS names; the value is Python's uuid.uuid5.
    let dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    #expect(NameUUID("python.org", in: dns).description == "886313e1-3b8a-5372-9b90-0c9aee199e5d")
    #expect(NameUUID.isNamed(NameUUID("anything").description))
    #expect(NameUUID("a").description != NameUUID("b").description)
  }
}
