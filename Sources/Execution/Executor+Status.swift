package import Planning
package import VIMProtocol
package import NFVModel

/// One resource of the records, and what its VIM says of it.
package struct ResourceStatus: Hashable, Sendable {
  package let resource: RecordedResource
  /// Nil when the VIM did not answer.
  package let observed: ObservedResource?
  /// What the VIM said instead of an answer.
  package let trouble: String?

  /// Whether the VIM says something else than the records do.
  package var hasDrifted: Bool {
    guard let observed else { return false }
    let isElsewhere = observed.host.map { $0 != resource.spec.host } ?? false
    return isElsewhere || (observed.status != .running && observed.status != .changing)
  }
}

extension Executor {
  /// Every recorded resource with what its VIM says, in order of instance. A VIM that does not answer is
  /// trouble in its rows, and stops no one else's.
  package func status() async throws -> [ResourceStatus] {
    let recorded = try store.recordedState().resources
    var answers: [RecordedResource: ObservedResource] = [:]
    var troubles: [String: String] = [:]
    for (name, resources) in Dictionary(grouping: recorded, by: \.spec.vim) {
      guard let vim = vims[name] else {
        troubles[name] = "vim \(name) is not there"
        continue
      }
      do throws(VIMError) {
        let seen = try await vim.observe(resources.map(\.handle))
        for (resource, observed) in zip(resources, seen) { answers[resource] = observed }
      } catch {
        troubles[name] = "\(error.naming(vim: name, call: "observe"))"
      }
    }
    return recorded.map {
      ResourceStatus(resource: $0, observed: answers[$0], trouble: troubles[$0.spec.vim])
    }
  }

  /// What the VIMs say of everything recorded: the planner's `live`. Throws the first trouble, because a plan
  /// made half blind would remake what only could not be seen.
  package func live() async throws -> [ObservedResource] {
    var seen: [ObservedResource] = []
    let recorded = try store.recordedState().resources
    for (name, resources) in Dictionary(grouping: recorded, by: \.spec.vim).sorted(by: { $0.key < $1.key }) {
      let vim = try vim(name)
      do throws(VIMError) { seen += try await vim.observe(resources.map(\.handle)) } catch {
        throw error.naming(vim: name, call: "observe")
      }
    }
    return seen
  }
}

extension Planner.Options {
  /// What these VIMs can do beyond creating and deleting, as they declare it, and what the hosts of an
  /// inventory have in all.
  package init(vims: [any VIM], inventory: Inventory = Inventory()) {
    self.init()
    let hosts = inventory.hostCapacities
    if !hosts.isEmpty { self.hosts = Set(hosts.map { Planner.HostKey(vim: $0.vim, host: $0.host) }) }
    for host in hosts {
      capacity[Planner.HostKey(vim: host.vim, host: host.host)] = host.amounts
    }
    for vim in vims {
      let capabilities = vim.describe().capabilities
      if vim is any MigratingVIM, capabilities.offers(.liveMigration) { migrating.insert(vim.name) }
      if vim is any ResizingVIM { resizing.insert(vim.name) }
      if vim is any StartingVIM { starting.insert(vim.name) }
    }
  }
}
