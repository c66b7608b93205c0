import ArgumentParser
import Descriptors
import Diagnostics
import Placet

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Turns descriptors of other worlds into a policy on standard output.",
    discussion: "Example: placet import sol006 firewall_vnfd.yaml chain_nsd.yaml > chain.placet")

  enum Kind: String, ExpressibleByArgument, CaseIterable { case sol006 }

  @Argument(help: "sol006: VNFDs and NSDs of OSM.")
  var kind: Kind

  @Argument(help: "Descriptor files; an NSD with the VNFDs that it names.")
  var files: [String]

  func run() throws {
    var inputs: [(name: String, bytes: [UInt8])] = []
    for file in files {
      do {
        inputs.append((file, try PolicyFile.readBytes(path: file)))
      } catch {
        report([error.diagnostic], format: .text)
        throw Status.wrongPolicy
      }
    }
    let (policy, diagnostics) = SOL006Importer.importFiles(inputs)
    report(diagnostics, format: .text)
    guard let policy else { throw Status.wrongPolicy }
    Terminal.print(policy)
  }
}
