import Dispatch
import VIMProtocol

/// One at a time, on threads that may block.
final class PlacingLock: Sendable {
  private let turn = DispatchSemaphore(value: 1)

  func locked<T>(_ body: () throws(VIMError) -> T) throws(VIMError) -> T {
    turn.wait()
    defer { turn.signal() }
    return try body()
  }
}
