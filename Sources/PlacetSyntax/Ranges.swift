package import Diagnostics

extension Item {
  /// From the first to the last token of the item.
  package var range: SourceRange {
    switch self {
    case .importModule(let item): item.range
    case .layer(_, let range), .invalid(let range): range
    case .dimension(let item), .unit(let item): item.range
    case .enumeration(let item): item.range
    case .extend(let item): item.range
    case .record(let item): item.range
    case .entity(let item): item.range
    case .function(let item): item.range
    case .rule(let item): item.range
    case .scenario(let item): item.range
    case .test(let item): item.range
    case .statement(let statement): statement.range
    }
  }
}

extension Statement {
  /// From the first to the last token of the statement.
  package var range: SourceRange {
    switch self {
    case .letBinding(let statement): statement.range
    case .param(let statement): statement.range
    case .load(let statement): statement.range
    case .constraint(let statement): statement.range
    case .make(let statement): statement.range
    case .waive(let statement): statement.range
    case .forEach(_, _, let range), .ifElse(_, _, _, let range), .match(_, _, let range),
      .objective(_, let range), .use(_, let range), .invalid(let range):
      range
    }
  }
}
