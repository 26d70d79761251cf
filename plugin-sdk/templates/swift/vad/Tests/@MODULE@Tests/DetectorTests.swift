// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing
import __MODULE__Logic

@Test func `sound is likelier speech than silence`() throws {
    let provider = try FakeHost().open(pluginModule.table, .vad, "@ID@", config: #"{"threshold_dbfs": -30}"#)
    let session = try provider.openSession()
    let sound = (0..<320).map { Int16($0 % 2 == 0 ? 8_000 : -8_000) }
    let heard = try #require(session.analyse(sound))
    let silence = try #require(session.analyse([Int16](repeating: 0, count: 320)))
    #expect(heard.probability > 0.9)
    #expect(silence.probability < 0.1)
    session.close()
    provider.close()
}
