# Two commands matter: `make demo` and `make test`. Both install what is missing from .ci/packages.
.PHONY: help demo test lint build bench testbed-podman

help:             ## what there is
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/'

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

testbed-podman:   ## the reference plug-in on real containers: install, start, test, stop
	@.ci/testbeds/podman install
	@bash -c '. .ci/toolchain && PLACET_BED_PODMAN=$$(.ci/testbeds/podman up) swift test --filter PodmanLiveTests; status=$$?; .ci/testbeds/podman down; exit $$status'

bench: build      ## the figures of Benchmarks/RESULTS.md
	@Benchmarks/run
