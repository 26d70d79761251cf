// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing
import __MODULE__Logic

@Test func `sings a clause and ends it once`() async throws {
    let provider = try FakeHost().open(pluginModule.table, .tts, "@ID@")
    let session = try provider.openSession()
    session.speak("hello there", clause: 3, generation: 1)
    _ = await session.waitFor { $0.type == .done }
    #expect(session.events.contains { $0.type == .audioOut })
    #expect(session.terminals(1).count == 1)
    session.close()
    provider.close()
}
