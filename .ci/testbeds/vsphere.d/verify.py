"""What VMware's own client sees of a vCenter: `verify.py` prints the machines, rules and networks that are Placet's.

It shares no code with Placet. Address, user and password come from the environment that `vsphere env` prints.
"""
import json
import os
import ssl
import urllib.parse

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim, vmodl

address = urllib.parse.urlsplit(os.environ["PLACET_BED_VSPHERE"])
trust = ssl.create_default_context(cafile=os.environ["PLACET_BED_VSPHERE_CA"])
server = SmartConnect(
    host=address.hostname, port=address.port, user=os.environ["VSPHERE_USER"],
    pwd=os.environ["VSPHERE_PASSWORD"], sslContext=trust)


def all_of(kind):
    content = server.RetrieveContent()
    view = content.viewManager.CreateContainerView(content.rootFolder, [kind], True)
    try:
        return list(view.view)
    finally:
        view.Destroy()


def machine(one):
    try:
        return placets(one)
    except vmodl.fault.ManagedObjectNotFound:
        return None  # gone since it was listed


def placets(one):
    extra = {option.key: option.value for option in one.config.extraConfig}
    if extra.get("placet.owner") != "placet":
        return None
    cards = [
        {"kind": type(device).__name__.rsplit(".", 1)[-1], "mac": device.macAddress}
        for device in one.config.hardware.device if isinstance(device, vim.vm.device.VirtualEthernetCard)]
    return {
        "name": one.name, "instance": extra.get("placet.instance"), "host": one.runtime.host.name,
        "state": one.runtime.powerState, "cpus": one.config.hardware.numCPU,
        "memory": one.config.hardware.memoryMB, "latency": one.config.latencySensitivity.level,
        "reservedMHz": one.config.cpuAllocation.reservation, "reservedMiB": one.config.memoryAllocation.reservation,
        "nodeAffinity": extra.get("numa.nodeAffinity"), "pages": extra.get("sched.mem.lpage.enable1GPage"),
        "uuid": one.config.instanceUuid, "cards": cards}


def rules(cluster):
    found = cluster.configurationEx
    return sorted(
        [rule.name for rule in found.rule or [] if rule.name.startswith("placet-")]
        + [group.name for group in found.group or [] if group.name.startswith("placet-")])


print(json.dumps({
    "machines": sorted(filter(None, map(machine, all_of(vim.VirtualMachine))), key=lambda one: one["name"]),
    "rules": {one.name: rules(one) for one in all_of(vim.ClusterComputeResource)},
    "networks": sorted(one.name for one in all_of(vim.Network) if one.name.startswith("placet-")),
}, indent=1, sort_keys=True))
Disconnect(server)
