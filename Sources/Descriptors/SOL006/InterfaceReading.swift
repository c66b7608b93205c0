import Diagnostics

/// Network interfaces of a VDU: what they ask of a host.
extension DescriptorReading {
  /// The interface, and the `virtual-interface` within or beside it.
  mutating func readInterface(
    _ interface: DescriptorNode, _ hardware: DescriptorNode?, into platform: inout Platform
  ) {
    for holder in [interface, hardware].compactMap({ $0 }) {
      if let address = scalar(holder, "mac-address") {
        platform.need("fixed_mac")
        address.reword()
      }
    }
    guard let hardware else { return }
    if let bandwidth = scalar(hardware, "bandwidth"), bandwidth.text != "0" {
      bandwidth.leaveUnstated()
      bag.report(.unstated(bandwidth, why: "the model does not say in which unit"))
    }
    if let type = scalar(hardware, "type") { readType(type, into: &platform) }
  }

  private mutating func readType(_ type: DescriptorNode, into platform: inout Platform) {
    switch type.text {
    // What the hypervisor has of its own.
    case "PARAVIRT", "OM-MGMT": return
    case "VIRTIO": platform.need("nic_model(virtio)")
    case "E1000": platform.need("nic_model(e1000)")
    case "VMXNET3": platform.need("nic_model(vmxnet3)")
    case "SR-IOV", "SRIOV": platform.virtualFunctions += 1
    case "PCI-PASSTHROUGH":
      platform.devices.append("\"nic\"")
      platform.need("passthrough(\"nic\")")
    default:
      bag.report(.noCounterpart(type, why: "the library has no such kind of interface"))
      return
    }
    type.reword()
  }
}
