import CLibvirt
import VIMProtocol

/// The C library, loaded on first use and kept.
enum LibvirtLibrary {
  /// The functions, or what of them this machine lacks.
  private nonisolated(unsafe) static let loaded: (table: UnsafePointer<placet_libvirt>?, missing: String?) = {
    var table: UnsafePointer<placet_libvirt>?
    let missing = placet_libvirt_load(&table)
    return (table, missing.map { String(cString: $0) })
  }()

  static func functions(for vim: String) throws(VIMError) -> placet_libvirt {
    guard let table = loaded.table else {
      throw .rejected(
        .unsupported,
        "vim \(vim): this machine has no \(loaded.missing ?? "libvirt.so.0"): install libvirt's client library (libvirt0)"
      )
    }
    return table.pointee
  }
}

/// What libvirt says of a call that failed.
struct LibvirtFailure: Error, Hashable, Sendable {
  /// The function: `virDomainCreate`.
  let call: String
  /// A virErrorNumber.
  let code: Int
  /// A virErrorDomain: who says so.
  let domain: Int
  let message: String
}
