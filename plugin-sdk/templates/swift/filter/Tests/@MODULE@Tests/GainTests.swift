// SPDX-License-Identifier: Apache-2.0
import SyrinxPlugin
import SyrinxPluginTesting
import Testing
import __MODULE__Logic

@Test func `opens with its gain and without one`() throws {
    for config in [#"{"gain_db": 6}"#, "{}"] {
        let provider = try FakeHost().open(pluginModule.table, .filter, "@ID@", config: config)
        try provider.openSession().close()
        provider.close()
    }
}

@Test func `refuses a gain that is no number`() {
    #expect(throws: PluginError.self) {
        try FakeHost().open(pluginModule.table, .filter, "@ID@", config: #"{"gain_db": "loud"}"#)
    }
}
