// SPDX-License-Identifier: Apache-2.0

package import SyrinxCore

/// Options of a provider's sessions that stand by themselves, apart from the stage that names the provider.
package struct SessionOptionsConfig: Sendable, Hashable {
    /// An object, checked when the provider is known.
    package var value: JSONValue
    let map: SourceMap

    /// What must not appear in messages.
    package var hidden: Set<JSONPath> { map.hidden }

    /// The same options are the same wherever they stand in a file.
    package static func == (left: SessionOptionsConfig, right: SessionOptionsConfig) -> Bool {
        left.value == right.value
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
