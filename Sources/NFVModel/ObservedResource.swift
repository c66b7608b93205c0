/// The name that a VIM gave to what it made.
package struct ResourceHandle: Hashable, Sendable, CustomStringConvertible {
  package let text: String

  package init(_ text: String) { self.text = text }

  package var description: String { text }
}

/// What a VIM says of one resource, now.
package struct ObservedResource: Hashable, Sendable {
  package enum Status: String, Hashable, Sendable, CaseIterable {
    /// It is there and runs.
    case running
    /// It is there and does not run.
    case stopped
    /// It is there, on its way: being made, moved or started.
    case changing
    /// It is there and broken: asking it to start will not help.
    case failed
    /// The VIM does not have it.
    case missing
  }

  package let vim: String
  package let handle: ResourceHandle
  package let status: Status
  /// Where it is; nil when it is missing or the VIM does not say.
  package let host: String?

  package init(vim: String, handle: ResourceHandle, status: Status, host: String?) {
    self.vim = vim
    self.handle = handle
    self.status = status
    self.host = host
  }
}
