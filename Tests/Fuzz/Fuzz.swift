// Built by .ci/fuzz, outside of the package's targets: libFuzzer brings its own main.
import Diagnostics
import PlacetSemantics
import PlacetVM
import Placement
import StandardLibrary

/// Any bytes at all end in diagnostics, never in a trap: they are parsed and checked, and where that goes well the world
/// is made and stated under a small budget.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let (program, diagnostics) = Checker.check(
    main: Source(name: "input.placet", bytes: bytes), moduleNames: [],
    modules: { name in
      StandardLibrary.text(ofModule: name).map { Source(name: "stdlib/\(name).placet", text: $0) }
    })
  guard !diagnostics.contains(where: { $0.severity == .error }) else { return 0 }
  let problem = PlacementProblem(
    program: program, inputs: WorldInputs(budget: Budget(steps: 100_000, memory: 16 << 20, depth: 1000)))
  try? problem.build()
  return 0
}
