import VIMProtocol

/// An object with the properties that were asked for; what it does not have, or we may not see, is absent.
struct ObjectProperties: Sendable {
  let object: ManagedObject
  var values: [String: XMLNode]

  subscript(_ path: String) -> XMLNode? { values[path] }
  func text(_ path: String) -> String? { values[path]?.text }
  func int(_ path: String) -> Int? { values[path].flatMap { Int($0.text) } }
  func isTrue(_ path: String) -> Bool { values[path]?.text == "true" }
  func reference(_ path: String) -> ManagedObject? { ManagedObject(values[path]) }
  /// Of a property that is an array of references.
  func references(_ path: String) -> [ManagedObject] {
    values[path]?.children.compactMap { ManagedObject($0) } ?? []
  }

  init?(_ content: XMLNode) {
    guard let object = ManagedObject(content["obj"]) else { return nil }
    self.object = object
    values = [:]
    for property in content.children where property.name == "propSet" {
      if let name = property["name"]?.text, let value = property["val"] { values[name] = value }
    }
  }
}

extension SOAPSession {
  /// Objects in one answer; the rest come by continuing.
  static let page = 500

  /// Every object of the types below a container, with these properties.
  func retrieve(_ wanted: [(type: String, paths: [String])], below container: ManagedObject? = nil)
    async throws(VIMError) -> [ObjectProperties]
  {
    let content = try await content()
    let types = wanted.map(\.type)
    let made = try await call("CreateContainerView", on: content.viewManager, isSafe: true) {
      XMLText("container", container ?? content.rootFolder)
      types.map { XMLText("type", $0) }
      XMLText("recursive", true)
    }
    guard let view = ManagedObject(made["returnval"]) else { throw shapeError("CreateContainerView") }
    let found: [ObjectProperties]
    do throws(VIMError) {
      found = try await retrieve(
        wanted,
        [
          XMLText("objectSet") {
            XMLText("obj", view)
            XMLText("skip", true)
            XMLText("selectSet", schemaType: "TraversalSpec") {
              XMLText("name", "view")
              XMLText("type", "ContainerView")
              XMLText("path", "view")
              XMLText("skip", false)
            }
          }
        ])
    } catch {
      _ = try? await reply("DestroyView", on: view, isSafe: true)
      throw error
    }
    // A view that stays open ends with the session.
    _ = try? await reply("DestroyView", on: view, isSafe: true)
    return found
  }

  /// These objects with these properties; those that are gone are left out.
  func retrieve(_ objects: [ManagedObject], _ paths: [String]) async throws(VIMError) -> [ObjectProperties] {
    var result: [ObjectProperties] = []
    for start in stride(from: 0, to: objects.count, by: Self.page) {
      let slice = objects[start..<min(start + Self.page, objects.count)]
      let types = Set(slice.map(\.type)).sorted()
      result += try await retrieve(
        types.map { (type: $0, paths: paths) },
        slice.map { object in XMLText("objectSet") { XMLText("obj", object) } })
    }
    return result
  }

  /// One object; nil when it is gone.
  func retrieve(_ object: ManagedObject, _ paths: [String]) async throws(VIMError) -> ObjectProperties? {
    try await retrieve([object], paths).first
  }

  private func retrieve(_ wanted: [(type: String, paths: [String])], _ objects: [XMLText])
    async throws(VIMError) -> [ObjectProperties]
  {
    let collector = try await content().propertyCollector
    let specification = XMLText("specSet") {
      wanted.map { type, paths in
        XMLText("propSet") {
          XMLText("type", type)
          paths.map { XMLText("pathSet", $0) }
        }
      }
      objects
      XMLText("reportMissingObjectsInResults", true)
    }
    var answer = try await call("RetrievePropertiesEx", on: collector, isSafe: true) {
      specification
      XMLText("options") { XMLText("maxObjects", Self.page) }
    }
    var result: [ObjectProperties] = []
    while let page = answer["returnval"] {
      result += page.children.lazy.filter { $0.name == "objects" }.compactMap { ObjectProperties($0) }
      guard let token = page["token"]?.text, !token.isEmpty else { break }
      answer = try await call("ContinueRetrievePropertiesEx", on: collector, isSafe: true) {
        XMLText("token", token)
      }
    }
    return result
  }

  nonisolated func shapeError(_ operation: String) -> VIMError {
    .unavailable(
      .unreachable, "vim \(vim), \(operation): the answer lacks what it has to hold", retryAfter: nil)
  }
}
