package import NFVModel
import Synchronization

/// What was said between a back end and a VIM, in order, as a value that a file holds: tests replay it on machines
/// without the VIM. Secrets are not in it: authorisation headers are left out, and planted or known secrets are
/// blotted out wherever they stand.
package struct Recording: Sendable {
  package struct Entry: Sendable {
    package var method: String
    package var url: String
    package var body: String
    package var status: Int
    package var headers: [String: String]
    package var answer: String
  }

  package var entries: [Entry]

  package init(entries: [Entry] = []) { self.entries = entries }

  package var json: JSONValue {
    [
      "placet-exchange": 1,
      "entries": .array(
        entries.map {
          [
            "method": .string($0.method), "url": .string($0.url), "body": .string($0.body),
            "status": .int($0.status), "headers": .object($0.headers.mapValues { .string($0) }),
            "answer": .string($0.answer),
          ]
        }),
    ]
  }

  package init(_ json: JSONValue) throws(JSONShapeError) {
    entries = []
    for entry in try JSONCursor(json).field("entries").list() {
      var headers: [String: String] = [:]
      for (key, value) in try entry.field("headers").members() { headers[key] = try value.text() }
      entries.append(
        Entry(
          method: try entry.field("method").text(), url: try entry.field("url").text(),
          body: try entry.field("body").text(), status: try entry.field("status").int(), headers: headers,
          answer: try entry.field("answer").text()))
    }
  }
}

/// Carries requests on and keeps what was said.
package final class RecordingHTTP: HTTPExchange {
  private let next: any HTTPExchange
  private let secrets: [String]
  private let kept = Mutex<[Recording.Entry]>([])

  /// Headers of answers that a replay needs; all others are left out.
  private static let keptHeaders: Set<String> = [
    "content-type", "location", "retry-after", "openstack-api-version", "x-openstack-request-id",
  ]

  /// - Parameter secrets: texts that are blotted out of all that is kept.
  package init(over next: any HTTPExchange, secrets: [Secret] = []) {
    self.next = next
    self.secrets = secrets.map { $0.reveal() }.filter { !$0.isEmpty }
  }

  package var recording: Recording { Recording(entries: kept.withLock { $0 }) }

  package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let answer = try await next.send(request)
    let entry = Recording.Entry(
      method: request.method, url: blot(request.url),
      body: blot(String(decoding: request.body, as: UTF8.self)),
      status: answer.status, headers: answer.headers.filter { Self.keptHeaders.contains($0.key) },
      answer: blot(String(decoding: answer.body, as: UTF8.self)))
    kept.withLock { $0.append(entry) }
    return answer
  }

  private func blot(_ text: String) -> String {
    secrets.reduce(text) { $0.replacing($1, with: "••••") }
  }
}

/// Answers from a recording: each request gets the first unused answer that was given to the same method, URL and
/// body. One that was never asked is refused, and says so.
package final class ReplayingHTTP: HTTPExchange {
  private let recording: Recording
  private let used = Mutex<Set<Int>>([])

  package init(_ recording: Recording) { self.recording = recording }

  /// Entries that nobody asked for yet.
  package var remaining: [Recording.Entry] {
    let used = used.withLock { $0 }
    return recording.entries.indices.filter { !used.contains($0) }.map { recording.entries[$0] }
  }

  package func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    let body = String(decoding: request.body, as: UTF8.self)
    let fits = recording.entries.indices.filter { index in
      let entry = recording.entries[index]
      return entry.method == request.method && entry.url == request.url && entry.body == body
    }
    let found = used.withLock { used in
      let index = fits.first { !used.contains($0) } ?? (request.isSafe ? fits.last : nil)
      if let index { used.insert(index) }
      return index
    }
    guard let found else {
      throw .interrupted("the recording has no (more) \(request.method) \(request.url)")
    }
    let entry = recording.entries[found]
    return HTTPResponse(status: entry.status, headers: entry.headers, body: [UInt8](entry.answer.utf8))
  }
}
