// swift-tools-version: 6.2
import PackageDescription

/// Every target is compiled alike: imports say who may see them, existentials are spelt, warnings are errors.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "placet",
  products: [
    .executable(name: "placet", targets: ["placet"]),
    .library(name: "Placet", targets: ["Placet"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
  ],
  targets: [
    // ---- 0 vocabulary ----
    // Sources, ranges, diagnostics as data, renderers.
    .target(name: "Diagnostics", swiftSettings: strict),
    // Exact rational amounts with dimensions and units.
    .target(name: "Quantities", swiftSettings: strict),
    // Decisions, columns, constraints, objectives as plain data.
    .target(name: "ConstraintModel", swiftSettings: strict),
    // Inventory, services, assignment, plan resources as plain values.
    .target(name: "NFVModel", dependencies: ["Quantities"], swiftSettings: strict),

    // ---- 1a language: knows no NFV, no solver ----
    // Text to tokens to a tree that loses no byte; the formatter.
    .target(name: "PlacetSyntax", dependencies: ["Diagnostics"], swiftSettings: strict),
    // Names bound; types, dimensions and known/decided computed.
    .target(
      name: "PlacetSemantics", dependencies: ["PlacetSyntax", "Diagnostics", "Quantities"],
      swiftSettings: strict),
    // Typed program to bytecode; the machine that computes what is known and states what is decided.
    .target(
      name: "PlacetVM",
      dependencies: ["PlacetSemantics", "Diagnostics", "Quantities", "ConstraintModel"],
      swiftSettings: strict),

    // ---- 1b solver: knows no NFV, no text, no Foundation ----
    // Propagators with explanations, search, objectives, minimal cores.
    .target(name: "ConstraintSolver", dependencies: ["ConstraintModel"], swiftSettings: strict),
    // Writes a constraint model for any MiniZinc-family solver.
    .target(name: "FlatZinc", dependencies: ["ConstraintModel"], swiftSettings: strict),

    // ---- 2 joins ----
    // Runs a policy, solves, re-runs it with the answer as check, explains.
    .target(
      name: "Placement",
      dependencies: [
        "PlacetVM", "PlacetSemantics", "ConstraintSolver", "ConstraintModel", "NFVModel",
        "Quantities", "Diagnostics",
      ], swiftSettings: strict),
    // The difference between what is and what should be, as a graph of ordered actions.
    .target(name: "Planning", dependencies: ["NFVModel"], swiftSettings: strict),
    // Imports descriptors of other worlds as policies; writes placements as manifests of other worlds.
    .target(
      name: "Descriptors",
      dependencies: [
        "NFVModel", "VIMProtocol", "PlacetSyntax", "Diagnostics", .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),

    // ---- 3 the world ----
    // What a back end is: abilities, declared capabilities, closed errors.
    .target(name: "VIMProtocol", dependencies: ["NFVModel"], swiftSettings: strict),
    // HTTP and TLS for the remote back ends: sessions, secrets, record and replay.
    .target(
      name: "VIMTransport",
      dependencies: [
        "NFVModel", "VIMProtocol", .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOFoundationCompat", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ], swiftSettings: strict),
    // OpenStack: Keystone, Nova, Placement, Neutron, Glance.
    .target(
      name: "VIMOpenStack",
      dependencies: ["VIMProtocol", "VIMTransport", "NFVModel", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),
    // A deterministic VIM in memory or on disk, with faults on demand.
    .target(
      name: "VIMSimulated", dependencies: ["VIMProtocol", "NFVModel"], swiftSettings: strict),
    // The contract of every back end, tried on a VIM: for tests and for `placet vim conformance`.
    .target(name: "VIMContract", dependencies: ["VIMProtocol", "NFVModel"], swiftSettings: strict),
    // A back end in another process, in any language: JSON-RPC over its standard input and output.
    .target(name: "VIMPlugin", dependencies: ["VIMProtocol", "NFVModel"], swiftSettings: strict),
    // libvirt's C library, declared here and loaded when it is first needed.
    .systemLibrary(name: "CLibvirt"),
    // Hosts of libvirt: QEMU guests with their CPUs, cells, pages and devices, and libvirt's test driver.
    .target(
      name: "VIMLibvirt", dependencies: ["CLibvirt", "VIMProtocol", "NFVModel"], swiftSettings: strict),
    // vCenter over SOAP: XML stays inside.
    .target(
      name: "VIMVSphere", dependencies: ["VIMProtocol", "VIMTransport", "NFVModel"], swiftSettings: strict),
    // Kubernetes: what its nodes have, and pods applied, watched over and removed.
    .target(
      name: "VIMKubernetes",
      dependencies: [
        "VIMProtocol", "VIMTransport", "NFVModel", "Descriptors", .product(name: "Yams", package: "Yams"),
      ], swiftSettings: strict),
    // Walks a plan over back ends with a journal; state in SQLite.
    .target(
      name: "Execution",
      dependencies: [
        "Planning", "VIMProtocol", "NFVModel", .product(name: "GRDB", package: "GRDB.swift"),
      ], swiftSettings: strict),

    // ---- 4 surfaces ----
    // The standard library's text, embedded: generated from stdlib/ by .ci/embed-stdlib.
    .target(name: "StandardLibrary", swiftSettings: strict),
    // The embedder's door: load, check, evaluate, place, plan, apply; reads data files.
    .target(
      name: "Placet",
      dependencies: [
        "Diagnostics", "Quantities", "ConstraintModel", "NFVModel", "PlacetSyntax",
        "PlacetSemantics", "PlacetVM", "ConstraintSolver", "Placement", "Planning", "Descriptors",
        "VIMProtocol", "Execution", "StandardLibrary", .product(name: "Yams", package: "Yams"),
      ], swiftSettings: strict),
    // Finds, runs and reports the tests that users write in the language.
    .target(
      name: "PlacetTesting",
      dependencies: [
        "Placet", "Placement", "PlacetVM", "PlacetSemantics", "ConstraintSolver", "NFVModel", "Diagnostics",
      ], swiftSettings: strict),
    // Sessions, completion, commands; the line editor is a protocol.
    .target(
      name: "PlacetREPL",
      dependencies: [
        "Placet", "Placement", "PlacetVM", "PlacetSemantics", "PlacetSyntax", "ConstraintSolver",
        "NFVModel", "Quantities", "Diagnostics",
      ], swiftSettings: strict),
    // GNU readline behind that protocol: GPL, so in the executable alone.
    .systemLibrary(name: "CReadline"),
    .target(
      name: "ReadlineEditor", dependencies: ["CReadline", "PlacetREPL"], swiftSettings: strict),
    // Reads the command line, registers back ends, calls one of the above.
    .executableTarget(
      name: "placet",
      dependencies: [
        "Placet", "PlacetTesting", "PlacetREPL", "ReadlineEditor", "Descriptors", "Execution", "Planning",
        "Placement",
        "PlacetVM", "PlacetSyntax", "ConstraintSolver", "NFVModel", "VIMProtocol", "VIMTransport",
        "VIMContract",
        "VIMSimulated", "VIMOpenStack", "VIMKubernetes", "VIMVSphere", "VIMLibvirt", "VIMPlugin",
        "Diagnostics", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),

    // ---- measurements: no product ships them ----
    // The kernel on DIMACS files, beside minisat: Benchmarks/kernel/run.
    .executableTarget(
      name: "kernel-driver", dependencies: ["ConstraintSolver"], path: "Benchmarks/kernel/driver",
      swiftSettings: strict),
    // Changes of a running placement, beside fresh solves: Benchmarks/changes/run.
    .executableTarget(
      name: "changes-driver", dependencies: ["ConstraintSolver", "ConstraintModel"],
      path: "Benchmarks/changes/driver", swiftSettings: strict),
    // Additions to a policy at the prompt, from the text to a new placement: Benchmarks/changes/run.
    .executableTarget(
      name: "prompt-driver",
      dependencies: [
        "Placet", "Placement", "PlacetVM", "PlacetSemantics", "ConstraintSolver", "ConstraintModel",
        "Diagnostics",
      ],
      path: "Benchmarks/changes/prompt", swiftSettings: strict),

    // ---- tests: one folder a target, one a judge ----
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"], swiftSettings: strict),
    .testTarget(name: "QuantitiesTests", dependencies: ["Quantities"], swiftSettings: strict),
    .testTarget(
      name: "PlacetSyntaxTests", dependencies: ["PlacetSyntax", "Diagnostics"],
      swiftSettings: strict),
    .testTarget(
      name: "PlacetSemanticsTests",
      dependencies: ["PlacetSemantics", "PlacetSyntax", "Diagnostics", "Quantities", "StandardLibrary"],
      swiftSettings: strict),
    .testTarget(
      name: "PlacetVMTests",
      dependencies: [
        "PlacetVM", "PlacetSemantics", "PlacetSyntax", "ConstraintModel", "Diagnostics", "Quantities",
        "StandardLibrary",
      ], swiftSettings: strict),
    .testTarget(
      name: "ConstraintSolverTests", dependencies: ["ConstraintSolver", "ConstraintModel"],
      swiftSettings: strict),
    // Enumeration, outside FlatZinc solvers and ours agree on random small models.
    .testTarget(
      name: "OracleTests", dependencies: ["ConstraintSolver", "ConstraintModel", "FlatZinc"],
      path: "Tests/Oracle", swiftSettings: strict),
    .testTarget(
      name: "PlanningTests", dependencies: ["Planning", "NFVModel", "Quantities"],
      swiftSettings: strict),
    .testTarget(
      name: "ExecutionTests",
      dependencies: [
        "Execution", "Planning", "VIMProtocol", "VIMSimulated", "NFVModel", "Quantities",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "VIMTransportTests", dependencies: ["VIMTransport", "VIMProtocol", "NFVModel"],
      swiftSettings: strict),
    .testTarget(
      name: "VIMVSphereTests",
      dependencies: ["VIMVSphere", "VIMContract", "VIMTransport", "VIMProtocol", "NFVModel"],
      exclude: ["recordings"], swiftSettings: strict),
    .testTarget(
      name: "VIMOpenStackTests",
      dependencies: [
        "VIMOpenStack", "VIMContract", "FaultProxy", "VIMTransport", "VIMProtocol", "NFVModel",
      ],
      exclude: ["recordings"],
      swiftSettings: strict),
    .testTarget(
      name: "VIMKubernetesTests",
      dependencies: [
        "VIMKubernetes", "VIMContract", "FaultProxy", "VIMTransport", "VIMProtocol", "NFVModel",
        "Descriptors",
      ],
      exclude: ["recordings"], swiftSettings: strict),
    .testTarget(
      name: "VIMProtocolTests", dependencies: ["VIMProtocol", "NFVModel"], swiftSettings: strict),
    // The contract over simulated VIMs, and a broken back end for each promise.
    .testTarget(
      name: "VIMContractTests", dependencies: ["VIMContract", "VIMSimulated", "VIMProtocol", "NFVModel"],
      path: "Tests/VIMContract", swiftSettings: strict),
    // Test support: a reverse proxy that goes wrong by script, for the back ends that speak HTTP.
    .target(
      name: "FaultProxy",
      dependencies: [
        "VIMTransport", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
      ], path: "Tests/FaultProxy", swiftSettings: strict),
    // Test support: small OpenStack, Kubernetes and vSphere services on loopback, over plain HTTP or TLS.
    .target(
      name: "FakeVIMs",
      dependencies: [
        "VIMTransport", "NFVModel", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ], path: "Tests/FakeVIMs", exclude: ["certificates"], swiftSettings: strict),
    .testTarget(
      name: "FaultProxyTests", dependencies: ["FaultProxy", "VIMTransport"], swiftSettings: strict),
    .testTarget(
      name: "VIMPluginTests",
      dependencies: ["VIMPlugin", "VIMContract", "VIMTransport", "VIMProtocol", "NFVModel"],
      exclude: ["plugins"],
      swiftSettings: strict),
    .testTarget(
      name: "VIMLibvirtTests", dependencies: ["VIMLibvirt", "VIMContract", "VIMProtocol", "NFVModel"],
      swiftSettings: strict),
    .testTarget(
      name: "DescriptorsTests",
      dependencies: [
        "Descriptors", "NFVModel", "Diagnostics", "PlacetSyntax", "PlacetSemantics", "StandardLibrary",
        .product(name: "Yams", package: "Yams"),
      ], swiftSettings: strict),
    // The embedder's door, and everything behind it on whole policies.
    .testTarget(
      name: "PlacetTests",
      dependencies: [
        "Placet", "PlacetTesting", "PlacetREPL", "PlacetVM", "Placement", "Diagnostics", "NFVModel",
        "StandardLibrary", "ConstraintSolver",
      ],
      swiftSettings: strict),
    // Cases as data: policies with their expectation on the line or beside it; CLI and REPL transcripts.
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "placet", "Placet", "PlacetTesting", "Placement", "PlacetVM", "PlacetSemantics", "Planning",
        "ConstraintSolver", "NFVModel", "Descriptors", "Diagnostics", "VIMSimulated", "VIMProtocol",
        "VIMOpenStack", "VIMVSphere", "VIMLibvirt", "VIMKubernetes", "FakeVIMs",
      ],
      path: "Tests/Conformance", exclude: ["cases"], swiftSettings: strict),
    // No golden without input, every code has a page, every example runs, layers hold.
    .testTarget(
      name: "HygieneTests",
      dependencies: ["Placet", "StandardLibrary", "PlacetSyntax", "ConstraintSolver", "Diagnostics"],
      path: "Tests/Hygiene",
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
