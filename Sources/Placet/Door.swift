package import ConstraintSolver
package import Diagnostics
import Foundation
import NFVModel
package import Planning
import PlacetSemantics
package import PlacetVM
package import Placement

/// What a run is given besides the policy.
package struct RunInputs: Sendable {
  /// `--set name=value`, as written.
  package var parameters: [String: String]
  /// Path of an inventory file.
  package var inventory: String?
  /// What VIMs say that they have: it goes before what the inventory file says of them.
  package var live: [LiveInventory] = []
  /// What runs by the records; ties are broken for it.
  package var recorded: RecordedState
  /// Asked while the policy is evaluated; true ends it.
  package var shouldStop: @Sendable () -> Bool = { false }
  /// Told when the world is made and its model stated, and when the solver has answered.
  package var stageEnded: @Sendable (_ stage: String) -> Void = { _ in }
  /// Told how far the search is, in the author's units, where somebody watches.
  package var progressed: (@Sendable (_ text: String) -> Void)?

  package init(
    parameters: [String: String] = [:], inventory: String? = nil, recorded: RecordedState = RecordedState()
  ) {
    self.parameters = parameters
    self.inventory = inventory
    self.recorded = recorded
  }
}

/// What is wrong with a policy or its data, found when it was run.
package struct Mistakes: Error, Sendable {
  package var diagnostics: [Diagnostic]
  package init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}

extension PolicyFile {
  /// Makes the world and states it.
  package func problem(_ inputs: RunInputs) throws(Mistakes) -> PlacementProblem {
    let (program, worldInputs) = try prepared(inputs)
    let problem = PlacementProblem(program: program, inputs: worldInputs)
    do {
      try problem.build()
    } catch {
      throw Mistakes(error.diagnostics)
    }
    return problem
  }

  /// Makes the world alone: what is known can be read, nothing is stated.
  package func world(_ inputs: RunInputs) throws(Mistakes) -> World {
    let (program, worldInputs) = try prepared(inputs)
    let world = World(program: program, inputs: worldInputs)
    do {
      try world.build()
    } catch {
      throw Mistakes(error.diagnostics)
    }
    return world
  }

  /// The program with the loads of the inventory, and what its world is made from.
  private func prepared(_ inputs: RunInputs) throws(Mistakes) -> (TypedProgram, WorldInputs) {
    var program = program
    var worldInputs = WorldInputs(
      parameters: inputs.parameters, recorded: inputs.recorded.byEntity, readFile: DataFiles.reader())
    worldInputs.shouldStop = inputs.shouldStop
    worldInputs.declared = inputs.live.declared
    if inputs.inventory != nil || !inputs.live.isEmpty {
      var inventory =
        try inputs.inventory.map { path throws(Mistakes) in try InventoryFile.read(path) } ?? .empty
      inventory.merge(inputs.live, program: program)
      try inventory.addLoads(to: &program)
      let reader = DataFiles.reader()
      let data = inventory.data
      worldInputs.readFile = { name, asker in
        name == InventoryFile.marker ? .file(data) : reader(name, asker)
      }
    }
    return (program, worldInputs)
  }

  /// Evaluates, solves, re-checks; an infeasible policy comes with its conflict.
  package func place(_ inputs: RunInputs, _ options: SolverOptions) throws(Mistakes) -> PlacementAnswer {
    try solve(inputs, options).answer
  }

  private func solve(
    _ inputs: RunInputs, _ options: SolverOptions
  ) throws(Mistakes) -> (problem: PlacementProblem, answer: PlacementAnswer) {
    let problem = try problem(inputs)
    inputs.stageEnded("model")
    do {
      var watched = options
      if let progressed = inputs.progressed {
        let wording = problem.progressWording
        watched.progress = { step in
          options.progress(step)
          progressed(wording.text(step))
        }
      }
      try problem.solve(watched)
      inputs.stageEnded("solve")
      problem.stageEnded = inputs.stageEnded
      return (problem, try problem.answer(options))
    } catch {
      throw Mistakes(error.diagnostics)
    }
  }

  /// Places, and says what a plan needs: the hosts that were relied on and what identifies the inputs.
  package func placeForPlan(
    _ inputs: RunInputs, _ options: SolverOptions
  ) throws(Mistakes) -> (answer: PlacementAnswer, inputs: PlanInputs) {
    let (problem, answer) = try solve(inputs, options)
    let inventory = problem.inventory(date: "")
    return (
      answer,
      PlanInputs(
        assignment: answer.assignment, inventory: inventory,
        policyDigest: digest(parameters: inputs.parameters),
        inventoryDigest: SHA256.hex(of: inventory.json.canonicalText))
    )
  }
}
