// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import SyrinxServer
import Testing

@Suite("Idempotency keys")
struct IdempotencyTests {
    private static let start = Instant(nanoseconds: 0)

    /// A table whose answers are numbered.
    private struct Desk {
        var table: IdempotencyTable<String, Int>
        var made = 0

        mutating func ask(
            _ key: String, of tenant: String = "acme", order: String = "a", at seconds: Int64 = 0, isGood: Bool = true
        ) throws(SyrinxError) -> Int {
            var made = made
            defer { self.made = made }
            return try table.answer(
                to: key, of: tenant, order: order, now: IdempotencyTests.start + .seconds(seconds),
                isGood: { _ in isGood },
                make: {
                    made += 1
                    return made
                })
        }
    }

    private func code(_ body: () throws(SyrinxError) -> Int) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `the same request gets the same answer, for ten minutes`() throws {
        var desk = Desk(table: IdempotencyTable())
        #expect(try desk.ask("k") == 1)
        #expect(try desk.ask("k", at: 599) == 1)
        #expect(try desk.ask("k", at: 600) == 2)
    }

    @Test func `another key, or another tenant's, is another request`() throws {
        var desk = Desk(table: IdempotencyTable())
        #expect(try desk.ask("k") == 1)
        #expect(try desk.ask("l") == 2)
        #expect(try desk.ask("k", of: "beta") == 3)
        #expect(try desk.ask("k") == 1)
    }

    @Test func `one key for two different requests is a mistake`() throws {
        var desk = Desk(table: IdempotencyTable())
        #expect(try desk.ask("k") == 1)
        #expect(code { () throws(SyrinxError) in try desk.ask("k", order: "b") } == "request.idempotency_conflict")
        #expect(try desk.ask("k") == 1)
        #expect(try desk.ask("k", order: "b", at: 600) == 2)
    }

    @Test func `an answer that is used up is not given again`() throws {
        var desk = Desk(table: IdempotencyTable())
        #expect(try desk.ask("k") == 1)
        #expect(try desk.ask("k", isGood: false) == 2)
        #expect(try desk.ask("k") == 2)
        #expect(desk.table.count == 1)
    }

    @Test func `what failed is not remembered`() throws {
        var table = IdempotencyTable<String, Int>()
        let failed = #expect(throws: SyrinxError.self) {
            try table.answer(
                to: "k", of: "acme", order: "a", now: Self.start, isGood: { _ in true },
                make: { () throws(SyrinxError) in throw SyrinxError("token.limit_exceeded", "full") })
        }
        #expect(failed?.code == "token.limit_exceeded" && table.count == 0)
    }

    @Test func `no tenant takes the room of another, and none takes more than there is`() throws {
        var desk = Desk(table: IdempotencyTable(capacity: 3, perTenant: 2))
        for key in ["a", "b"] { _ = try desk.ask(key) }
        #expect(code { () throws(SyrinxError) in try desk.ask("c") } == "request.idempotency_full")
        #expect(try desk.ask("a") == 1, "what is there already needs no room")
        #expect(try desk.ask("a", of: "beta") == 3)
        #expect(code { () throws(SyrinxError) in try desk.ask("b", of: "beta") } == "request.idempotency_full")
        #expect(try desk.ask("c", at: 600) == 4, "the old make room")
        #expect(desk.table.count == 1)
    }
}
