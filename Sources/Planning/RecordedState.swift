package import NFVModel

/// What our own records say was made: the past that a plan starts from.
///
/// INVARIANT: resources in natural order of instance, then VIM, then handle.
package struct RecordedState: Hashable, Sendable {
  package let resources: [RecordedResource]

  package init(resources: [RecordedResource] = []) {
    self.resources = resources.sorted {
      if $0.spec.id != $1.spec.id { return naturallyPrecedes($0.spec.id, $1.spec.id) }
      return $0.spec.vim == $1.spec.vim
        ? naturallyPrecedes($0.handle.text, $1.handle.text) : $0.spec.vim < $1.spec.vim
    }
  }

  /// The same with each resource on the host that its VIM names: where ties are broken for what runs, it is for
  /// where it runs. What was decided for the recorded host says nothing about another.
  package func moved(to live: [ObservedResource]) -> RecordedState {
    let seen = Dictionary(live.map { ("\($0.vim)\u{0}\($0.handle)", $0) }, uniquingKeysWith: { $1 })
    return RecordedState(
      resources: resources.map { resource in
        guard let host = seen["\(resource.spec.vim)\u{0}\(resource.handle)"]?.host, host != resource.spec.host
        else { return resource }
        var spec = resource.spec
        spec.host = host
        spec.decisions = [:]
        return RecordedResource(spec, handle: resource.handle)
      })
  }

  package var json: JSONValue { .array(resources.map(\.json)) }

  /// Names this state: two states with one digest hold the same resources.
  package var digest: String { SHA256.hex(of: json.canonicalBytes) }
}

/// One thing that we made in a VIM: as it was asked for, and what the VIM calls it.
///
/// One instance has several of these for a while when it moves or when an earlier apply stopped half way.
package struct RecordedResource: Hashable, Sendable {
  package let spec: PlacedInstance
  package let handle: ResourceHandle

  package init(_ spec: PlacedInstance, handle: ResourceHandle) {
    self.spec = spec
    self.handle = handle
  }

  package var json: JSONValue { ["spec": spec.json, "handle": .string(handle.text)] }

  package init(_ json: JSONCursor) throws(JSONShapeError) {
    try json.allow(["spec", "handle"])
    spec = try PlacedInstance(try json.field("spec"))
    handle = ResourceHandle(try json.field("handle").text())
  }
}
