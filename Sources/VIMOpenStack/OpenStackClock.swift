import Glibc

/// Time as the back end needs it: tests give their own.
package struct OpenStackClock: Sendable {
  /// Milliseconds since 1970.
  package let now: @Sendable () -> Int
  package let sleep: @Sendable (_ milliseconds: Int) async -> Void

  package init(
    now: @escaping @Sendable () -> Int, sleep: @escaping @Sendable (_ milliseconds: Int) async -> Void
  ) {
    self.now = now
    self.sleep = sleep
  }

  package static let system = OpenStackClock(
    now: {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    },
    sleep: { try? await Task.sleep(for: .milliseconds($0)) })

  /// `2026-11-22T14:00:00Z`.
  var nowText: String { utcText(seconds: now() / 1000) }
}

/// Days since 1970 of a date of the Gregorian calendar.
private func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
  let y = month <= 2 ? year - 1 : year
  let era = y / 400
  let yearOfEra = y - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

/// Seconds since 1970 of `2026-11-22T14:00:00Z`, with or without a fraction; nil for anything else.
func utcSeconds(_ text: String) -> Int? {
  let numbers = text.split { !$0.isNumber }.map { Int($0) }
  guard text.hasSuffix("Z"), numbers.count >= 6, let year = numbers[0], let month = numbers[1],
    let day = numbers[2], let hour = numbers[3], let minute = numbers[4], let second = numbers[5],
    (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
  else { return nil }
  return days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
}

func utcText(seconds: Int) -> String {
  let day = seconds / 86_400 + 719_468
  let era = day / 146_097
  let dayOfEra = day - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shifted = (5 * dayOfYear + 2) / 153
  let month = shifted < 10 ? shifted + 3 : shifted - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  let time = seconds % 86_400
  func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  return "\(year)-\(two(month))-\(two(dayOfYear - (153 * shifted + 2) / 5 + 1))"
    + "T\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))Z"
}
