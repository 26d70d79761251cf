// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxStore

@Suite("Pages of records")
struct RecordPageTests {
    private static func ids(
        _ store: RecordStore, _ filter: RecordFilter = RecordFilter(), limit: Int, betweenPages: () async -> Void = {}
    ) async throws -> [String] {
        var ids: [String] = []
        var cursor: RecordCursor?
        repeat {
            let page = try await store.records(tenant: "acme", filter: filter, after: cursor, limit: limit)
            ids += page.records.map(\.id)
            cursor = try page.next.map { try RecordCursor($0.text) }
            await betweenPages()
        } while cursor != nil
        return ids
    }

    @Test func `pages neither leave out nor repeat, many sessions of one moment included`() async throws {
        let store = try StoreFolder().open()
        for number in 0..<230 { store.begin(.sample("s\(number)", at: noon + Int64(number / 50))) }
        await store.flush()
        let all = try await Self.ids(store, limit: 200)
        #expect(Set(all).count == 230 && all.count == 230)
        for limit in [1, 7, 50, 115, 230] {
            #expect(try await Self.ids(store, limit: limit) == all, "pages of \(limit)")
        }
    }

    @Test func `sessions that begin meanwhile disturb nothing`() async throws {
        let store = try StoreFolder().open()
        for number in 0..<100 { store.begin(.sample("old\(number)", at: noon + Int64(number))) }
        await store.flush()
        var count = 0
        let ids = try await Self.ids(store, limit: 9) {
            for _ in 0..<5 {
                count += 1
                store.begin(.sample("new\(count)", at: noon + 1000 + Int64(count)))
                store.begin(.sample("elsewhere\(count)", tenant: "other", at: noon))
            }
            await store.flush()
        }
        #expect(ids == (0..<100).reversed().map { "old\($0)" })
    }

    @Test func `user, time and reason narrow it down`() async throws {
        let store = try StoreFolder().open()
        for number in 0..<20 {
            store.begin(.sample("s\(number)", user: number % 2 == 0 ? "bob" : "eve", at: noon + Int64(number) * 1000))
        }
        store.end(.sample("s4", reason: "idle_timeout"))
        store.end(.sample("s5", reason: "idle_timeout"))
        await store.flush()
        #expect(try await Self.ids(store, .init(user: "bob", reason: "idle_timeout"), limit: 5) == ["s4"])
        #expect(try await Self.ids(store, .init(from: noon + 17_000), limit: 2) == ["s19", "s18", "s17"])
        #expect(try await Self.ids(store, .init(from: noon + 2000, to: noon + 4000), limit: 9) == ["s3", "s2"])
        #expect(try await Self.ids(store, .init(user: "nobody"), limit: 9).isEmpty)
    }

    @Test(arguments: [0, -1, .min, .max]) func `any limit gives a page`(limit: Int) async throws {
        let store = try StoreFolder().open()
        for number in 0..<300 { store.begin(.sample("s\(number)")) }
        await store.flush()
        let count = try await store.records(tenant: "acme", limit: limit).records.count
        #expect(count == (limit > 0 ? 200 : 1))
    }

    @Test(arguments: [
        "", "x", "MTox", "MToxOg", "Mjox_", "🎙", "../../etc/passwd", "MTo5OTk5OTk5OTk5OTk5OTk5OTk5OTk6czE",
        String(repeating: "A", count: 300),
    ])
    func `a text that is no cursor is refused`(text: String) throws {
        let error = #expect(throws: SyrinxError.self) { try RecordCursor(text) }
        #expect(error?.code == "store.cursor_invalid")
    }

    @Test func `a cursor's text fits into a URL and comes back`() throws {
        for (time, id) in [(Int64(0), "a"), (noon, "s-1_Z"), (.max, String(repeating: "_", count: 64))] {
            let cursor = RecordCursor(startedAt: time, id: id)
            #expect(cursor.text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
            #expect(try RecordCursor(cursor.text) == cursor)
        }
    }
}
