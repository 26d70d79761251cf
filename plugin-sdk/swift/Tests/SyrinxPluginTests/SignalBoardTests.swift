// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SyrinxPlugin

@Suite("Waiting for signals")
struct SignalBoardTests {
    @Test func `the first answer counts, also when nobody has fetched it yet`() async throws {
        let board = SignalBoard()
        board.expect(.tool(1))
        #expect(board.deliver(.tool(1), .init(text: "noon")))
        #expect(!board.deliver(.tool(1), .init(text: "midnight")))
        #expect(try await board.wait(for: .tool(1)).text == "noon")
        #expect(!board.deliver(.tool(1), .init(text: "dawn")))
    }
}
