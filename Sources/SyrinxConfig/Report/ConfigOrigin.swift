// SPDX-License-Identifier: Apache-2.0

/// What a configuration was made of, so that it can tell where each value comes from.
///
/// Two configurations that say the same are equal wherever they come from.
struct ConfigOrigin: Sendable, Equatable {
    var file = ""
    var checked = CheckedSection()
    var source = SourceText("", file: "")

    static func == (left: ConfigOrigin, right: ConfigOrigin) -> Bool { true }
}
