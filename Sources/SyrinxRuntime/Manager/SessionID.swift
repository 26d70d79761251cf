// SPDX-License-Identifier: Apache-2.0

/// Names of sessions: 128 random bits, so that nobody guesses another's.
package enum SessionID {
    package static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        let words = [
            UInt64.random(in: .min ... .max, using: &generator), UInt64.random(in: .min ... .max, using: &generator),
        ]
        return "ses_" + words.map { String($0, radix: 16).leftPadded(to: 16) }.joined()
    }
}

extension String {
    fileprivate func leftPadded(to length: Int) -> String {
        String(repeating: "0", count: max(0, length - count)) + self
    }
}
