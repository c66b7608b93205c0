import VIMProtocol

/// Who is where: hosts by name, with their cluster and datacenter. Changes seldom, so it is kept.
struct Directory: Sendable {
  struct Datacenter: Hashable, Sendable {
    let object: ManagedObject
    let name: String
    let machineFolder: ManagedObject
  }

  struct Compute: Hashable, Sendable {
    let object: ManagedObject
    let name: String
    let pool: ManagedObject?
    var isCluster: Bool { object.type == "ClusterComputeResource" }
  }

  struct Host: Hashable, Sendable {
    let object: ManagedObject
    let name: String
    let compute: Compute
    let datacenter: Datacenter
  }

  private(set) var hosts: [String: Host] = [:]
  private(set) var names: [ManagedObject: String] = [:]

  init(_ objects: [ObjectProperties]) {
    let byObject = Dictionary(objects.map { ($0.object, $0) }, uniquingKeysWith: { first, _ in first })
    var computes: [ManagedObject: Compute] = [:]
    var datacenters: [ManagedObject: Datacenter] = [:]
    for object in objects {
      guard let name = object.text("name").map(unescapedName) else { continue }
      if object.object.type == "Datacenter", let folder = object.reference("vmFolder") {
        datacenters[object.object] = Datacenter(object: object.object, name: name, machineFolder: folder)
      } else if object.object.type.hasSuffix("ComputeResource") {
        computes[object.object] = Compute(
          object: object.object, name: name, pool: object.reference("resourcePool"))
      }
    }
    for object in objects where object.object.type == "HostSystem" {
      guard let name = object.text("name"), let parent = object.reference("parent"),
        let compute = computes[parent]
      else { continue }
      var above: ManagedObject? = parent
      // BOUND: folders nest; a circle would be a lie of the server.
      for _ in 0..<64 {
        guard let place = above, datacenters[place] == nil else { break }
        above = byObject[place]?.reference("parent")
      }
      guard let datacenter = above.flatMap({ datacenters[$0] }) else { continue }
      hosts[name] = Host(object: object.object, name: name, compute: compute, datacenter: datacenter)
      names[object.object] = name
    }
  }

  static let wanted: [(type: String, paths: [String])] = [
    ("HostSystem", ["name", "parent"]), ("ComputeResource", ["name", "parent", "resourcePool"]),
    ("Folder", ["name", "parent"]), ("Datacenter", ["name", "parent", "vmFolder"]),
  ]
}

/// vSphere writes `/`, `\` and `%` of names as `%2f`, `%5c` and `%25`.
func unescapedName(_ name: String) -> String {
  guard name.contains("%") else { return name }
  return name.replacing("%2f", with: "/").replacing("%5c", with: "\\").replacing("%25", with: "%")
}
