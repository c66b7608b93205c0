import Descriptors
import Testing

@Suite struct QuantityTests {
  @Test(arguments: [
    ("0", 0), ("4", 4000), ("1500m", 1500), ("1.5", 1500), ("0.0005", 1), ("100u", 1), ("2k", 2_000_000),
    ("1Ki", 1_024_000), ("1e3", 1_000_000), ("1E2", 100_000), ("12e-1", 1200), ("-2", -2000),
  ])
  func `thousandths are rounded up`(_ text: String, _ wanted: Int) {
    #expect(KubernetesQuantity.milli(text) == wanted)
  }

  @Test(arguments: [
    ("16Gi", 16 << 30), ("65536Mi", 65536 << 20), ("1.5Gi", 3 << 29), ("128974848", 128_974_848),
    ("129e6", 129_000_000), ("123Mi", 123 << 20), ("1500m", 2), ("64Pi", 64 << 50),
  ])
  func `bytes are read whole`(_ text: String, _ wanted: Int) {
    #expect(KubernetesQuantity.whole(text) == wanted)
  }

  @Test(arguments: [
    "", "Gi", "m", "4 Gi", "four", "1.2.3", "99999999999999999999", "9Ei", "1e99", "0x10", ".",
  ])
  func `what is no amount is none`(_ text: String) {
    #expect(KubernetesQuantity.milli(text) == nil)
  }

  @Test func `amounts are written as the server would write them`() {
    #expect(KubernetesQuantity.bytes(16 << 30) == "16Gi")
    #expect(KubernetesQuantity.bytes(1536 << 20) == "1536Mi")
    #expect(KubernetesQuantity.bytes(1000) == "1000")
    #expect(KubernetesQuantity.bytes(0) == "0")
    #expect(KubernetesQuantity.cpu(milli: 4000) == "4")
    #expect(KubernetesQuantity.cpu(milli: 1500) == "1500m")
  }

  @Test func `names fit into DNS labels, and no two instances share one`() {
    let one = KubernetesNames.object("vepc.mme[2]", token: "t-1")
    let two = KubernetesNames.object("vepc.mme-2", token: "t-2")
    #expect(one.hasPrefix("vepc-mme-2-") && two.hasPrefix("vepc-mme-2-") && one != two)
    #expect(KubernetesNames.object(String(repeating: "ü-x", count: 100), token: "t").utf8.count <= 63)
    #expect(KubernetesNames.slug("-._") == "x")
    #expect(KubernetesNames.digest("a").count == 16)
  }
}
