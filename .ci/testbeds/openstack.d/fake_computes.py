"""Many nova-compute hosts in one process, each as HOSTS.json describes it: cells, large pages, virtual functions,
accelerators, dedicated CPUs, traits. Nova's own fake driver boots the guests; scheduler and claims are the real ones.

usage: fake_computes.py HOSTS.json [options of nova-compute]
"""
import json
import sys
import types
import uuid

HOSTS = {host['name']: host for host in json.load(open(sys.argv.pop(1)))}

import nova.cmd.compute as command  # patches what it must before all others
import nova.virt
from nova import context, objects, service
from nova.virt import fake
from oslo_serialization import jsonutils


class HostDriver(fake.FakeDriver):
    capabilities = dict(fake.FakeDriver.capabilities, supports_pcpus=True)

    def init_host(self, host):
        super().init_host(host)
        self.spec = HOSTS[host]
        self.vcpus = self.spec['shared_cpus'] + self.spec['dedicated_cpus']
        self.memory_mb = self.spec['memory_mb']
        self.local_gb = self.spec['disk_gb']
        self.resources = fake.Resources(self.vcpus, self.memory_mb, self.local_gb)
        self.host_status_base['hypervisor_hostname'] = host
        for instance in objects.InstanceList.get_by_host(
                context.get_admin_context(), host, expected_attrs=['flavor']):
            self.instances[instance.uuid] = fake.FakeInstance(instance.name, 1, instance.uuid)

    def _topology(self):
        count = self.spec['numa_cells']
        shared, dedicated = self.spec['shared_cpus'] // count, self.spec['dedicated_cpus'] // count
        memory = self.spec['memory_mb'] // count
        large = {1048576: self.spec.get('hugepages_1g', 0) // count, 2048: self.spec.get('hugepages_2m', 0) // count}
        small = (memory * 1024 - sum(size * number for size, number in large.items())) // 4
        cells = []
        for index in range(count):
            first = index * (shared + dedicated)
            cells.append(objects.NUMACell(
                id=index, socket=index, memory=memory, cpu_usage=0, memory_usage=0, pinned_cpus=set(),
                cpuset=set(range(first, first + shared)),
                pcpuset=set(range(first + shared, first + shared + dedicated)),
                # Without pairs of threads the scheduler fails.
                siblings=[{cpu, cpu + 1} for cpu in range(first, first + shared + dedicated, 2)],
                mempages=[objects.NUMAPagesTopology(size_kb=size, total=number, used=0)
                          for size, number in [(4, small), *large.items()]],
                network_metadata=objects.NetworkMetadata(physnets=set(), tunneled=False)))
        return objects.NUMATopology(cells=cells)

    def _devices(self):
        def device(address, product, kind, cell, parent=None):
            return {'address': address, 'product_id': product, 'vendor_id': '8086', 'status': 'available',
                    'dev_type': kind, 'parent_addr': parent, 'numa_node': cell, 'label': 'fake'}
        cells, card = self.spec['numa_cells'], '0000:81:00.0'
        functions = [device('0000:81:%02x.%x' % (1 + n // 8, n % 8), '1515', 'type-VF', n % cells, card)
                     for n in range(self.spec.get('vfs', 0))]
        cards = [device(card, '1528', 'type-PF', 0)] if functions else []
        return cards + functions + [device('0000:91:%02x.0' % n, '0d58', 'type-PCI', n % cells)
                                    for n in range(self.spec.get('accels', 0))]

    def get_nodenames_by_uuid(self, refresh=False):
        return {str(uuid.uuid5(uuid.NAMESPACE_DNS, name)): name for name in self._nodes or []}

    def get_host_uptime(self):
        return ' 12:00:00 up 1 day,  1:00,  0 users,  load average: 0.10, 0.10, 0.10'

    def get_available_resource(self, nodename):
        found = super().get_available_resource(nodename)
        if found:
            found['uuid'] = str(uuid.uuid5(uuid.NAMESPACE_DNS, nodename))
            found['numa_topology'] = self._topology()._to_json()
            if self._devices():
                found['pci_passthrough_devices'] = jsonutils.dumps(self._devices())
        return found

    def update_provider_tree(self, tree, nodename, allocations=None):
        super().update_provider_tree(tree, nodename, allocations=allocations)
        inventory = dict(tree.data(nodename).inventory)
        for kind, total, ratio in (('VCPU', self.spec['shared_cpus'], 4.0), ('PCPU', self.spec['dedicated_cpus'], 1.0)):
            inventory.pop(kind, None)
            if total:
                inventory[kind] = dict(total=total, min_unit=1, max_unit=total, step_size=1, reserved=0,
                                       allocation_ratio=ratio)
        tree.update_inventory(nodename, inventory)
        tree.add_traits(nodename, *self.spec.get('traits', []))


# Nova loads drivers below nova.virt alone.
module = types.ModuleType('nova.virt.placet_fake')
module.HostDriver = HostDriver
sys.modules['nova.virt.placet_fake'] = nova.virt.placet_fake = module

make_service, serve_one = service.Service.create.__func__, service.serve
names = list(HOSTS)


def create(cls, host=None, **options):
    first = make_service(cls, host=names[0], **options)
    first.others = [make_service(cls, host=name, **options) for name in names[1:]]
    return first


def serve(server, **options):
    serve_one(server, **options)
    for other in server.others:
        service._launcher.launch_service(other)


service.Service.create = classmethod(create)
service.serve = serve
sys.argv[0] = 'nova-compute'
command.main()
