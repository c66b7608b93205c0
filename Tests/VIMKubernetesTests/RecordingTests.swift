import Foundation
import NFVModel
import Testing
import VIMKubernetes
import VIMProtocol
import VIMTransport

/// The same life against the cluster, and against what the cluster said once.
///
/// `make testbed-kubernetes` with `PLACET_RECORD=1` records anew.
@Suite struct RecordingTests {
  static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "recordings/life.json")

  @Test func `what a real cluster said is understood`() async throws {
    let text = try Data(contentsOf: Self.file)
    let replay = ReplayingHTTP(try Recording(try JSONValue.parse([UInt8](text))))
    let config = Kubeconfig(
      context: "testbed", server: "https://127.0.0.1:26443", namespace: nil, tls: .init(), credential: .none)
    var options = KubernetesVIM.Options()
    options.namespace = "t-life"
    options.pageLimit = 4
    let vim = KubernetesVIM("ber", config, over: replay, options: options, sleep: { _ in })
    try await Life.play(vim)
    #expect(!String(decoding: text, as: UTF8.self).contains("Bearer"))
  }
}

extension LiveTests {
  @Test func `a real cluster says it`() async throws {
    let config = try Bed.config()
    var secrets: [Secret] = []
    if case .token(let token) = config.credential { secrets.append(token) }
    let recorder = RecordingHTTP(over: try KubernetesVIM.exchange(for: config, vim: "ber"), secrets: secrets)
    try await Life.play(try Bed.vim("t-life", over: recorder) { $0.pageLimit = 4 })
    if ProcessInfo.processInfo.environment["PLACET_RECORD"] != nil {
      try Data(recorder.recording.json.prettyText().utf8).write(to: RecordingTests.file)
    }
  }
}
