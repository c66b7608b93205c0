import NFVModel

/// The plan for a terminal: what, where, why, in what order; then what stays and what was waived.
extension Plan {
  /// - Parameter width: columns; no line is longer unless a single word is.
  package func text(width: Int = 80) -> String {
    var lines: [String] = []
    if isEmpty {
      lines.append(
        "Nothing to do: \(amount(unchanged, "instance")) as the policy places \(unchanged == 1 ? "it" : "them")."
      )
    } else {
      lines += table(width: width)
      lines.append("")
      lines += wrapped(summary, indent: 0, width: width)
    }
    for waiver in waivers {
      lines += wrapped(
        "waived: \(waiver.rule) for \(waiver.subject), because \"\(waiver.because)\"", indent: 0, width: width
      )
    }
    for note in notes { lines += wrapped("note: \(note)", indent: 0, width: width) }
    lines.append("plan \(digest.prefix(19))")
    return lines.joined(separator: "\n") + "\n"
  }

  /// `Plan: 2 to create, 1 to move; 95 unchanged.`
  package var summary: String {
    let order = ["create", "move", "migrate", "rebuild", "update", "start", "delete", "forget", "record"]
    let counts = counts
    let parts = order.compactMap { verb in counts[verb].map { "\($0) to \(verb)" } }
    return "Plan: \(parts.joined(separator: ", ")); \(unchanged) unchanged."
  }

  private func table(width: Int) -> [String] {
    let numbers = String(actions.count).count
    let names = min(actions.map(\.instance.count).max() ?? 0, 28)
    return actions.flatMap { action in
      let head =
        "\(left(String(action.id), numbers))  \(right(action.verb, 7))  \(right(action.instance, names))  "
      let why =
        action.rules.isEmpty ? action.reason : "\(action.reason) (\(action.rules.joined(separator: ", ")))"
      let order =
        action.after.isEmpty ? "" : "; after \(action.after.map(String.init).joined(separator: ", "))"
      let first =
        head.count + action.way.count <= width
        ? [head + action.way] : [head.trimmingEnd, String(repeating: " ", count: numbers + 2) + action.way]
      return first + wrapped(why + order, indent: numbers + 11, width: width)
    }
  }

  private func amount(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? " is" : "s are")"
  }

  private func left(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private func right(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func wrapped(_ text: String, indent: Int, width: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, indent + line.count + 1 + word.count > width {
        lines.append(margin + line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " " + word
    }
    return lines + [margin + line]
  }
}

extension String {
  fileprivate var trimmingEnd: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

extension Action {
  /// `sto-1 -> sto-3`, with the VIM before each host.
  fileprivate var way: String {
    let from = existing.map { "\($0.spec.vim)/\($0.spec.host)" }
    let to = desired.map { "\($0.vim)/\($0.host)\($0.cellsText)" }
    switch kind {
    case .create: return "-> \(to ?? "")"
    case .replace, .migrate: return verb == "rebuild" ? "on \(to ?? "")" : "\(from ?? "") -> \(to ?? "")"
    case .delete: return "\(from ?? "") ->"
    case .update, .start, .record: return "on \(to ?? "")"
    case .forget: return "was on \(from ?? "")"
    }
  }
}

extension PlacedInstance {
  fileprivate var cellsText: String {
    guard let cells, !cells.isEmpty else { return "" }
    return " cell\(cells.count == 1 ? "" : "s") \(cells.map(String.init).joined(separator: ", "))"
  }
}
