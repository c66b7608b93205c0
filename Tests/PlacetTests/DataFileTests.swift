import Diagnostics
import Placet
import PlacetVM
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct DataFileTests {
  // MARK: The same data in each format

  @Test func `JSON keeps the order of keys, the digits of numbers and the line of each value`() throws {
    let file = try read("a.json", "{\n \"z\": 1.50,\n \"a\": [true, null,\n  \"é\\n\"]}").get()

    #expect(show(file.root) == "{z: #1.50@2, a: [true@3, null@3, \"é\n\"@4]@3}@1")
  }

  @Test func `YAML keeps them as well`() throws {
    let file = try read("a.yaml", "z: 1.50\na:\n- true\n- ~\n- \"é\\n\"\n").get()

    #expect(show(file.root) == "{z: #1.50@1, a: [true@3, null@4, \"é\n\"@5]@3}@1")
  }

  @Test func `CSV is a list of objects of text`() throws {
    let file = try read("a.csv", "name,note\r\nsto-1,\"8, \"\"big\"\"\nold\"\nfra-1,\n").get()

    #expect(
      show(file.root)
        == "[{name: \"sto-1\"@2, note: \"8, \"big\"\nold\"@2}@2, {name: \"fra-1\"@4, note: \"\"@4}@4]@1")
  }

  @Test(arguments: [
    ("8", "#8"), ("-0.5e3", "#-0.5e3"), ("NO", "\"NO\""), ("yes", "\"yes\""), ("007", "\"007\""),
    ("1_000", "\"1_000\""), ("0x1F", "\"0x1F\""), ("1.", "\"1.\""), (".5", "\".5\""), ("+5", "\"+5\""),
    ("'8'", "\"8\""), ("\"true\"", "\"true\""), ("True", "true"), ("null", "null"), ("!!str 5", "#5"),
    ("64 GiB", "\"64 GiB\""), ("", "null"),
  ])
  func `a plain YAML word is a number only by the grammar of JSON`(_ text: String, _ wanted: String) throws {
    let file = try read("a.yml", "a: \(text)").get()

    #expect(show(file.root) == "{a: \(wanted)@1}@1")
  }

  @Test func `anchors, aliases and merges are written out, and what is given hides what is merged`() throws {
    let text = "base: &b {cores: 8, disk: 1}\nhost:\n  <<: *b\n  cores: 16\nsame: *b\n"

    let file = try read("a.yaml", text).get()

    #expect(
      show(file.root)
        == "{base: {cores: #8@1, disk: #1@1}@1, host: {cores: #16@4, disk: #1@1}@3, same: {cores: #8@1, disk: #1@1}@1}@1"
    )
  }

  @Test func `an empty YAML file is null`() throws {
    #expect(show(try read("a.yaml", "# nothing\n").get().root) == "null@1")
  }

  // MARK: What is refused

  @Test(arguments: [
    ("a.xlsx", "", "E0402 1:1"),
    ("hosts", "", "E0402 1:1"),
    (".json", "1", nil),
    ("a.json", "", "E0405 1:1 expected a value, found the end of the document"),
    ("a.json", "{\"a\": 1,\n \"a\": 2}", "E0405 2:2 the key 'a' is given twice"),
    ("a.json", "[1, 2", "E0405 1:6 expected ',' or ']', found the end: the '[' of line 1 is never closed"),
    ("a.json", "[1] x", "E0405 1:5 expected the end of the document, found 'x'"),
    ("a.json", "[tru]", "E0405 1:2 expected a value, found 'tru'"),
    ("a.json", "{\"é\": \"a\nb\"}", "E0405 1:9 the text is not closed on its line"),
    ("a.yaml", "a: [1, 2\nb: 3", "E0406 2:2"),
    ("a.yaml", "a: 1\n b: 2", "E0406 2:3"),
    ("a.yaml", "a: *x", "E0406 1:4 found undefined alias"),
    ("a.yaml", "a: 1\n---\nb: 2", "E0406 2:1"),
    ("a.yaml", "a: \u{1}", "E0406 1:4 control characters are not allowed"),
    ("a.yaml", "a: 1\nb:\n  c: 2\n  c: 3\n", "E0407 3:3 the key 'c' is given twice"),
    ("a.yaml", "1: a\n\"1\": b\n", "E0407 1:1 the key '1' is given twice"),
    ("a.yaml", "? [1, 2]\n: 3\n", "E0407 1:3 expected a key of one word or text, found a list or a map"),
    ("a.yaml", "a:\n  <<: 5\n", "E0407 2:7 '<<' merges maps"),
    ("a.csv", "", "E0411 1:1 expected a header, found an empty file"),
    ("a.csv", "a,b,a\n", "E0411 1:1 the column 'a' is named twice"),
    ("a.csv", "a,,b\n", "E0411 1:1 column 2 has no name"),
    ("a.csv", "a,b\n1,\"2\n", "E0409 2:3 the quote is never closed"),
    ("a.csv", "a,b\n1,\"2\"x\n", "E0409 2:6 expected ',' or the end of the line after a quoted field"),
    ("a.csv", "a,b\n1,x\"2\n", "E0409 2:4 a quote stands at the beginning of a field or nowhere"),
    ("a.csv", "a,b\n1,2\n3\n", "E0410 3:1 expected 2 fields, found 1"),
  ])
  func `what is no data is refused with its place`(_ name: String, _ text: String, _ wanted: String?) {
    let problem = read(name, text).problem

    #expect(problem.map { $0.hasPrefix(wanted ?? "nothing") } ?? (wanted == nil), "\(problem ?? "read")")
  }

  @Test func `every ragged row is named`() {
    guard case .failure(let problems) = read("a.csv", "a,b\n1\n1,2\n1,2,3\n") else {
      Issue.record("read")
      return
    }

    #expect(problems.diagnostics.map(\.primary.range.line) == [2, 4])
    #expect(problems.diagnostics.allSatisfy { $0.secondary.first?.range.line == 1 })
  }

  @Test(arguments: ["a.json", "a.yaml", "a.csv"])
  func `bytes that are no UTF-8 are refused where they stand`(_ name: String) {
    let bytes = Array("\"a\n".utf8.dropLast()) + [0xC3, 0x28] + Array("\"".utf8)

    guard case .failure(let problems) = DataFileReader.read(path: name, bytes: bytes) else {
      Issue.record("read")
      return
    }

    #expect(problems.diagnostics.first?.primary.range.start == 2)
  }

  @Test func `aliases of aliases end in a diagnostic, not in the machine's memory`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for n in 1...12 {
      text += "a\(n): &a\(n) [" + Array(repeating: "*a\(n - 1)", count: 10).joined(separator: ", ") + "]\n"
    }

    #expect(read("a.yaml", text).problem?.hasPrefix("E0408") == true)
    #expect(read("a.yaml", text + "? *a12\n: 1\n").problem?.hasPrefix("E0408") == true)
    #expect(read("a.yaml", text + "[*a12] : 1\n").problem?.hasPrefix("E0408") == true)
  }

  @Test(arguments: ["a.json", "a.yaml"])
  func `nesting without end ends in a diagnostic`(_ name: String) {
    #expect(
      read(name, String(repeating: "[", count: 300) + String(repeating: "]", count: 300)).problem != nil)
    #expect(read(name, String(repeating: "[", count: 200_000)).problem != nil)
    #expect(read(name, String(repeating: "{\"a\": ", count: 200_000)).problem != nil)
  }

  @Test func `any cut of a file is read or refused, never more`() {
    let samples = [
      ("a.json", "{\"a\": [1, -2.5e3, \"\\u00e9\\ud83d\\ude00é\"], \"b\": {\"c\": null}}"),
      ("a.yaml", "a: &x [1, 'b']\nc: *x\nd: |\n  text\n  more\n? e\n: \"\\u00e9é\"\n"),
      ("a.csv", "a,b\r\n\"1,\"\"é\",2\r\n"),
    ]
    for (name, text) in samples {
      let bytes = Array(text.utf8)
      for end in 0...bytes.count {
        if case .failure(let problems) = DataFileReader.read(path: name, bytes: Array(bytes[..<end])) {
          #expect(
            problems.diagnostics.allSatisfy {
              $0.severity == .error && $0.primary.range.end >= $0.primary.range.start
            })
        }
      }
    }
  }

  // MARK: Files on disk

  @Test(arguments: [
    ("/nonexistent/lab.json", "E0401 1:1 cannot read '/nonexistent/lab.json': there is no such file"),
    ("/", "E0402"),
  ])
  func `a file that is not there is a diagnostic`(_ path: String, _ wanted: String) {
    let problem = DataFileReader.load(path: path).problem
    #expect(problem?.hasPrefix(wanted) == true, "\(problem ?? "read")")
  }

  @Test func `a folder is not data`() {
    let problem = DataFileReader.load(path: "/", name: "lab.json").problem
    #expect(problem == "E0401 1:1 cannot read 'lab.json': it is a folder")
  }

  @Test func `a file on disk is read under the name that the policy gave`() throws {
    let path = "/tmp/placet-data-file-test-\(UInt32.random(in: 0...(.max))).csv"
    let handle = try #require(fopen(path, "w"))
    fputs("name\nsto-1\n", handle)
    fclose(handle)
    defer { unlink(path) }

    let file = try DataFileReader.load(path: path, name: "lab.csv").get()

    #expect(file.name == "lab.csv")
    #expect(show(file.root) == "[{name: \"sto-1\"@2}@2]@1")
  }

  // MARK: Saying what was read

  private func read(_ name: String, _ text: String) -> Result<DataFile, DataFileProblems> {
    DataFileReader.read(path: name, bytes: Array(text.utf8))
  }

  private func show(_ node: DataNode?) -> String? {
    guard let node else { return nil }
    let text =
      switch node.form {
      case .null: "null"
      case .bool(let flag): "\(flag)"
      case .number(let digits): "#\(digits)"
      case .text(let text): "\"\(text)\""
      case .list(let items): "[" + items.map { show($0) ?? "" }.joined(separator: ", ") + "]"
      case .object(let fields):
        "{" + fields.map { "\($0.key): \(show($0.value) ?? "")" }.joined(separator: ", ") + "}"
      }
    return "\(text)@\(node.line)"
  }
}

extension Result where Success == DataFile, Failure == DataFileProblems {
  /// The first diagnostic: code, line and column, message.
  var problem: String? {
    guard case .failure(let problems) = self, let first = problems.diagnostics.first else { return nil }
    let position = first.primary.range.source.position(of: first.primary.range.start)
    return "\(first.code) \(position.line):\(position.column) \(first.message)"
  }
}
