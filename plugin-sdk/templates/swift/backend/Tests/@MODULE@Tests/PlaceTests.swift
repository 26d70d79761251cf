// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing
import __MODULE__Logic

@Test func `refuses sessions beyond its limit and takes new ones when others end`() throws {
    let provider = try FakeHost().open(pluginModule.table, .backend, "@ID@", config: #"{"max_sessions": 1}"#)
    let first = try provider.openSession()
    #expect(throws: PluginError.self) { try provider.openSession() }
    first.close()
    try provider.openSession().close()
    provider.close()
}
