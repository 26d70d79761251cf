// SPDX-License-Identifier: Apache-2.0

import SyrinxCore
import Testing

@testable import SyrinxStore

@Suite("Export as JSON Lines")
struct ExportTests {
    @Test func `each session is followed by its turns, the oldest first`() async throws {
        let store = try StoreFolder().open()
        for number in 0..<150 {
            store.begin(.sample("s\(number)", at: noon + Int64(number / 3)))
            for turn in 1...(number == 70 ? 200 : 2) { store.turn(.sample("s\(number)", turn)) }
        }
        store.begin(.sample("foreign", tenant: "other"))
        await store.flush()
        var sessions: [String] = []
        var turns: [String: [Int64]] = [:]
        for try await line in store.export(tenant: "acme") {
            #expect(line.hasSuffix("\n") && !line.dropLast().contains("\n"))
            let value = try JSONValue(parsing: line.dropLast())
            if value["type"] == "session" {
                sessions.append(value["id"]?.string ?? "")
            } else {
                #expect(value["session"]?.string == sessions.last)
                turns[sessions.last ?? "", default: []].append(value["number"]?.int ?? 0)
            }
        }
        #expect(Set(sessions).count == 150 && sessions.count == 150)
        #expect(turns["s70"] == Array(1...200) && turns["s3"] == [1, 2])
    }

    @Test func `any words make one line of valid JSON`() async throws {
        let store = try StoreFolder().open()
        store.begin(.sample("s1", user: "\"\\\u{7}"))
        store.turn(.sample("s1", 1, words: "line\nfeed \u{2028} \"quoted\" 🎙 \u{1b}[31m"))
        await store.flush()
        var lines: [JSONValue] = []
        for try await line in store.export(tenant: "acme") { lines.append(try JSONValue(parsing: line.dropLast())) }
        #expect(lines.count == 2)
        #expect(lines.last?["user"] == "line\nfeed \u{2028} \"quoted\" 🎙 \u{1b}[31m")
    }

    @Test func `what is erased meanwhile is left out`() async throws {
        let store = try StoreFolder().open()
        for number in 0..<200 { store.begin(.sample("s\(number)", user: "u\(number % 2)", at: noon + Int64(number))) }
        await store.flush()
        var count = 0
        for try await _ in store.export(tenant: "acme") {
            count += 1
            if count == 10 { _ = try await store.erase(user: "u1", tenant: "acme") }
        }
        #expect(count == 64 + 68)
    }
}
