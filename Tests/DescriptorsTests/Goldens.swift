/// What becomes of the samples, to the byte.
enum Goldens {
  static let border = #"""
    // Imported from border.yaml, gateway.yaml.
    // MB and GB of a descriptor are taken as MiB and GiB, as OSM's connectors take them.
    import nfv
    import epa
    import rules.capacity
    import rules.latency
    import rules.spread

    // nsd border of border.yaml
    service border {
      // The VDUs of vnfd gateway differ in what they ask of a host: a VNF each.
      vnf "gateway_1-control" {
        needs: [fixed_mac, nic_model(virtio)]
        vdu control {
          cpu: 2
          memory: 4096 MiB
          disk: 20 GiB
          count: 2
          image: "gw-control.qcow2"
        }
      }
      vnf "gateway_1-forward" {
        cpus: dedicated
        threads: isolate
        page_size: 1 GiB
        guest_cells: [8, 4]
        vfs: 2
        needs: [pinned_cpus, isolated_threads, hugepages(1 GiB), asymmetric_cells, sriov(ports: 2)]
        vdu forward {
          cpu: 12
          memory: 16384 MiB
          disk: 10 GiB
          image: "gw-forward.qcow2"
        }
      }
      // The VDUs of vnfd gateway differ in what they ask of a host: a VNF each.
      vnf "gateway_2-control" {
        needs: [fixed_mac, nic_model(virtio)]
        vdu control {
          cpu: 2
          memory: 4096 MiB
          disk: 20 GiB
          count: 2
          image: "gw-control.qcow2"
        }
      }
      vnf "gateway_2-forward" {
        cpus: dedicated
        threads: isolate
        page_size: 1 GiB
        guest_cells: [8, 4]
        vfs: 2
        needs: [pinned_cpus, isolated_threads, hugepages(1 GiB), asymmetric_cells, sriov(ports: 2)]
        vdu forward {
          cpu: 12
          memory: 16384 MiB
          disk: 10 GiB
          image: "gw-forward.qcow2"
        }
      }
      link trunk {
        ends: [vnf["gateway_1-forward"], vnf["gateway_2-forward"]]
        max_latency: 150 ms
        max_jitter: 30 ms
      }
      link "gateway_1-bus" {
        ends: [vnf["gateway_1-control"], vnf["gateway_1-forward"]]
      }
      link "gateway_2-bus" {
        ends: [vnf["gateway_2-control"], vnf["gateway_2-forward"]]
      }
    }

    /// Group halves of vnfd gateway: its members never share a host.
    rule group_halves_1 layer service {
      for each x in vnf["gateway_1-control"].instances, y in vnf["gateway_1-forward"].instances {
        require spread([x, y], over: host)
      }
    }

    /// Group halves of vnfd gateway: its members never share a host.
    rule group_halves_2 layer service {
      for each x in vnf["gateway_2-control"].instances, y in vnf["gateway_2-forward"].instances {
        require spread([x, y], over: host)
      }
    }

    minimize preferences

    // What else border.yaml says of nsd border:
    //   In other words above:
    //     vld[trunk].link-constraint[0].constraint-type: LATENCY
    //     vld[trunk].link-constraint[1].constraint-type: JITTER
    //     vld[trunk].vnfd-connection-point-ref[0].member-vnf-index-ref: 1
    //     vld[trunk].vnfd-connection-point-ref[0].vnfd-id-ref: gateway
    //     vld[trunk].vnfd-connection-point-ref[0].vnfd-connection-point-ref: outside
    //     vld[trunk].vnfd-connection-point-ref[1].member-vnf-index-ref: 2
    //     vld[trunk].vnfd-connection-point-ref[1].vnfd-id-ref: gateway
    //     vld[trunk].vnfd-connection-point-ref[1].vnfd-connection-point-ref: inside
    //   Not placement:
    //     vld[uplink].id: uplink
    //     vld[uplink].vim-network-name: public
    //     vld[uplink].vnfd-connection-point-ref[0].member-vnf-index-ref: 2
    //     vld[uplink].vnfd-connection-point-ref[0].vnfd-id-ref: gateway
    //     vld[uplink].vnfd-connection-point-ref[0].vnfd-connection-point-ref: outside

