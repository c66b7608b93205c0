/// A network card of a machine, as it is or as it is to be.
struct NetworkCard: Hashable, Sendable {
  enum Model: String, Hashable, Sendable {
    case e1000 = "VirtualE1000", e1000e = "VirtualE1000e", vmxnet3 = "VirtualVmxnet3"
    case sriov = "VirtualSriovEthernetCard", other = "VirtualEthernetCard"
  }

  enum Backing: Hashable, Sendable {
    /// A port group of the host's own switch.
    case standard(String)
    case distributed(switchID: String, portgroup: String)
    case hidden
  }

  /// Its key in the machine; 0 for one that is to be made.
  var key = 0
  var model: Model
  var backing: Backing
  /// A fixed address; nil for one of vSphere's choice.
  var address: String?
  /// PCI address of the card that gives the virtual function.
  var physicalFunction: String?

  init(_ model: Model, _ backing: Backing, address: String? = nil, physicalFunction: String? = nil) {
    self.model = model
    self.backing = backing
    self.address = address
    self.physicalFunction = physicalFunction
  }

  /// Nil for a device that is no network card.
  init?(_ device: XMLNode) {
    guard let kind = device.schemaType, device["macAddress"] != nil || device["addressType"] != nil else {
      return nil
    }
    model = Model(rawValue: kind) ?? .other
    key = device.int("key") ?? 0
    let back = device["backing"]
    if let port = back?["port"] {
      backing = .distributed(
        switchID: port.text("switchUuid") ?? "", portgroup: port.text("portgroupKey") ?? "")
    } else if let name = back?.text("deviceName") {
      backing = .standard(name)
    } else {
      backing = .hidden
    }
    address = device.text("addressType") == "manual" ? device.text("macAddress")?.lowercased() : nil
    physicalFunction = device.text("sriovBacking", "physicalFunctionBacking", "id")
  }

  static func cards(in devices: XMLNode?) -> [NetworkCard] {
    (devices?.children ?? []).compactMap { NetworkCard($0) }
  }

  /// Whether a card that is there is what was wished for.
  func serves(as wish: NetworkCard) -> Bool {
    model == wish.model && backing == wish.backing && address == wish.address
      && physicalFunction == wish.physicalFunction
  }

  /// - Parameter key: negative, so that vSphere gives one of its own.
  func addition(key: Int) -> XMLText {
    XMLText("deviceChange") {
      XMLText("operation", "add")
      XMLText("device", schemaType: model.rawValue) {
        XMLText("key", key)
        backingText
        XMLText("connectable") {
          XMLText("startConnected", true)
          XMLText("allowGuestControl", true)
          XMLText("connected", true)
        }
        if let address {
          XMLText("addressType", "manual")
          XMLText("macAddress", address)
        } else {
          XMLText("addressType", "generated")
        }
        if let physicalFunction {
          XMLText("sriovBacking") {
            // vSphere looks the device up by its address and takes the rest from there.
            XMLText("physicalFunctionBacking") {
              XMLText("deviceName", "")
              XMLText("id", physicalFunction)
              XMLText("deviceId", "0")
              XMLText("systemId", "BYPASS")
              XMLText("vendorId", 0)
            }
          }
        }
      }
    }
  }

  var removal: XMLText {
    XMLText("deviceChange") {
      XMLText("operation", "remove")
      XMLText("device", schemaType: model.rawValue) { XMLText("key", key) }
    }
  }

  @XMLText.Sequence private var backingText: [XMLText] {
    switch backing {
    case .standard(let name):
      XMLText("backing", schemaType: "VirtualEthernetCardNetworkBackingInfo") { XMLText("deviceName", name) }
    case .distributed(let switchID, let portgroup):
      XMLText("backing", schemaType: "VirtualEthernetCardDistributedVirtualPortBackingInfo") {
        XMLText("port") {
          XMLText("switchUuid", switchID)
          XMLText("portgroupKey", portgroup)
        }
      }
    case .hidden: []
    }
  }
}
