// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore
package import SyrinxHost

/// Where a policy comes from when the server is asked to load it again: as a rule a file.
package protocol PolicySource: Sendable {
    /// Reads it anew. Blocks.
    /// - Parameter registry: the plugins that it may name.
    /// - Throws: ``PolicyRefusal``, with all that is wrong with it.
    func load(_ registry: PluginRegistry) throws(PolicyRefusal) -> PolicyUpdate
}

/// What was read, beside what holds.
package struct PolicyUpdate: Sendable {
    package var policy: ServerPolicy
    package var changes: [Change]
    /// Called when it has been taken over.
    package var adopt: @Sendable () -> Void

    package struct Change: Sendable, Equatable {
        package enum Effect: String, Sendable {
            /// It holds at once.
            case live
            /// It holds for sessions that begin from now on.
            case newSessions = "new_sessions"
            /// It holds when the process starts again.
            case restart
        }

        package var key: String
        package var old: String
        package var new: String
        package var effect: Effect

        package init(key: String, old: String, new: String, effect: Effect) {
            self.key = key
            self.old = old
            self.new = new
            self.effect = effect
        }

        var json: JSONValue {
            ["key": .string(key), "old": .string(old), "new": .string(new), "effect": .string(effect.rawValue)]
        }
    }

    package init(policy: ServerPolicy, changes: [Change], adopt: @escaping @Sendable () -> Void = {}) {
        self.policy = policy
        self.changes = changes
        self.adopt = adopt
    }
}

/// A policy that was not taken over: nothing has changed.
package struct PolicyRefusal: Error, Sendable, Equatable {
    package struct Issue: Sendable, Equatable, CustomStringConvertible {
        package var message: String
        package var fix: String?
        /// `file:line:column`, or the name of a profile.
        package var place: String?

        package init(_ message: String, fix: String? = nil, place: String? = nil) {
            self.message = message
            self.fix = fix
            self.place = place
        }

        package var description: String {
            "\(place.map { "\($0): " } ?? "")error: \(message)\(fix.map { "\n   fix: \($0)" } ?? "")"
        }
    }

    package var issues: [Issue]

    package init(_ issues: [Issue]) { self.issues = issues }

    /// For an operator; `issues` has the details.
    package var error: SyrinxError {
        SyrinxError(
            "config.refused",
            "the configuration has \(issues.count) fault\(issues.count == 1 ? "" : "s"): nothing changed",
            fix: "mend what `issues` lists; `syrinx config check FILE` shows the same")
    }

    var json: JSONValue {
        .array(
            issues.map { issue in
                var fields: [String: JSONValue] = ["message": .string(issue.message)]
                if let fix = issue.fix { fields["fix"] = .string(fix) }
                if let place = issue.place { fields["place"] = .string(place) }
                return .object(fields)
            })
    }
}
