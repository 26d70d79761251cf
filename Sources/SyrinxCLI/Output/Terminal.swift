// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import SyrinxCore

/// The process's two outputs. Results go to stdout, everything else to stderr; nothing is coloured, so that nothing
/// has to be stripped.
package enum Terminal {
    package static func print(_ text: String) { write(text + "\n", to: .standardOutput) }

    package static func note(_ text: String) { write(text + "\n", to: .standardError) }

    package static func report(_ error: SyrinxError) { note(describe(error)) }

    /// `error: CODE: message`, the place before it where there is one, and what to do about it.
    package static func describe(_ error: SyrinxError) -> String {
        let place = error.place.map { "\($0): " } ?? ""
        let fix = error.fix.map { "\n  fix: \($0)" } ?? ""
        return "error: \(error.code): \(place)\(error.message)\(fix)"
    }

    /// A closed pipe is the reader's wish, not our failure.
    private static func write(_ text: String, to handle: FileHandle) { try? handle.write(contentsOf: Data(text.utf8)) }
}
