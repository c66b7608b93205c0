import NFVModel
import Testing
import VIMProtocol

struct MachineShapeTests {
  @Test func `a data plane function is read with its cells, pages and devices`() {
    let shape = MachineShape(
      PlacedInstance(
        "vepc.pgw[1]", vim: "sto", host: "h1", cells: [1], demand: ["memory": 32 << 30],
        attributes: [
          "vnf.cpu": .int(16), "vnf.cpus": .text("dedicated"), "vnf.threads": .text("isolate"),
          "vnf.emulator": .text("isolated"), "vnf.guest_cells": .list([.int(16)]),
          "vnf.page_size": .text("1 GiB"), "vnf.vfs": .int(2), "vnf.vf_policy": .text("required"),
          "vnf.mac": .list([.text("00:16:3e:00:00:01"), .text("00:16:3e:00:00:02")]),
          "vnf.needs": .list([.text("nic_model(model: e1000)"), .text("disk_bus(ide)"), .text("realtime")]),
          "links": .list([.text("vepc.sgi"), .text("vepc.s5")]),
        ]))
    #expect(shape.cpus == 16 && shape.cpuPolicy == .dedicated && shape.threads == .isolate)
    #expect(shape.isolatesEmulator && shape.isRealtime && shape.guestCells == [16])
    #expect(shape.memory == 32 << 30 && shape.pageSize == 1 << 30)
    #expect(shape.virtualFunctions == 2 && shape.devicePolicy == "required")
    #expect(shape.mac == "00:16:3e:00:00:02" && shape.nicModel == "e1000" && shape.diskBus == "ide")
    #expect(shape.networks == ["vepc.s5", "vepc.sgi"])
  }

  @Test func `what a VDU says goes before what its VNF says`() {
    let shape = MachineShape(
      PlacedInstance(
        "ims.scscf.front-0", vim: "sto", host: "h1",
        attributes: [
          "vnf.cpu": .int(1), "vdu.cpu": .int(4), "vdu.memory": .text("2 GiB"), "vdu.image": .text("f"),
        ]))
    #expect(shape.cpus == 4 && shape.memory == 2 << 30 && shape.image == "f")
    #expect(shape.cpuPolicy == .shared && shape.pageSize == nil)
  }

  @Test func `an address is a kind and the name that its own world uses`() {
    #expect(VIMAddress("libvirt:qemu:///system") == VIMAddress(.libvirt, "qemu:///system"))
    #expect(VIMAddress("openstack:lab")?.description == "openstack:lab")
    #expect(VIMAddress("openstack:") == nil && VIMAddress("azure:lab") == nil && VIMAddress("lab") == nil)
  }
}
