/// Descriptors of our own wording, small enough to be read beside what becomes of them.
enum Samples {
  /// Two VDUs that differ in what they ask of a host, in the form before release 9.
  static let gateway = """
    vnfd:vnfd-catalog:
      vnfd:
      - id: gateway
        name: Border gateway
        vendor: Us
        connection-point:
        - name: inside
        - name: outside
        internal-vld:
        - id: bus
          type: ELAN
          internal-connection-point:
          - id-ref: ctl-bus
          - id-ref: fwd-bus
        vdu:
        - id: control
          count: 2
          image: gw-control.qcow2
          vm-flavor: {vcpu-count: '2', memory-mb: '4096', storage-gb: '20'}
          cloud-init: |
            #cloud-config
            hostname: control
          interface:
          - name: eth0
            internal-connection-point-ref: ctl-bus
            virtual-interface: {type: VIRTIO}
            mac-address: 52:54:00:12:34:56
        - id: forward
          image: gw-forward.qcow2
          vm-flavor: {vcpu-count: 12, memory-mb: 16384, storage-gb: 10}
          guest-epa:
            cpu-pinning-policy: DEDICATED
            cpu-thread-pinning-policy: ISOLATE
            mempage-size: SIZE_1GB
            numa-node-policy:
              node-cnt: 2
              mem-policy: STRICT
              node:
              - {id: 0, vcpu: [{id: 0}, {id: 1}, {id: 2}, {id: 3}, {id: 4}, {id: 5}, {id: 6}, {id: 7}], memory-mb: 8192}
              - {id: 1, num-cores: 4}
          interface:
          - name: eth0
            internal-connection-point-ref: fwd-bus
            virtual-interface: {type: PARAVIRT}
          - name: in0
            external-connection-point-ref: inside
            virtual-interface: {type: SR-IOV}
          - name: out0
            external-connection-point-ref: outside
            virtual-interface: {type: SR-IOV, bandwidth: '1000'}
        placement-groups:
        - name: halves
          strategy: ISOLATION
          member-vdus:
          - member-vdu-ref: control
          - member-vdu-ref: forward

    """

  /// Three of them in a row, with limits on the links between.
  static let border = """
    nsd:nsd-catalog:
      nsd:
      - id: border
        constituent-vnfd:
        - {member-vnf-index: 1, vnfd-id-ref: gateway}
        - {member-vnf-index: 2, vnfd-id-ref: gateway}
        vld:
        - id: trunk
          link-constraint:
          - {constraint-type: LATENCY, value: 150}
          - {constraint-type: JITTER, value: 30}
          vnfd-connection-point-ref:
          - {member-vnf-index-ref: 1, vnfd-id-ref: gateway, vnfd-connection-point-ref: outside}
          - {member-vnf-index-ref: 2, vnfd-id-ref: gateway, vnfd-connection-point-ref: inside}
        - id: uplink
          vim-network-name: public
          vnfd-connection-point-ref:
          - {member-vnf-index-ref: 2, vnfd-id-ref: gateway, vnfd-connection-point-ref: outside}

    """

  /// The form from release 9 on.
  static let resolver = """
    vnfd:
      id: resolver
      product-name: resolver
      provider: Us
      version: '2.1'
      mgmt-cp: mgmt
      ext-cpd:
      - id: mgmt
        int-cpd: {vdu-id: dns, cpd: dns-eth0}
      sw-image-desc:
      - {id: dns-image, name: dns-image, image: dns-4.2.qcow2}
      virtual-compute-desc:
      - id: small
        virtual-cpu:
          num-virtual-cpu: 4
          pinning: {policy: static, thread-policy: PREFER}
        virtual-memory: {size: 2.5, numa-enabled: true}
      virtual-storage-desc:
      - {id: root, size-of-storage: 10}
      - {id: logs, type-of-storage: 'persistent-storage:persistent-storage', size-of-storage: 100}
      vdu:
      - id: dns
        virtual-compute-desc: small
        virtual-storage-desc: [root, logs]
        sw-image-desc: dns-image
        int-cpd:
        - id: dns-eth0
          virtual-network-interface-requirement:
          - {name: eth0, virtual-interface: {type: PARAVIRT}}
      df:
      - id: default-df
        instantiation-level:
        - id: default
          vdu-level: [{vdu-id: dns, number-of-instances: 3}]
        vdu-profile:
        - id: dns
          local-affinity-or-anti-affinity-rule: [{type: anti-affinity, scope: nfvi-node}]

    """

  static let naming = """
    nsd:
      nsd:
      - id: naming
        designer: Us
        vnfd-id: [resolver]
        virtual-link-desc:
        - {id: mgmtnet, mgmt-network: true}
        df:
        - id: default-df
          affinity-or-anti-affinity-group:
          - {id: two-sites, type: anti-affinity, scope: nfvi-pop}
          vnf-profile:
          - id: north
            vnfd-id: resolver
            affinity-or-anti-affinity-group: [{id: two-sites}]
            virtual-link-connectivity:
            - virtual-link-profile-id: mgmtnet
              constituent-cpd-id:
              - {constituent-base-element-id: north, constituent-cpd-id: mgmt}
          - id: south
            vnfd-id: resolver
            affinity-or-anti-affinity-group: [{id: two-sites}]
            virtual-link-connectivity:
            - virtual-link-profile-id: mgmtnet
              constituent-cpd-id:
              - {constituent-base-element-id: south, constituent-cpd-id: mgmt}

    """
}
