import Descriptors
import Diagnostics
import Testing
#if canImport(Glibc)
import Glibc
#endif

@Test func `show`() throws {
  let folder = "/work/shared/data/osm-descriptors/"
  func read(_ name: String) throws -> (name: String, bytes: [UInt8]) {
    let file = try #require(fopen(folder + name, "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return (name, Array(bytes[..<count]))
  }
  for group in [["VyOS_nsd.yaml", "VyOS__vnfd.yaml"], ["cirros_2vnf_nsd.yaml", "cirros_vnfd.yaml"], ["hackfest_multivdu_nsd.yaml", "hackfest_multivdu_vnfd.yaml"], ["pong_vnfd.yaml"], ["ref12_vnfd.yaml"], ["ref22_vnfd.yaml"], ["hackfest_epasriov_nsd.yaml"], ["ubuntu_cirros_multidisk_vnfd.yaml"], ["ansiblecharm_vnfd.yaml"]] {
    let result = SOL006Importer.importFiles(try group.map(read))
    print(result.policy ?? "REFUSED")
    for d in result.diagnostics { print(d.code, d.primary.range.line, d.message) }
  }
}