    // What else gateway.yaml says of vnfd gateway:
    //   Placement that the policy above does not state:
    //     vdu[forward].guest-epa.numa-node-policy.node[0].memory-mb: 8192
    //     vdu[forward].interface[out0].virtual-interface.bandwidth: 1000
    //   In other words above:
    //     internal-vld[bus].internal-connection-point[ctl-bus].id-ref: ctl-bus
    //     internal-vld[bus].internal-connection-point[fwd-bus].id-ref: fwd-bus
    //     vdu[control].interface[eth0].virtual-interface.type: VIRTIO
    //     vdu[control].interface[eth0].mac-address: 52:54:00:12:34:56
    //     vdu[forward].guest-epa.cpu-pinning-policy: DEDICATED
    //     vdu[forward].guest-epa.cpu-thread-pinning-policy: ISOLATE
    //     vdu[forward].guest-epa.mempage-size: SIZE_1GB
    //     vdu[forward].guest-epa.numa-node-policy.node-cnt: 2
    //     vdu[forward].guest-epa.numa-node-policy.mem-policy: STRICT
    //     vdu[forward].guest-epa.numa-node-policy.node[0].id: 0
    //     vdu[forward].guest-epa.numa-node-policy.node[0].vcpu[0].id: 0
    //     vdu[forward].guest-epa.numa-node-policy.node[0].vcpu[1].id: 1
    //     vdu[forward].guest-epa.numa-node-policy.node[0].vcpu[2].id: 2
    //     vdu[forward].guest-epa.numa-node-policy.node[0].vcpu[3].id: 3
    //     vdu[forward].guest-epa.numa-node-policy.node[0].vcpu[4].id: 4
    //     vdu[forward].guest-epa.numa-node-policy.node[0].vcpu[5].id: 5
    //     vdu[forward].guest-epa.numa-node-policy.node[0].vcpu[6].id: 6
    //     vdu[forward].guest-epa.numa-node-policy.node[0].vcpu[7].id: 7
    //     vdu[forward].guest-epa.numa-node-policy.node[1].id: 1
    //     vdu[forward].guest-epa.numa-node-policy.node[1].num-cores: 4
    //     vdu[forward].interface[in0].virtual-interface.type: SR-IOV
    //     vdu[forward].interface[out0].virtual-interface.type: SR-IOV
    //     placement-groups[halves].name: halves
    //     placement-groups[halves].strategy: ISOLATION
    //     placement-groups[halves].member-vdus[control].member-vdu-ref: control
    //     placement-groups[halves].member-vdus[forward].member-vdu-ref: forward
    //   Not placement:
    //     name: Border gateway
    //     vendor: Us
    //     connection-point[inside].name: inside
    //     connection-point[outside].name: outside
    //     internal-vld[bus].type: ELAN
    //     vdu[control].cloud-init: |
    //       #cloud-config
    //       hostname: control
    //
    //     vdu[control].interface[eth0].name: eth0
    //     vdu[control].interface[eth0].internal-connection-point-ref: ctl-bus
    //     vdu[forward].interface[eth0].name: eth0
    //     vdu[forward].interface[eth0].internal-connection-point-ref: fwd-bus
    //     vdu[forward].interface[eth0].virtual-interface.type: PARAVIRT
    //     vdu[forward].interface[in0].name: in0
    //     vdu[forward].interface[in0].external-connection-point-ref: inside
    //     vdu[forward].interface[out0].name: out0
    //     vdu[forward].interface[out0].external-connection-point-ref: outside

    """#

  static let naming = #"""
    // Imported from naming.yaml, resolver.yaml.
    // MB and GB of a descriptor are taken as MiB and GiB, as OSM's connectors take them.
    import nfv
    import epa
    import rules.capacity
    import rules.spread

    // nsd naming of naming.yaml
    service naming {
      vnf resolver_north {
        cpus: dedicated
        threads: prefer_siblings
        guest_cells: [4]
        needs: [pinned_cpus, one_numa_cell]
        vdu dns {
          cpu: 4
          memory: 2.5 GiB
          disk: 10 GiB
          count: 3
          image: "dns-4.2.qcow2"
        }
      }
      vnf resolver_south {
        cpus: dedicated
        threads: prefer_siblings
        guest_cells: [4]
        needs: [pinned_cpus, one_numa_cell]
        vdu dns {
          cpu: 4
          memory: 2.5 GiB
          disk: 10 GiB
          count: 3
          image: "dns-4.2.qcow2"
        }
      }
      link mgmtnet {
        ends: [vnf["resolver_north"], vnf["resolver_south"]]
      }
    }

