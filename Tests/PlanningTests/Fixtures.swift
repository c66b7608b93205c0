import NFVModel
import Planning

/// Short ways to say what runs where.
func placed(_ id: String, _ host: String, cores: Int = 4, overlap: Bool = true) -> PlacedInstance {
  PlacedInstance(
    id, vim: "sto", host: host, site: "stockholm", cells: [0], demand: ["cores": cores],
    attributes: ["image": .text("img"), "disk": .amount("10 GiB")], rules: ["spread_replicas"],
    mayOverlap: overlap)
}

func recorded(_ specs: PlacedInstance...) -> RecordedState { state(specs) }

func state(_ specs: [PlacedInstance]) -> RecordedState {
  RecordedState(
    resources: specs.enumerated().map { RecordedResource($1, handle: ResourceHandle("sto-\($0 + 1)")) })
}

func options(_ capacity: [String: Int]) -> Planner.Options {
  var options = Planner.Options()
  for (host, cores) in capacity {
    options.capacity[Planner.HostKey(vim: "sto", host: host)] = ["cores": cores]
  }
  return options
}

extension Planner {
  func plan(_ desired: [PlacedInstance], from recorded: RecordedState, live: [ObservedResource] = []) -> Plan
  {
    plan(
      desired: Assignment(instances: desired), recorded: recorded, live: live, policyDigest: "p",
      inventoryDigest: "i")
  }
}

extension Plan {
  /// `1 create a`, `2 move b after 1`.
  var outline: [String] {
    actions.map { action in
      let after = action.after.isEmpty ? "" : " after " + action.after.map(String.init).joined(separator: ",")
      return "\(action.id) \(action.verb) \(action.instance)\(after)"
    }
  }
}
