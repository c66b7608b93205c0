/// A plain table for a terminal: left-aligned columns two blanks apart, cells shortened so that lines fit.
package struct TextTable {
  package var header: [String]
  package var rows: [[String]] = []
  package var width: Int
  package var indent: String

  package init(header: [String], width: Int, indent: String = "  ") {
    self.header = header
    self.width = width
    self.indent = indent
  }

  /// Lines without trailing blanks.
  package var lines: [String] {
    let all = [header] + rows
    var widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    // The widest column gives way until the line fits.
    while indent.count + widths.reduce(0, +) + 2 * (widths.count - 1) > width,
      let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > 8
    {
      widths[widest] -= 1
    }
    return all.map { row in
      let cells = zip(row, widths).map { cell, width in
        let shown = cell.count > width ? cell.prefix(width - 1) + "…" : cell[...]
        return shown + String(repeating: " ", count: width - shown.count)
      }
      let line = indent + cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
