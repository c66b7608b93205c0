import NFVModel
import Planning
import Testing

@Suite struct PlanFileTests {
  private var plan: Plan {
    var options = Planner.Options()
    options.migrating = ["sto"]
    options.capacity = [Planner.HostKey(vim: "sto", host: "h1"): ["cores": 8]]
    let live = [ObservedResource(vim: "sto", handle: ResourceHandle("sto-3"), status: .missing, host: nil)]
    return Planner(options).plan(
      desired: Assignment(
        instances: [
          placed("vepc.mme[0]", "h1", cores: 8), placed("vepc.sgw[0]", "h2"), placed("grown", "h3", cores: 8),
        ],
        waivers: [
          Waiver(rule: "stay_in_eu", for: "vepc.mme", because: "holds no subscriber data, ticket NET-4711")
        ]),
      recorded: recorded(
        placed("old", "h1"), placed("vepc.sgw[0]", "h1"), placed("lost", "h1"), placed("grown", "h3")),
      live: live, policyDigest: "sha256:1", inventoryDigest: "sha256:2")
  }

  @Test func `comes back from its file with the same digest`() throws {
    let again = try Plan.parse(Array(plan.fileText.utf8))

    #expect(again.digest == plan.digest)
    #expect(again.outline == plan.outline)
    #expect(again.fileText == plan.fileText)
  }

  @Test func `is refused when any digit of it was edited`() {
    let bytes = Array(plan.fileText.utf8)
    for index in bytes.indices where (0x30...0x38).contains(bytes[index]) {
      var edited = bytes
      edited[index] += 1
      #expect(throws: PlanFileError.self) { try Plan.parse(edited) }
    }
  }

  @Test func `says that it was edited when its host was`() {
    let edited = plan.fileText.replacing("\"h2\"", with: "\"h3\"")

    #expect {
      try Plan.parse(Array(edited.utf8))
    } throws: {
      if case .edited = $0 as? PlanFileError { true } else { false }
    }
  }

  @Test func `of another version is refused by its version`() {
    let newer = plan.fileText.replacing("\"placet-plan\": 1", with: "\"placet-plan\": 2")

    #expect(throws: PlanFileError.version(2)) { try Plan.parse(Array(newer.utf8)) }
  }

  @Test func `its text for people fits 80 columns and says what, why, in what order and what was waived`() {
    let text = plan.text()

    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let expected = """
      1  rebuild  grown        on sto/h3 cell 0
                  changed: demand (spread_replicas)
      2  migrate  vepc.sgw[0]  sto/h1 -> sto/h2 cell 0
                  the policy places it on h2, it is on h1 (spread_replicas)
      3  forget   lost         was on sto/h1
                  vim sto no longer has sto-3
      4  delete   old          sto/h1 ->
                  no policy places it any more
      5  create   vepc.mme[0]  -> sto/h1 cell 0
                  the policy places it on h1 (spread_replicas); after 2, 4

      Plan: 1 to create, 1 to migrate, 1 to rebuild, 1 to delete, 1 to forget; 0
      unchanged.
      waived: stay_in_eu for vepc.mme, because "holds no subscriber data, ticket
      NET-4711"
      plan \(plan.digest.prefix(19))

      """
    #expect(text == expected)
  }
}

@Suite struct InventoryTests {
  private let inventory = Inventory(parts: [
    .init(
      source: "vim sto", date: "2026-11-22T14:00:00Z",
      entities: [
        Entity("host", "h10", ["memory": .amount("64 GiB"), "vim": .reference(kind: "vim", name: "sto")]),
        Entity("host", "h2", ["cores": .int(24), "tags": .list([.text("a"), .bool(true)])]),
        Entity("cell", "h2.c0", in: EntityReference(kind: "host", name: "h2"), ["cores": .int(12)]),
      ])
  ])

  @Test func `its file says the same when read and written again`() throws {
    let again = try Inventory(try JSONValue.parse(inventory.json.prettyText()))

    #expect(again.json == inventory.json)
    #expect(again.entities.map(\.id.name) == ["h2.c0", "h2", "h10"])
    #expect(again.entity(EntityReference(kind: "cell", name: "h2.c0"))?.parent?.description == "host h2")
  }

  @Test func `a newer answer of a source takes the place of the older`() {
    let newer = Inventory(parts: [.init(source: "vim sto", date: "2026-11-23T00:00:00Z", entities: [])])

    #expect(inventory.merging(newer).entities.isEmpty)
    #expect(
      newer.merging(Inventory(parts: [.init(source: "vim fra", date: "", entities: [])])).parts.count == 2)
  }

  @Test func `an unknown version and an unknown key are refused with their path`() {
    #expect(throws: JSONShapeError.self) { try Inventory(["placet-inventory": 2, "parts": []]) }
    #expect(throws: JSONShapeError(path: "parts[0].sorce", message: "unknown key 'sorce'")) {
      try Inventory(["placet-inventory": 1, "parts": [["sorce": "x"]]])
    }
  }

  @Test func `its digest does not depend on when it was looked at, and on all else`() {
    let parts = inventory.parts[0]
    let later = Inventory(parts: [.init(source: parts.source, date: "2027", entities: parts.entities)])
    let poorer = Inventory(parts: [.init(source: parts.source, date: parts.date, entities: [])])

    #expect(later.digest == inventory.digest && later != inventory)
    #expect(poorer.digest != inventory.digest)
  }

  @Test func `names are ordered as people count`() {
    let names = ["a10", "a2", "a", "b", "a02", "A"].sorted(by: naturallyPrecedes)

    #expect(names == ["A", "a", "a02", "a2", "a10", "b"])
  }
}
