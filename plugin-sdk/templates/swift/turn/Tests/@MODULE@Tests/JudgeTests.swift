// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing
import __MODULE__Logic

@Test func `waits behind a word that wants another`() throws {
    let provider = try FakeHost().open(pluginModule.table, .turn, "@ID@", config: #"{"patience": 2}"#)
    let session = try provider.openSession()
    let open = try #require(session.transcript("a table for two and", silence: 0.5, generation: 1))
    let complete = try #require(session.transcript("a table for two", silence: 0.5, generation: 2))
    let patient = try #require(session.transcript("a table for two and", silence: 2, generation: 3))
    #expect(open < 0.5 && complete > 0.5 && patient > 0.5)
    session.close()
    provider.close()
}
