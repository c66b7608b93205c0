import Diagnostics

/// A VNFD as a policy needs it, whichever form it was written in.
struct VNFDModel {
  var id: String
  var node: DescriptorNode
  var vdus: [VDUModel] = []
  /// External connection points, and the VDUs behind them; a management point may have none.
  var connectionPoints: [String: [String]] = [:]
  var internalLinks: [InternalLink] = []
  var groups: [PlacementGroup] = []
}

/// One kind of machine of a VNF.
struct VDUModel {
  var id: String
  var node: DescriptorNode
  /// The fields of the `vdu` in order, values as the policy has them.
  var fields: [(name: String, value: String)] = []
  var platform = Platform()
}

/// What the policy says at the `vnf`: VDUs of one VNF that differ in it become VNFs of their own.
struct Platform: Hashable {
  var cpus: String?
  var threads: String?
  var pageSize: String?
  var guestCells: [Int] = []
  /// Nobody asked for the cell: it follows from dedicated CPUs or large pages.
  var impliesCell = false
  var virtualFunctions = 0
  var devices: [String] = []
  var needs: [String] = []

  mutating func need(_ capability: String) {
    if !needs.contains(capability) { needs.append(capability) }
  }

  var usesEPA: Bool {
    cpus != nil || threads != nil || pageSize != nil || !guestCells.isEmpty || virtualFunctions > 0
      || !devices.isEmpty
  }
}

/// A virtual link between VDUs of one VNF.
struct InternalLink {
  var id: String
  var node: DescriptorNode
  var vdus: [String]
}

/// Who shall share, or not share, a place.
struct PlacementGroup {
  enum Member {
    case vdu(String)
    case member(String)
  }
  var id: String
  var node: DescriptorNode
  var apart: Bool
  /// A case of the library's `level`.
  var level: String
  var members: [Member]
}

/// An NSD as a policy needs it.
struct NSDModel {
  struct Member {
    var index: String
    var vnfd: String
    var vnfdNode: DescriptorNode
  }
  struct End {
    var member: String
    var connectionPoint: DescriptorNode
    var node: DescriptorNode
  }
  /// `max_latency: 150 ms`, and the leaves that say so.
  struct Limit {
    var field: String
    var value: String
    var kindLeaf: DescriptorNode
    var valueLeaf: DescriptorNode
  }
  struct Link {
    var id: String
    var node: DescriptorNode
    var ends: [End]
    var limits: [Limit] = []
  }
  var id: String
  var node: DescriptorNode
  var members: [Member] = []
  var links: [Link] = []
  var groups: [PlacementGroup] = []
}
