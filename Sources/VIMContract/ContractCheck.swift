/// A promise that every back end keeps, and the name under which a report speaks of it.
///
/// ORDER: they are tried in this order; those from `sameToken` to `deleteGone` look at one resource.
package enum ContractCheck: String, CaseIterable, Hashable, Sendable {
  case describe
  case probe
  case inventory
  case unknownToken = "unknown-token"
  case missingHandle = "missing-handle"
  case undeclared
  case unknownHost = "unknown-host"
  case tooMuch = "too-much"
  case create
  case sameToken = "same-token"
  case find
  case afterCrash = "after-crash"
  case order
  case strangers
  case stopStart = "stop-start"
  case migrate
  case resize
  case delete
  case deleteGone = "delete-gone"
  case undo
  case sideBySide = "side-by-side"
  case concurrency
  case lostAnswer = "lost-answer"
  case garbledAnswer = "garbled-answer"
  case lostRequest = "lost-request"
  case later
  case quota
  case noCapacity = "no-capacity"
  case partial
  case expired
  case garbage
  case slow
  case nothingLeft = "nothing-left"

  /// What is promised, as a sentence without a full stop.
  package var promise: String {
    switch self {
    case .describe: "it has a name, a kind and a version, and declares capabilities by their names"
    case .probe: "it answers"
    case .inventory: "its inventory is its own, dated, with hosts whose parts lie in them"
    case .unknownToken: "a token that nobody used finds nothing"
    case .missingHandle: "what it does not have is missing, and no error"
    case .undeclared: "it says before the act what it does not offer"
    case .unknownHost: "it refuses a host that it does not have, and makes nothing"
    case .tooMuch: "it refuses what no host has room for, and makes nothing"
    case .create: "what it makes runs, whole, where it was asked for"
    case .sameToken: "one token is one effect: asked again, the same answer and one resource"
    case .find: "a token finds what came of it"
    case .afterCrash: "a new connection knows the tokens of the old one"
    case .order: "resources are observed in the order asked"
    case .strangers: "it shows what it has beside what is known"
    case .stopStart: "what stops stands still, what starts runs again"
    case .migrate: "what is migrated runs on the other host, and can be brought back"
    case .resize: "what is resized runs, and can be brought back"
    case .delete: "what is deleted is gone when the answer comes"
    case .deleteGone: "deleting what is gone is a success"
    case .undo: "an undo record takes its effect back"
    case .sideBySide: "two tokens are two resources of one instance, and one can go without the other"
    case .concurrency: "many creates at once are as many resources"
    case .lostAnswer: "an answer that is lost is an unknown outcome, and the token finds what was made"
    case .garbledAnswer:
      "an answer that makes no sense is an unknown outcome, and the token finds what was made"
    case .lostRequest: "a request that is lost made nothing, and can be asked again"
    case .later: "being told to wait is passed on with the time, and asking again helps"
    case .quota: "a used up quota is refused as one, and nothing is made"
    case .noCapacity: "a lack of room is refused as one, and nothing is made"
    case .partial: "what was made in part says what is missing, or is taken away again"
    case .expired: "a session that expired is renewed unseen"
    case .garbage: "a senseless answer is an error that names the VIM, and the next answer counts"
    case .slow: "a slow answer is waited for"
    case .nothingLeft: "it has afterwards what it had before"
    }
  }
}

/// Trouble that a test puts between a back end and its VIM.
package enum Trouble: String, CaseIterable, Hashable, Sendable {
  /// The next create happens, and its answer is cut off.
  case lostAnswer
  /// The next create happens, and its answer is no sense.
  case garbledAnswer
  /// The next create is cut off before it arrives.
  case lostRequest
  /// The next create is refused for now, to be asked again after `Trouble.pause`.
  case later
  /// The next create is refused for want of quota.
  case quota
  /// The next create is refused for want of room.
  case noCapacity
  /// Something that belongs to the next create cannot be made.
  case partial
  /// The session has expired.
  case expired
  /// The answer to the next reading of the inventory makes no sense.
  case garbage
  /// The next create takes two seconds longer.
  case slow

  /// Milliseconds after which `later` may be asked again.
  package static let pause = 1000
}

/// Who arranges trouble: a fault script, or a proxy before a real service.
package protocol Disturber: Sendable {
  /// False where this kind of trouble cannot be made here: the check is not tried, and says so.
  func arrange(_ trouble: Trouble) async -> Bool
  /// Takes back what has not happened yet.
  func calm() async
}
