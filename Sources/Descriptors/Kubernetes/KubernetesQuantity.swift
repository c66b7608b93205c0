/// Amounts as Kubernetes writes them: `16Gi`, `1500m`, `2e3`.
package enum KubernetesQuantity {
  /// In thousandths, rounded up; nil for what is no amount or does not fit.
  package static func milli(_ text: String) -> Int? {
    var digits = Substring(text)
    var (numerator, denominator) = (1000, 1)
    if let (suffix, factor) = binary.first(where: { digits.hasSuffix($0.0) }) {
      digits = digits.dropLast(suffix.count)
      guard let scaled = product(numerator, factor) else { return nil }
      numerator = scaled
    } else if let last = digits.last, let (above, below) = decimal[last] {
      digits = digits.dropLast()
      guard let scaled = product(numerator, above) else { return nil }
      (numerator, denominator) = (scaled, below)
    } else if let exponent = digits.firstIndex(where: { $0 == "e" || $0 == "E" }) {
      guard let power = Int(digits[digits.index(after: exponent)...]), (-18...18).contains(power) else {
        return nil
      }
      digits = digits[..<exponent]
      for _ in 0..<abs(power) {
        if power > 0 {
          guard let scaled = product(numerator, 10) else { return nil }
          numerator = scaled
        } else {
          denominator *= 10
        }
      }
    }
    return amount(digits, numerator, denominator)
  }

  /// In whole ones (bytes, devices), rounded up.
  package static func whole(_ text: String) -> Int? {
    if let plain = Int(text) { return plain }
    // What does not fit in thousandths may still fit in ones.
    for (suffix, factor) in binary where text.hasSuffix(suffix) {
      if let count = Int(text.dropLast(suffix.count)) { return product(count, factor) }
    }
    return milli(text).map { $0 > 0 ? ($0 - 1) / 1000 + 1 : -(-$0 / 1000) }
  }

  /// The shortest exact way: `16Gi`, `1536Mi`, `1000`.
  package static func bytes(_ count: Int) -> String {
    for (suffix, factor) in binary.reversed() where count != 0 && count % factor == 0 {
      return "\(count / factor)\(suffix)"
    }
    return "\(count)"
  }

  /// Thousandths of a CPU: `4`, `1500m`.
  package static func cpu(milli: Int) -> String { milli % 1000 == 0 ? "\(milli / 1000)" : "\(milli)m" }

  private static func amount(_ digits: Substring, _ numerator: Int, _ denominator: Int) -> Int? {
    let isNegative = digits.first == "-"
    let digits = digits.first == "-" || digits.first == "+" ? digits.dropFirst() : digits
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, !digits.isEmpty, digits != ".",
      parts.joined().allSatisfy({ $0.isASCII && $0.isNumber })
    else { return nil }
    // More decimals than these change nothing that anyone counts.
    let decimals = parts.count == 2 ? parts[1].prefix(6) : ""
    guard let mantissa = Int(parts[0] + decimals), let scaled = product(mantissa, numerator) else {
      return nil
    }
    let divisor = decimals.reduce(denominator) { product, _ in product * 10 }
    let result = scaled / divisor + (scaled % divisor == 0 ? 0 : 1)
    return isNegative ? -result : result
  }

  private static func product(_ a: Int, _ b: Int) -> Int? {
    let (value, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? nil : value
  }

  private static let binary: [(String, Int)] = [
    ("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40), ("Pi", 1 << 50), ("Ei", 1 << 60),
  ]

  private static let decimal: [Character: (above: Int, below: Int)] = [
    "n": (1, 1_000_000_000), "u": (1, 1_000_000), "m": (1, 1000), "k": (1000, 1), "M": (1_000_000, 1),
    "G": (1_000_000_000, 1), "T": (1_000_000_000_000, 1), "P": (1_000_000_000_000_000, 1),
  ]
}
