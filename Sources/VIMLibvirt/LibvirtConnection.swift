import CLibvirt
import Dispatch
import Synchronization
import VIMProtocol

/// One connection of libvirt, opened on first use and again when it broke. Its calls block, so each runs on a thread
/// that is not the cooperative pool's, and nobody waits for one longer than its time.
final class LibvirtConnection: Sendable {
  let vim: String
  let uri: String
  private let api: placet_libvirt
  private let queue = DispatchQueue(label: "placet.libvirt", attributes: .concurrent)
  private let opening = Mutex<UInt>(0)

  init(_ vim: String, uri: String) throws(VIMError) {
    self.vim = vim
    self.uri = uri
    api = try LibvirtLibrary.functions(for: vim)
  }

  deinit {
    // Nobody calls any more: a call holds its connection.
    let address = opening.withLock { $0 }
    if let open = UnsafeMutableRawPointer(bitPattern: address) { _ = api.virConnectClose(open) }
  }

  /// Runs a body that blocks.
  /// - Parameters:
  ///   - verb: what is done, for messages.
  ///   - isChanging: whether it is open what happened when no answer comes.
  func run<T: Sendable>(
    _ verb: String, isChanging: Bool, within milliseconds: Int,
    _ body: @escaping @Sendable (LibvirtSession) throws(VIMError) -> T
  ) async throws(VIMError) -> T {
    let result: Result<T, VIMError> = await withCheckedContinuation { continuation in
      let waiting = Waiting(continuation)
      queue.async { waiting.resume(Result { () throws(VIMError) -> T in try body(try self.session(verb)) }) }
      DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [vim] in
        let text = "vim \(vim), \(verb): no answer in \(milliseconds) ms"
        waiting.resume(
          .failure(isChanging ? .unknownOutcome(text) : .unavailable(.unreachable, text, retryAfter: nil)))
      }
    }
    return try result.get()
  }

  /// Whoever comes first, the answer or the end of patience, is the answer.
  private final class Waiting<T: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Result<T, VIMError>, Never>?>

    init(_ continuation: CheckedContinuation<Result<T, VIMError>, Never>) {
      self.continuation = Mutex(continuation)
    }

    func resume(_ result: Result<T, VIMError>) {
      let first = continuation.withLock { waiting in
        defer { waiting = nil }
        return waiting
      }
      first?.resume(returning: result)
    }
  }

  private func session(_ verb: String) throws(VIMError) -> LibvirtSession {
    let address = try opening.withLock { address throws(VIMError) -> UInt in
      if let open = UnsafeMutableRawPointer(bitPattern: address) {
        if api.virConnectIsAlive(open) == 1 { return address }
        // Others may be in a call on it: it is let go of, not closed.
        address = 0
      }
      guard let open = api.virConnectOpen(uri) else {
        throw VIMError(api.failure("virConnectOpen"), of: vim, verb: verb, isChanging: false)
      }
      address = UInt(bitPattern: open)
      return address
    }
    guard let open = UnsafeMutableRawPointer(bitPattern: address) else {
      throw .unavailable(.unreachable, "vim \(vim), \(verb): no connection", retryAfter: nil)
    }
    return LibvirtSession(api: api, connection: open)
  }

  /// The meaning of what a body threw.
  func translating<T>(
    _ verb: String, isChanging: Bool, _ body: () throws(LibvirtFailure) -> T
  ) throws(VIMError) -> T {
    do throws(LibvirtFailure) { return try body() } catch {
      throw VIMError(error, of: vim, verb: verb, isChanging: isChanging)
    }
  }
}

extension VIMError {
  /// What libvirt's refusal means for whoever asked.
  init(_ failure: LibvirtFailure, of vim: String, verb: String, isChanging: Bool) {
    let text = "vim \(vim), \(verb), \(failure.call): \(failure.message)"
    // The driver of the connection itself: the message was not carried, or its answer was not.
    let isWire = [7, 13].contains(failure.domain)
    switch failure.code {
    case _ where isWire && [1, 6, 38, 39].contains(failure.code):
      self = isChanging ? .unknownOutcome(text) : .unavailable(.unreachable, text, retryAfter: nil)
    case 38 where failure.call == "virConnectOpen", 4, 5, 40, 85, 98, 95, 96:
      self = .unavailable(.unreachable, text, retryAfter: nil)
    case 68: self = .unavailable(.unreachable, text, retryAfter: nil)
    case 87: self = .unavailable(.conflict, text, retryAfter: nil)
    case 45, 79, 94, 88, 29: self = .rejected(.unauthorised, text)
    case 42, 43, 49, 50, 53: self = .rejected(.notFound, text)
    case 28, 37, 90, 106: self = .rejected(.conflict, text)
    // "already exists with uuid" comes as a failed operation.
    case 9 where failure.message.contains("already exists"): self = .rejected(.conflict, text)
    case 3, 67, 74, 84, 91: self = .rejected(.unsupported, text)
    case 2: self = .rejected(.noCapacity("memory"), text)
    case _ where Self.isShortOfMemory(failure.message): self = .rejected(.noCapacity("memory"), text)
    case 8, 27, 32, 35, 44, 92: self = .rejected(.invalid("domain"), text)
    default: self = .rejected(.invalid("domain"), text)
    }
  }

  /// QEMU tells in words alone.
  private static func isShortOfMemory(_ message: String) -> Bool {
    ["Cannot allocate memory", "cannot set up guest memory", "unable to map backing store", "Out of memory"]
      .contains { message.contains($0) }
  }
}
