// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing
import __MODULE__Logic

@Test func `repeats the caller's words and ends once`() async throws {
    let provider = try FakeHost().open(pluginModule.table, .agent, "@ID@", config: #"{"prefix": "So:"}"#)
    let session = try provider.openSession()
    session.prompt("hello there", generation: 1)
    _ = await session.waitFor { $0.type == .done }
    #expect(session.answer(1) == "So: hello there")
    #expect(session.terminals(1).count == 1)
    session.close()
    provider.close()
}
