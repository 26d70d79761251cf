// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing
import __MODULE__Logic

@Test func `tells how long the utterance was, once`() throws {
    let provider = try FakeHost().open(pluginModule.table, .stt, "@ID@", config: #"{"unit": "s"}"#)
    let session = try provider.openSession()
    for _ in 0..<75 { session.sendAudio([Int16](repeating: 9, count: 320), generation: 1) }
    session.send(OutgoingEvent(.endOfInput, generation: 1))
    #expect(session.terminals(1).map(\.text) == ["1.5 s"])
    session.close()
    provider.close()
}
