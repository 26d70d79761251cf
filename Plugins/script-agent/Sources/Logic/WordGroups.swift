// SPDX-License-Identifier: Apache-2.0

/// Cuts an answer into pieces of a few words, as a model streams it.
enum WordGroups {
    static let wordsPerGroup = 4

    /// The pieces; joined they are the text.
    static func split(_ text: String) -> [String] {
        var groups: [String] = []
        var group = ""
        var words = 0
        for character in text {
            group.append(character)
            guard character == " " else { continue }
            words += 1
            if words % wordsPerGroup == 0 {
                groups.append(group)
                group = ""
            }
        }
        return group.isEmpty ? groups : groups + [group]
    }
}
