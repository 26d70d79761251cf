// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// A change in the middle of a session: from here on it went on in another pipeline, or in another language.
package struct ChangeRecord: Sendable, Hashable {
    package enum Subject: String, Sendable, CaseIterable { case pipeline, language }

    package var session: String
    /// From 1. A second change of the same number changes nothing.
    package var number: Int
    package var subject: Subject
    package var from: String
    package var to: String
    /// Why a pipeline, or who a language: `requested`, `tools`, `failure`, `agent`, `detected`.
    package var cause: String
    /// Unix milliseconds.
    package var at: Int64

    /// So many changes of a session are kept, the first ones.
    package static let limit = 1000

    package init(
        session: String, number: Int, subject: Subject, from: String, to: String, cause: String, at: Int64
    ) {
        self.session = session
        self.number = number
        self.subject = subject
        self.from = from
        self.to = to
        self.cause = cause
        self.at = at
    }

    /// What the HTTP API and the export show.
    package var json: JSONValue {
        [
            "what": .string(subject.rawValue), "from": .string(from), "to": .string(to), "cause": .string(cause),
            "at": .string(UTCDay.timestamp(at)),
        ]
    }
}
