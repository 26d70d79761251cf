// SPDX-License-Identifier: Apache-2.0

internal import SyrinxABI

/// The sizes that structs had in ABI 1.0, up to their last field then. A plugin of any 1.x has at least these; what a
/// later minor appends is asked for field by field.
enum ABISizes {
    static let module = end(of: \syx_module.plugins)
    static let descriptor = end(of: \syx_plugin_desc.vt)
    static let table = end(of: \syx_plugin_vt.handle)
    static let event = end(of: \syx_event.audio)
    static let frame = end(of: \syx_frame.buf)

    private static func end<Struct, Field>(of path: KeyPath<Struct, Field>) -> Int {
        (MemoryLayout<Struct>.offset(of: path) ?? MemoryLayout<Struct>.size) + MemoryLayout<Field>.size
    }
}
