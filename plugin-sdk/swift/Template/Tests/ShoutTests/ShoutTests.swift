// SPDX-License-Identifier: Apache-2.0
import Shout
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Test func `shouts the user's words and ends once`() async throws {
    let provider = try FakeHost().open(shoutModule.table, .agent, "shout", config: #"{"suffix":"?"}"#)
    let session = try provider.openSession()
    session.prompt("hello there", generation: 1)
    _ = await session.waitFor { $0.type == .done }
    #expect(session.answer(1) == "HELLO THERE ?")
    #expect(session.terminals(1).count == 1)
    session.close()
    provider.close()
}
