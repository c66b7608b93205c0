import VIMProtocol

/// The bus that a machine's disks are on, and a blank disk for a machine that has no template.
enum Disks {
  /// `scsi`, `ide`, `sata` or `nvme` for each disk.
  static func buses(of devices: XMLNode?) -> Set<String> {
    var buses: [String: String] = [:]
    for device in devices?.children ?? [] {
      guard let kind = device.schemaType, let key = device.text("key"), let bus = bus(kind) else { continue }
      buses[key] = bus
    }
    let disks = (devices?.children ?? []).filter { $0.schemaType == "VirtualDisk" }
    return Set(disks.compactMap { $0.text("controllerKey").flatMap { buses[$0] } })
  }

  private static func bus(_ kind: String) -> String? {
    switch kind {
    case "VirtualIDEController": "ide"
    case "VirtualAHCIController": "sata"
    case "VirtualNVMEController": "nvme"
    case "ParaVirtualSCSIController", "VirtualBusLogicController", "VirtualLsiLogicController",
      "VirtualLsiLogicSASController":
      "scsi"
    default: nil
    }
  }

  /// A controller where one is needed and a thin disk of that many bytes; the two IDE controllers are there from
  /// the beginning, with the keys 200 and 201.
  static func blank(_ bytes: Int, bus: String) -> [XMLText] {
    var changes: [XMLText] = []
    var controller = 200
    if bus != "ide" {
      controller = -10
      changes.append(
        XMLText("deviceChange") {
          XMLText("operation", "add")
          XMLText("device", schemaType: bus == "sata" ? "VirtualAHCIController" : "ParaVirtualSCSIController")
          {
            XMLText("key", controller)
            XMLText("busNumber", 0)
            if bus != "sata" { XMLText("sharedBus", "noSharing") }
          }
        })
    }
    changes.append(
      XMLText("deviceChange") {
        XMLText("operation", "add")
        XMLText("fileOperation", "create")
        XMLText("device", schemaType: "VirtualDisk") {
          XMLText("key", -11)
          XMLText("backing", schemaType: "VirtualDiskFlatVer2BackingInfo") {
            XMLText("fileName", "")
            XMLText("diskMode", "persistent")
            XMLText("thinProvisioned", true)
          }
          XMLText("controllerKey", controller)
          XMLText("unitNumber", 0)
          XMLText("capacityInKB", max(1, bytes >> 10))
        }
      })
    return changes
  }
}
