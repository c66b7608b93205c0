// A vCenter of govmomi's simulator with hosts as a telecom operator has them: two sockets, two NUMA cells, network
// cards with virtual functions, templates on several disk buses, one host in maintenance, machines of others.
// The simulator enforces nothing; what it does not do as vCenter does is said in docs/backends/vsphere.md.
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"sort"
	"syscall"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

const gib = int64(1) << 30

func main() {
	model := simulator.VPX()
	listen := flag.String("listen", "127.0.0.1:18990", "address and port")
	user := flag.String("user", "placet", "who may log in")
	password := flag.String("password", "bed-only", "with this password")
	certificate := flag.String("certificate", "", "PEM file of its certificate")
	key := flag.String("key", "", "PEM file of its key")
	flag.IntVar(&model.Datacenter, "datacenters", 1, "datacenters")
	flag.IntVar(&model.Cluster, "clusters", 2, "clusters a datacenter")
	flag.IntVar(&model.ClusterHost, "hosts", 3, "hosts a cluster")
	flag.IntVar(&model.Machine, "machines", 1, "machines of others a resource pool")
	flag.Parse()
	model.Datastore = 2
	model.Host = 1
	if err := model.Create(); err != nil {
		panic(err)
	}
	furnish()
	pair, err := tls.LoadX509KeyPair(*certificate, *key)
	if err != nil {
		panic(err)
	}
	model.Service.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	model.Service.Listen = &url.URL{Host: *listen, User: url.UserPassword(*user, *password)}
	server := model.Service.NewServer()
	fmt.Println("ready", server.URL.Host)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	<-stop
	server.Close()
	model.Remove()
}

func furnish() {
	hosts := simulator.Map.All("HostSystem")
	sort.Slice(hosts, func(i, j int) bool { return hosts[i].Entity().Name < hosts[j].Entity().Name })
	for i, entity := range hosts {
		equip(simulator.Map.Get(entity.Reference()).(*simulator.HostSystem), i)
	}
	machines := simulator.Map.All("VirtualMachine")
	sort.Slice(machines, func(i, j int) bool { return machines[i].Entity().Name < machines[j].Entity().Name })
	for i, entity := range machines {
		machine := simulator.Map.Get(entity.Reference()).(*simulator.VirtualMachine)
		switch i {
		case 0:
			makeTemplate(machine, "router")
		case 1:
			makeTemplate(machine, "legacy")
			for _, device := range machine.Config.Hardware.Device {
				if disk, ok := device.(*types.VirtualDisk); ok {
					disk.ControllerKey = 200 // the first IDE controller
				}
			}
		default: // somebody else's, with a reservation of two cores and 8 GiB
			reservation, memory := int64(4800), 8*gib>>20
			machine.Config.CpuAllocation.Reservation = &reservation
			machine.Config.MemoryAllocation.Reservation = &memory
			machine.Summary.Config.CpuReservation = int32(reservation)
			machine.Summary.Config.MemoryReservation = int32(memory)
		}
	}
}

func makeTemplate(machine *simulator.VirtualMachine, name string) {
	machine.Name, machine.Config.Name, machine.Summary.Config.Name = name, name, name
	machine.Runtime.PowerState = types.VirtualMachinePowerStatePoweredOff
	machine.Summary.Runtime.PowerState = machine.Runtime.PowerState
	machine.MarkAsTemplate(&types.MarkAsTemplate{This: machine.Self})
}

// equip gives a host 2 sockets of 16 cores with 2 threads each and 96 GiB, and one card with 8 virtual functions
// in each of its two cells.
func equip(host *simulator.HostSystem, number int) {
	const cores, threads, megahertz = 32, 64, 2400
	memory := 192 * gib
	summary := host.Summary.Hardware
	summary.CpuMhz, summary.NumCpuPkgs, summary.NumCpuCores, summary.NumCpuThreads = megahertz, 2, cores, threads
	summary.MemorySize = memory
	host.Hardware.MemorySize = memory
	host.Hardware.CpuInfo.NumCpuPackages, host.Hardware.CpuInfo.NumCpuCores = 2, cores
	host.Hardware.CpuInfo.NumCpuThreads, host.Hardware.CpuInfo.Hz = threads, megahertz*1000000
	host.Summary.QuickStats.OverallMemoryUsage = 2048
	addresses := []string{"0000:3b:00.0", "0000:af:00.0"}
	numa := &types.HostNumaInfo{Type: "NUMA", NumNodes: 2}
	host.Config.Network.Pnic = nil
	host.Config.PciPassthruInfo = nil
	for cell := 0; cell < 2; cell++ {
		node := types.HostNumaNode{TypeId: byte(cell), MemoryRangeLength: memory / 2, PciId: []string{addresses[cell]}}
		for cpu := 0; cpu < threads/2; cpu++ {
			node.CpuID = append(node.CpuID, int16(cell*threads/2+cpu))
		}
		numa.NumaNode = append(numa.NumaNode, node)
		host.Config.Network.Pnic = append(host.Config.Network.Pnic, types.PhysicalNic{
			Key: fmt.Sprintf("key-vim.host.PhysicalNic-vmnic%d", cell), Device: fmt.Sprintf("vmnic%d", cell),
			Pci: addresses[cell], Driver: "i40en", Mac: fmt.Sprintf("02:00:00:00:%02x:%02x", number, cell),
			LinkSpeed: &types.PhysicalNicLinkInfo{SpeedMb: 25000, Duplex: true},
		})
		host.Config.PciPassthruInfo = append(host.Config.PciPassthruInfo, &types.HostSriovInfo{
			HostPciPassthruInfo:         types.HostPciPassthruInfo{Id: addresses[cell], DependentDevice: addresses[cell]},
			SriovEnabled:                true,
			SriovCapable:                true,
			SriovActive:                 true,
			NumVirtualFunctionRequested: 8,
			NumVirtualFunction:          8,
			MaxVirtualFunctionSupported: 64,
		})
	}
	host.Hardware.NumaInfo = numa
	for _, feature := range []string{"AES", "AVX", "AVX2", "AVX512F", "SSE42"} {
		host.Config.FeatureCapability = append(host.Config.FeatureCapability, types.HostFeatureCapability{
			Key: "cpuid." + feature, FeatureName: "cpuid." + feature, Value: "1",
		})
	}
	if host.Name == "DC0_C1_H2" {
		host.Runtime.InMaintenanceMode = true
		host.Summary.Runtime.InMaintenanceMode = true
	}
}
