/// Stops branch and price at the limit of work wherever a stop by time could: then a run that time has ended is repeated by
/// the work that it did.
final class PricingClock {
  weak var pricing: BranchAndPrice?
  /// The work of pricing at which the limit of the whole run is met.
  var end = Int.max

  func stop(or other: @escaping () -> Bool) -> () -> Bool {
    { other() || self.pricing.map { $0.work >= self.end } ?? false }
  }
}
