// SPDX-License-Identifier: Apache-2.0

package import SyrinxHost

/// How long a stage may keep its caller waiting before a second provider is asked for the same, too; agents and
/// synthesisers alone. The tied requests of Dean and Barroso, "The Tail at Scale" (CACM 56/2, 2013).
package struct HedgingRule: Sendable, Equatable {
    package enum Limit: Sendable, Equatable {
        case after(Duration)
        /// As long as all but 5 % of the provider's latest answers took; nobody else is asked while too few are known.
        case usual
    }

    package var limits: [PluginKind: Limit]

    package init(_ limits: [PluginKind: Limit] = [:]) { self.limits = limits }
}
