// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Which records are asked for; nil is any.
package struct RecordFilter: Sendable, Hashable {
    package var user: String?
    /// Started at this time or later.
    package var from: Int64?
    /// Started before this time.
    package var to: Int64?
    package var reason: String?

    package init(user: String? = nil, from: Int64? = nil, to: Int64? = nil, reason: String? = nil) {
        self.user = user
        self.from = from
        self.to = to
        self.reason = reason
    }
}

/// A page of records, the newest first.
package struct RecordPage: Sendable, Hashable {
    package var records: [SessionRecord]
    /// Where the next page begins; nil on the last.
    package var next: RecordCursor?

    package var json: JSONValue {
        ["records": .array(records.map(\.json)), "next": JSONValue(next?.text)]
    }
}