    /// Group dns-local of vnfd resolver: its members never share a host.
    rule group_dns_local_north layer service {
      require spread(vnf["resolver_north"].instances, over: host)
    }

    /// Group dns-local of vnfd resolver: its members never share a host.
    rule group_dns_local_south layer service {
      require spread(vnf["resolver_south"].instances, over: host)
    }

    /// Group two-sites of nsd naming: its members never share a site.
    rule group_two_sites layer service {
      for each x in vnf["resolver_north"].instances, y in vnf["resolver_south"].instances {
        require spread([x, y], over: site)
      }
    }

    minimize preferences

    // What else naming.yaml says of nsd naming:
    //   In other words above:
    //     df[default-df].affinity-or-anti-affinity-group[two-sites].id: two-sites
    //     df[default-df].affinity-or-anti-affinity-group[two-sites].type: anti-affinity
    //     df[default-df].affinity-or-anti-affinity-group[two-sites].scope: nfvi-pop
    //     df[default-df].vnf-profile[north].affinity-or-anti-affinity-group[two-sites].id: two-sites
    //     df[default-df].vnf-profile[north].virtual-link-connectivity[0].virtual-link-profile-id: mgmtnet
    //     df[default-df].vnf-profile[north].virtual-link-connectivity[0].constituent-cpd-id[0].constituent-base-element-id: north
    //     df[default-df].vnf-profile[north].virtual-link-connectivity[0].constituent-cpd-id[0].constituent-cpd-id: mgmt
    //     df[default-df].vnf-profile[south].affinity-or-anti-affinity-group[two-sites].id: two-sites
    //     df[default-df].vnf-profile[south].virtual-link-connectivity[0].virtual-link-profile-id: mgmtnet
    //     df[default-df].vnf-profile[south].virtual-link-connectivity[0].constituent-cpd-id[0].constituent-base-element-id: south
    //     df[default-df].vnf-profile[south].virtual-link-connectivity[0].constituent-cpd-id[0].constituent-cpd-id: mgmt
    //   Not placement:
    //     designer: Us
    //     virtual-link-desc[mgmtnet].mgmt-network: true
    //     df[default-df].id: default-df

    // What else resolver.yaml says of vnfd resolver:
    //   In other words above:
    //     virtual-compute-desc[small].virtual-cpu.pinning.policy: static
    //     virtual-compute-desc[small].virtual-cpu.pinning.thread-policy: PREFER
    //     virtual-compute-desc[small].virtual-memory.numa-enabled: true
    //     df[default-df].vdu-profile[dns].local-affinity-or-anti-affinity-rule[0].type: anti-affinity
    //     df[default-df].vdu-profile[dns].local-affinity-or-anti-affinity-rule[0].scope: nfvi-node
    //   Not placement:
    //     provider: Us
    //     version: 2.1
    //     mgmt-cp: mgmt
    //     ext-cpd[mgmt].id: mgmt
    //     ext-cpd[mgmt].int-cpd.vdu-id: dns
    //     ext-cpd[mgmt].int-cpd.cpd: dns-eth0
    //     sw-image-desc[dns-image].id: dns-image
    //     sw-image-desc[dns-image].name: dns-image
    //     virtual-compute-desc[small].id: small
    //     virtual-storage-desc[root].id: root
    //     virtual-storage-desc[logs].id: logs
    //     virtual-storage-desc[logs].type-of-storage: persistent-storage:persistent-storage
    //     virtual-storage-desc[logs].size-of-storage: 100
    //     vdu[dns].virtual-compute-desc: small
    //     vdu[dns].virtual-storage-desc[0]: root
    //     vdu[dns].virtual-storage-desc[1]: logs
    //     vdu[dns].sw-image-desc: dns-image
    //     vdu[dns].int-cpd[dns-eth0].id: dns-eth0
    //     vdu[dns].int-cpd[dns-eth0].virtual-network-interface-requirement[eth0].name: eth0
    //     vdu[dns].int-cpd[dns-eth0].virtual-network-interface-requirement[eth0].virtual-interface.type: PARAVIRT
    //     df[default-df].id: default-df
    //     df[default-df].instantiation-level[default].id: default
    //     df[default-df].instantiation-level[default].vdu-level[dns].vdu-id: dns
    //     df[default-df].vdu-profile[dns].id: dns

    """#
}
