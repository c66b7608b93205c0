package import NFVModel
import Synchronization
package import VIMTransport

/// A vCenter that answers from a recording, for one user and one password; it refuses to change anything.
package final class FakeVCenter: FakeService {
  /// What a test changes while it runs.
  package struct Behaviour: Sendable {
    package var password: String
    package var onRequest: @Sendable () -> Void = {}
  }

  private let behaviour: Mutex<Behaviour>
  private let answers: [String: [Recording.Entry]]

  /// - Parameter recordings: with the password blotted out; what several have is answered from the first.
  package init(password: String, recordings: [JSONValue]) throws(JSONShapeError) {
    behaviour = Mutex(Behaviour(password: password))
    var answers: [String: [Recording.Entry]] = [:]
    for recording in recordings {
      for entry in try Recording(recording).entries { answers[entry.body, default: []].append(entry) }
    }
    self.answers = answers
  }

  package func change(_ body: (inout Behaviour) -> Void) { behaviour.withLock { body(&$0) } }

  package func answer(
    _ request: HTTPRequest, path: String, query: [(name: String, value: String)], origin: String
  ) -> HTTPResponse {
    behaviour.withLock { $0.onRequest }()
    let now = behaviour.withLock { $0 }
    let body = String(decoding: request.body, as: UTF8.self)
    if body.contains("<Login "), !body.contains("<password>\(now.password)</password>") {
      return Self.fault("InvalidLogin", "Cannot complete login due to an incorrect user name or password.")
    }
    guard let entry = answers[body.replacing(now.password, with: "••••")]?.first else {
      return Self.fault("NoPermission", "Permission to perform this operation was denied.")
    }
    var headers = entry.headers
    if body.contains("<Login ") {
      headers["set-cookie"] = "vmware_soap_session=\"planted-cookie-5150\"; HttpOnly"
    }
    return HTTPResponse(status: entry.status, headers: headers, body: [UInt8](entry.answer.utf8))
  }

  private static func fault(_ name: String, _ words: String) -> HTTPResponse {
    let text =
      "<?xml version=\"1.0\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" "
      + "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body><soapenv:Fault>"
      + "<faultcode>ServerFaultCode</faultcode><faultstring>\(words)</faultstring><detail>"
      + "<\(name)Fault xmlns=\"urn:vim25\" xsi:type=\"\(name)\"/></detail></soapenv:Fault>"
      + "</soapenv:Body></soapenv:Envelope>"
    return HTTPResponse(status: 500, headers: ["content-type": "text/xml"], body: [UInt8](text.utf8))
  }
}
