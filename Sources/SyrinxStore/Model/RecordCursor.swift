// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import SyrinxCore

/// A place between two records. Callers hand back its text, and read nothing from it. It holds no right: what a query
/// shows depends on the query's tenant alone.
package struct RecordCursor: Sendable, Hashable {
    var startedAt: Int64
    var id: String

    init(startedAt: Int64, id: String) {
        self.startedAt = startedAt
        self.id = id
    }

    /// - Throws: `store.cursor_invalid` for anything but a cursor's text.
    package init(_ text: String) throws(SyrinxError) {
        guard text.utf8.count <= 256, let bytes = Data(base64Encoded: Self.standard(text)) else { throw Self.invalid }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "1", let startedAt = Int64(parts[1]), RecordID.isValid(String(parts[2]))
        else { throw Self.invalid }
        self.init(startedAt: startedAt, id: String(parts[2]))
    }

    /// Letters, digits, `-` and `_`: fit for a URL as they are.
    package var text: String {
        Data("1:\(startedAt):\(id)".utf8).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    private static var invalid: SyrinxError {
        SyrinxError(
            "store.cursor_invalid", "this is not a cursor of a page of records",
            fix: "hand back the `next` of the page before, or leave it out to begin anew")
    }

    private static func standard(_ text: String) -> String {
        let plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        return plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
    }
}
