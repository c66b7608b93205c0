"""An ML2 mechanism driver that binds every port at once and calls it ACTIVE: there is no data plane."""
from neutron_lib import constants
from neutron_lib.api.definitions import portbindings
from neutron_lib.plugins.ml2 import api


class BindAll(api.MechanismDriver):
    def initialize(self):
        pass

    def bind_port(self, context):
        if not context.segments_to_bind:
            return
        segment = context.segments_to_bind[0]
        if context.current.get(portbindings.VNIC_TYPE) == 'direct':
            kind, details = 'hw_veb', {'vlan': str(segment.get('segmentation_id') or 0)}
        else:
            kind, details = 'ovs', {'port_filter': False}
        context.set_binding(segment['id'], kind, details, status=constants.PORT_STATUS_ACTIVE)
