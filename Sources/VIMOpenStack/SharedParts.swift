import VIMProtocol

/// What several instances share (flavors, networks, groups): made when the first needs it, removed when the last of
/// ours is gone. Creates and deletes run side by side; nothing is removed while somebody is about to use it.
actor SharedParts {
  private var holders: [String: Int] = [:]
  private var made: [String: Task<Result<String, VIMError>, Never>] = [:]
  private var removals: [String: Task<Void, Never>] = [:]

  /// Makes it unless it is there, and keeps it until `release`. Whoever asks meanwhile waits for the same making.
  func hold(
    _ key: String, _ make: @escaping @Sendable () async throws(VIMError) -> String
  ) async throws(VIMError) -> String {
    holders[key, default: 0] += 1
    while let removal = removals[key] { await removal.value }
    let task =
      made[key]
      ?? Task {
        do throws(VIMError) { return .success(try await make()) } catch { return .failure(error) }
      }
    made[key] = task
    switch await task.value {
    case .success(let id): return id
    case .failure(let error):
      made[key] = nil
      release(key)
      throw error
    }
  }

  func release(_ key: String) {
    let left = holders[key, default: 0] - 1
    holders[key] = left > 0 ? left : nil
  }

  /// It turned out not to be there any more: the next who needs it makes it.
  func forget(_ key: String) { made[key] = nil }

  /// Tries to remove it unless somebody holds it.
  func remove(_ key: String, _ body: @escaping @Sendable () async -> Void) async {
    guard holders[key] == nil else { return }
    while let removal = removals[key] { await removal.value }
    guard holders[key] == nil else { return }
    made[key] = nil
    // INVARIANT: it takes itself off the list before it ends; whoever waits for it would go round and round.
    let task = Task {
      await body()
      removals[key] = nil
    }
    removals[key] = task
    await task.value
  }
}
