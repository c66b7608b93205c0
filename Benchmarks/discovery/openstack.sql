-- Hosts that only the databases of the test bed know: @hosts of them in Nova and in Placement, modelled on cmp00, which
-- serves. Each has dedicated CPUs in two providers below it (its NUMA cells), and two servers of others on it.
SET @model = (SELECT id FROM placement.resource_providers WHERE name = 'cmp00');
SET @base = (SELECT MAX(id) FROM placement.resource_providers);
SET @now = UTC_TIMESTAMP();

CREATE OR REPLACE TEMPORARY TABLE placement.fleet AS
  SELECT seq AS number, CONCAT('fleet', LPAD(seq, 5, '0')) AS name, @base + 3 * seq - 2 AS root
  FROM seq_1_to_100000 WHERE seq <= @hosts;
CREATE OR REPLACE TEMPORARY TABLE placement.provider AS
  SELECT root + part AS id, root, part, CONCAT(name, IF(part = 0, '', CONCAT('_NUMA', part - 1))) AS name
  FROM placement.fleet, (SELECT 0 AS part UNION SELECT 1 UNION SELECT 2) AS parts;

INSERT INTO placement.resource_providers (created_at, id, uuid, name, generation, root_provider_id, parent_provider_id)
  SELECT @now, id, CONCAT('f1ee7000-0000-4000-8000-', LPAD(id, 12, '0')), name, 1, root, IF(part = 0, NULL, root)
  FROM placement.provider ORDER BY id;
INSERT INTO placement.inventories (created_at, resource_provider_id, resource_class_id, total, reserved, min_unit,
    max_unit, step_size, allocation_ratio)
  SELECT @now, provider.id, kind.id, amount.total, amount.reserved, 1, amount.total, 1, amount.ratio
  FROM placement.provider AS provider
  JOIN (SELECT 'VCPU' AS kind, 0 AS root, 16 AS total, 2 AS reserved, 4.0 AS ratio
        UNION SELECT 'MEMORY_MB', 0, 262144, 8192, 1.0 UNION SELECT 'DISK_GB', 0, 2000, 0, 1.0
        UNION SELECT 'PCPU', 1, 24, 0, 1.0) AS amount ON (amount.root = 0) = (provider.part = 0)
  JOIN placement.resource_classes AS kind ON kind.name = amount.kind;
INSERT INTO placement.resource_provider_traits (created_at, trait_id, resource_provider_id)
  SELECT @now, trait_id, root FROM placement.resource_provider_traits, placement.fleet
  WHERE resource_provider_id = @model;

INSERT IGNORE INTO placement.projects (created_at, external_id) VALUES (@now, 'others');
INSERT IGNORE INTO placement.users (created_at, external_id) VALUES (@now, 'others');
INSERT INTO placement.consumers (created_at, uuid, project_id, user_id, generation)
  SELECT @now, CONCAT('c0ffee00-000', part, '-4000-8000-', LPAD(root, 12, '0')), projects.id, users.id, 1
  FROM placement.provider, placement.projects, placement.users
  WHERE part > 0 AND projects.external_id = 'others' AND users.external_id = 'others';
INSERT INTO placement.allocations (created_at, resource_provider_id, consumer_id, resource_class_id, used)
  SELECT @now, IF(amount.below, provider.id, provider.root),
    CONCAT('c0ffee00-000', part, '-4000-8000-', LPAD(root, 12, '0')), kind.id, amount.used
  FROM placement.provider AS provider
  JOIN (SELECT 'VCPU' AS kind, 0 AS below, 3 AS used UNION SELECT 'MEMORY_MB', 0, 16384
        UNION SELECT 'DISK_GB', 0, 40 UNION SELECT 'PCPU', 1, 4) AS amount
  JOIN placement.resource_classes AS kind ON kind.name = amount.kind
  WHERE part > 0;

INSERT INTO nova_api.host_mappings (created_at, cell_id, host)
  SELECT @now, cell_mappings.id, fleet.name FROM placement.fleet, nova_api.cell_mappings
  WHERE cell_mappings.name = 'cell1';
INSERT INTO nova_cell1.services (created_at, host, `binary`, topic, report_count, disabled, deleted, last_seen_up,
    forced_down, version, uuid)
  SELECT @now, fleet.name, `binary`, topic, 1, 0, 0, @now, 0, version,
    CONCAT('5e41ce00-0000-4000-8000-', LPAD(root, 12, '0'))
  FROM nova_cell1.services, placement.fleet WHERE services.host = 'cmp00' AND `binary` = 'nova-compute';
INSERT INTO nova_cell1.compute_nodes (created_at, updated_at, vcpus, memory_mb, local_gb, vcpus_used, memory_mb_used,
    local_gb_used, hypervisor_type, hypervisor_version, cpu_info, disk_available_least, free_ram_mb, free_disk_gb,
    current_workload, running_vms, hypervisor_hostname, deleted, host_ip, supported_instances, pci_stats, metrics, stats,
    numa_topology, host, ram_allocation_ratio, cpu_allocation_ratio, uuid, disk_allocation_ratio, mapped)
  SELECT @now, @now, vcpus, memory_mb, local_gb, vcpus_used, memory_mb_used, local_gb_used, hypervisor_type,
    hypervisor_version, cpu_info, disk_available_least, free_ram_mb, free_disk_gb, current_workload, running_vms,
    fleet.name, 0, host_ip, supported_instances, pci_stats, metrics, stats, numa_topology, fleet.name,
    ram_allocation_ratio, cpu_allocation_ratio, CONCAT('f1ee7000-0000-4000-8000-', LPAD(root, 12, '0')),
    disk_allocation_ratio, 1
  FROM nova_cell1.compute_nodes, placement.fleet WHERE compute_nodes.host = 'cmp00';
