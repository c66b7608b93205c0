package import Diagnostics

/// What a data file holds, before types: JSON, YAML and CSV all become this. Readers live with the shell.
package struct DataNode: Sendable {
  package indirect enum Form: Sendable {
    case null
    case bool(Bool)
    /// The digits as written.
    case number(String)
    case text(String)
    case list([DataNode])
    /// In order of the file.
    case object([(key: String, value: DataNode)])
  }
  package var form: Form
  /// Line in the file, from 1; 0 where the reader does not know.
  package var line: Int

  package init(_ form: Form, line: Int) {
    self.form = form
    self.line = line
  }
}

/// How the machine asks for a file: by the name that the policy gave, relative to the policy that asked.
package struct DataFile: Sendable {
  /// As shown in messages.
  package var name: String
  package var root: DataNode
  /// The text, where the reader kept it: messages then show the line.
  package var source: Source?
  /// Whether all values are text, to be read by type: so in CSV.
  package var isUntyped = false
  package init(name: String, root: DataNode, source: Source? = nil) {
    self.name = name
    self.root = root
    self.source = source
    isUntyped = name.hasSuffix(".csv")
  }
}
