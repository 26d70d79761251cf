// SPDX-License-Identifier: Apache-2.0

/// A place inside a JSON value, printed as `$.voice.speed` or `$.filters[2]`.
package struct JSONPath: Hashable, Sendable, CustomStringConvertible {
    package enum Component: Hashable, Sendable {
        case key(String)
        case index(Int)
        /// Every key or index: only in paths that stand for many places, such as those of a schema's secrets.
        case any
    }

    package var components: [Component]

    package init(_ components: [Component] = []) { self.components = components }

    /// The value itself, `$`.
    package static let root = JSONPath()

    package func key(_ key: String) -> JSONPath { JSONPath(components + [.key(key)]) }
    package func index(_ index: Int) -> JSONPath { JSONPath(components + [.index(index)]) }

    /// This path seen from the value that `prefix` leads to: both joined.
    package func under(_ prefix: JSONPath) -> JSONPath { JSONPath(prefix.components + components) }

    /// The enclosing object or array; nil for the root.
    package var parent: JSONPath? { components.isEmpty ? nil : JSONPath(components.dropLast()) }

    package var description: String {
        components.reduce(into: "$") { text, component in
            switch component {
            case .key(let key) where key.isPlainWord: text += ".\(key)"
            case .key(let key): text += "[\(JSONValue.string(key).text)]"
            case .index(let index): text += "[\(index)]"
            case .any: text += "[*]"
            }
        }
    }
}

extension String {
    fileprivate var isPlainWord: Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "@"):
                    true
                default: false
                }
            }
    }
}
