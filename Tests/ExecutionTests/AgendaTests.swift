import NFVModel
import Planning
import Testing

@testable import Execution

@Suite struct AgendaTests {
  private func plan(_ after: [Int]...) -> Plan {
    Plan(
      inputs: .init(policy: "", inventory: "", state: ""),
      actions: after.enumerated().map {
        Action(id: $0 + 1, .create(placed("a[\($0)]", "h1")), reason: "", after: $1)
      })
  }

  @Test func `an action is ready when all that it waits for is done, and the lowest number goes first`() {
    var agenda = Agenda(plan([], [], [1, 2], [1]))
    #expect(agenda.next()?.id == 1)
    #expect(agenda.next()?.id == 2)
    #expect(agenda.next() == nil)

    agenda.finish(1, failure: nil)
    #expect(agenda.next()?.id == 4)
    #expect(agenda.next() == nil)
    agenda.finish(2, failure: nil)

    #expect(agenda.next()?.id == 3)
  }

  @Test func `a failure skips all that waits for it, near and far, once`() {
    var agenda = Agenda(plan([], [1], [2], [1, 3], []))

    let skipped = agenda.finish(1, failure: "no")

    #expect(Set(skipped.map(\.action.id)) == [2, 3, 4])
    #expect(agenda.report.failed == [1: "no"])
    #expect(agenda.next()?.id == 5)
    #expect(agenda.next() == nil)
    agenda.finish(5, failure: nil)
    #expect(agenda.report.done == [5] && !agenda.report.isComplete)
  }
}
