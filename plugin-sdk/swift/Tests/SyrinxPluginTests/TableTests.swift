// SPDX-License-Identifier: Apache-2.0
import SyrinxABI
import SyrinxPlugin
import SyrinxPluginTesting
import Testing

@Suite("The table that a module exports")
struct TableTests {
    @Test func `describes each provider with its kind and id`() throws {
        let table = fixtures.table.pointee
        #expect(table.magic == UInt32(SYX_MAGIC))
        #expect(table.abi_major == 1)
        #expect(table.n_plugins == 3)
        let first = try #require(table.plugins?[0]?.pointee)
        #expect(String(cString: first.id) == "parrot")
        #expect(first.kind == PluginKind.agent.rawValue)
        #expect(first.flags & UInt32(SYX_PF_RUNTIME_SWIFT) != 0)
        #expect(String(cString: first.metrics_json).contains("parrot_prompts_total"))
    }

    @Test func `offers process and reset only where the session has them`() throws {
        let parrot = try #require(fixtures.table.pointee.plugins?[0]?.pointee.vt?.pointee)
        let meter = try #require(fixtures.table.pointee.plugins?[1]?.pointee.vt?.pointee)
        #expect(parrot.process == nil)
        #expect(parrot.reset != nil)
        #expect(meter.process != nil)
        #expect(meter.reset == nil)
    }

    @Test func `has no tail padding in the structs whose size it states`() {
        #expect(MemoryLayout<syx_event>.size == MemoryLayout<syx_event>.offset(of: \.audio).map { $0 + 8 })
        #expect(MemoryLayout<syx_module>.size == MemoryLayout<syx_module>.offset(of: \.deinit).map { $0 + 8 })
        #expect(MemoryLayout<syx_plugin_desc>.size == MemoryLayout<syx_plugin_desc>.offset(of: \.vt).map { $0 + 8 })
        #expect(
            MemoryLayout<syx_session_params>.size
                == MemoryLayout<syx_session_params>.offset(of: \.deadline_ms).map { $0 + 4 }
        )
    }

    @Test func `of a wrongly described module is empty and says why`() throws {
        let wrong = Module([
            ProviderDescription(
                MeterProvider.self,
                kind: .vad,
                id: "No Spaces!",
                version: "1",
                name: "",
                vendor: ""
            )
        ])
        #expect(wrong.table.pointee.n_plugins == 0)
        var error = syx_err()
        error.struct_size = UInt32(MemoryLayout<syx_err>.size)
        let refuse = try #require(wrong.table.pointee.`init`)
        #expect(refuse(nil, &error) == Status.invalid.rawValue)
        let message = withUnsafeBytes(of: error.msg) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        #expect(message == "'No Spaces!' is not a provider id")
    }

    @Test func `refuses calls without arguments instead of trapping`() throws {
        let functions = try #require(fixtures.table.pointee.plugins?[0]?.pointee.vt?.pointee)
        #expect(functions.open(nil, 0, nil, nil, nil) == Status.unsupported.rawValue)
        #expect(functions.session_open(nil, 0, nil, nil, nil) == Status.invalid.rawValue)
        #expect(functions.handle(nil, nil) == Status.invalid.rawValue)
        functions.cancel(nil, 1)
        functions.session_close(nil)
        functions.close(nil)
    }
}
