// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// How a session is to begin.
package struct CallRequest: Sendable {
    package var profile: String
    /// Hz of the caller's and the agent's audio.
    package var rate: Int
    package var user: String
    package var tenant: String
    package var language: String?
    /// Stage options and a VAD chosen by the client, where the profile allows it.
    package var options: [String: String]
    package var metadata: [String: String]

    package init(profile: String = "default", rate: Int = 16_000, user: String = "", tenant: String = "default") {
        self.profile = profile
        self.rate = rate
        self.user = user
        self.tenant = tenant
        language = nil
        options = [:]
        metadata = [:]
    }

    /// Rates at which 20 ms is a whole number of samples and the engines make sense.
    package static let rates = 8_000...48_000

    /// - Throws: `session.rate_unsupported`.
    package func checkRate() throws(SyrinxError) {
        guard Self.rates.contains(rate), rate % 50 == 0 else {
            throw SyrinxError(
                "session.rate_unsupported", "a rate of \(rate) Hz cannot be served",
                fix: "use 8000 to 48000 Hz in steps of 50, best 16000", place: "rate")
        }
    }
}
