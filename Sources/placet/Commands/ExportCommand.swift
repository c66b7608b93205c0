import ArgumentParser
import Descriptors
import Diagnostics
import NFVModel
import Placement
import Placet

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Places a policy and writes the placement as manifests of another world.",
    discussion: """
      Example: placet export kubernetes policy.placet --inventory lab.json --vim ber | kubectl apply -f -
      Containers become pods, all else virtual machines of KubeVirt; what neither can say is told on standard error.
      Exit status: 0 written, 1 the policy is wrong, 3 no placement, 4 the limit was met first.
      """)

  enum Kind: String, ExpressibleByArgument, CaseIterable { case kubernetes }

  @Argument(help: "kubernetes: pods and virtual machines of KubeVirt.")
  var kind: Kind

  @Argument(help: "The policy.")
  var file: String

  @Option(help: ArgumentHelp("Only what is placed on this VIM.", valueName: "name"))
  var vim: String?

  @Option(help: "The namespace that all of it lies in.")
  var namespace = "placet"

  @Option(
    help: ArgumentHelp(
      "The extended resource of virtual functions: vendor.io/sriov_vf.", valueName: "resource"))
  var vfResource: String?

  @OptionGroup var solving: SolveArguments

  func run() throws {
    let policy = try PolicyFile.loadSound(file, format: .text)
    let answer = try policy.placeOrReport(solving, format: .text)
    switch answer.status {
    case .optimal, .feasible: break
    case .infeasible:
      if let conflict = answer.conflict { report([conflict.diagnostic], format: .text) }
      throw Status.infeasible
    case .unknown: throw Status.limitMet
    }
    let all = answer.assignment.instances
    let chosen = all.filter { vim == nil || $0.vim == vim }
    if let vim, chosen.isEmpty {
      Terminal.complain("placet: nothing is placed on vim \(vim)\n")
      throw Status.wrongPolicy
    }
    let result = KubernetesExport.export(
      Assignment(instances: chosen), PodManifest.Options(namespace: namespace, virtualFunctions: vfResource))
    for loss in result.losses { Terminal.complain("warning: \(loss)\n") }
    Terminal.print(result.text)
  }
}
