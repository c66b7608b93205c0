# Two commands matter: `make demo` and `make test`. Both install what is missing from .ci/packages.
.PHONY: help demo test lint build bench asan testbed-podman testbed-kubernetes testbed-openstack testbed-libvirt testbed-vsphere testbed-four-vims

help:             ## what there is
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/'

demo: build       ## check, solve, plan and apply a policy on the embedded simulated VIM, and show the result
	@.ci/demo

build:            ## the release binary, .build/release/placet
	@.ci/install
	@bash -c '. .ci/toolchain && swift build -c release --static-swift-stdlib --product placet'

lint:             ## style, layers, generated files
	@.ci/lint

test:             ## set up, lint, build, and run all tests
	@.ci/install
	@.ci/lint
	@.ci/test

asan:             ## the solver and its judges under AddressSanitizer
	@.ci/install
	@bash -c '. .ci/toolchain && .ci/asan'

testbed-podman:   ## the reference plug-in on real containers: install, start, test, stop
	@.ci/testbeds/podman install
	@bash -c '. .ci/toolchain && PLACET_BED_PODMAN=$$(.ci/testbeds/podman up) swift test --filter PodmanLiveTests; status=$$?; .ci/testbeds/podman down; exit $$status'

testbed-openstack: ## a real OpenStack on loopback: install, start, live tests and contract, stop
	@.ci/testbeds/openstack test
testbed-libvirt:  ## real guests of a real QEMU behind libvirt: install, start, test, stop
	@.ci/testbeds/libvirt install
	@bash -c '. .ci/toolchain && .ci/testbeds/libvirt up && env $$(.ci/testbeds/libvirt env) swift test --filter LibvirtLiveTests; status=$$?; .ci/testbeds/libvirt down; exit $$status'

testbed-four-vims: build ## one service over four real VIMs: install, start, apply, verify, move, remove, stop
	@.ci/testbeds/four-vims up
	@.ci/testbeds/four-vims run; status=$$?; .ci/testbeds/four-vims down; exit $$status

bench: build      ## the figures of Benchmarks/RESULTS.md
	@Benchmarks/run

.PHONY: testbed-vsphere
testbed-vsphere:  ## a simulated vCenter: install, start, live tests, stop
	@.ci/testbeds/vsphere install
	@.ci/testbeds/vsphere test
testbed-kubernetes: ## the Kubernetes back end against a real control plane on loopback, brought up and down
	@.ci/testbeds/kubernetes test
