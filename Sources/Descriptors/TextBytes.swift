package import Diagnostics

/// Whether bytes are text.
package enum TextBytes {
  /// The offset of the first byte that is no part of well-formed UTF-8; nil when all is.
  package static func firstInvalid(_ bytes: [UInt8]) -> Int? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let scalar): offset += scalar.count
      case .error: return offset
      case .emptyInput: return nil
      }
    }
  }
}

extension Diagnostic {
  /// A file in Latin-1, or no text at all.
  package static func notUTF8(_ source: Source, offset: Int) -> Self {
    Diagnostic(
      "E0404", "'\(source.name)' is not text in UTF-8",
      at: Label(SourceRange(source, offset, offset + 1), "this byte is not"))
  }
}
