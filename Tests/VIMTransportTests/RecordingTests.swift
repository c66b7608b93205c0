import NFVModel
import Testing
import VIMProtocol
import VIMTransport

struct RecordingTests {
  /// Answers every request with its own body, once upper-cased path and all.
  struct Echo: HTTPExchange {
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
      HTTPResponse(
        status: request.method == "GET" ? 200 : 202,
        headers: ["content-type": "text/plain", "x-subject-token": "s3cret", "set-cookie": "s3cret"],
        body: request.body + [UInt8](" s3cret at \(request.url)".utf8))
    }
  }

  @Test func `a recording replays what was said, and nothing that was not`() async throws {
    let recorder = RecordingHTTP(over: Echo(), secrets: [Secret("s3cret")])
    _ = try await recorder.send(HTTPRequest("GET", "http://vim/a"))
    _ = try await recorder.send(HTTPRequest("POST", "http://vim/b", body: [UInt8]("one".utf8)))
    let text = recorder.recording.json.prettyText()
    #expect(!text.contains("s3cret"))

    let replay = ReplayingHTTP(try Recording(try JSONValue.parse([UInt8](text.utf8))))
    let answer = try await replay.send(HTTPRequest("POST", "http://vim/b", body: [UInt8]("one".utf8)))
    #expect(answer.status == 202)
    #expect(String(decoding: answer.body, as: UTF8.self) == "one •••• at http://vim/b")
    #expect(replay.remaining.map(\.url) == ["http://vim/a"])
    await #expect(throws: TransportError.self) {
      try await replay.send(HTTPRequest("POST", "http://vim/b", body: [UInt8]("one".utf8)))
    }
    // Reading again is answered again.
    _ = try await replay.send(HTTPRequest("GET", "http://vim/a"))
    _ = try await replay.send(HTTPRequest("GET", "http://vim/a"))
  }

  @Test func `a secret shows itself to nobody who prints it`() {
    let secret = Secret("s3cret")
    #expect(!"\(secret)".contains("s3cret"))
    #expect(!String(reflecting: secret).contains("s3cret"))
    var dumped = ""
    dump([secret], to: &dumped)
    #expect(!dumped.contains("s3cret"))
  }

  @Test func `nobody at home is unreachable, and a changing call in doubt only once it was sent`()
    async throws
  {
    let http = try LiveHTTP(connectTimeout: 600_000)
    do {
      _ = try await http.send(HTTPRequest("POST", "http://127.0.0.1:1/servers"))
      Issue.record("something answers on port 1")
    } catch {
      guard case .unreachable = error else { Issue.record("\(error)"); return }
      let meaning = VIMError(error, of: "sto", call: "POST /servers", isSafe: false)
      guard case .unavailable(.unreachable, _, nil) = meaning else { Issue.record("\(meaning)"); return }
    }
    let cut = VIMError(.interrupted("closed"), of: "sto", call: "POST /servers", isSafe: false)
    guard case .unknownOutcome = cut else { Issue.record("\(cut)"); return }
  }
}
