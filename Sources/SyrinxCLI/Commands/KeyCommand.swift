// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxAccess
internal import SyrinxCore

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make API keys for tenants and operators.",
        subcommands: [KeyNewCommand.self, KeyHashCommand.self])
}

struct KeyNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a key and the hash that the configuration keeps of it.",
        discussion: """
            The key is shown this once; only its hash is kept. Put the hash under
            tenants.NAME.keys or access.operators, and give the key to its owner.

            Example: syrinx key new
            """)

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() {
        let key = APIKey.generate()
        guard !json else {
            return Terminal.print(
                (["key": .string(key.text), "hash": .string(key.hash.description)] as JSONValue).text)
        }
        Terminal.print("key   \(key.text)\nhash  \(key.hash)")
        Terminal.note("\nThe key is not kept: copy it now. The hash goes into the configuration.")
    }
}

struct KeyHashCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hash",
        abstract: "Print the hash of a key that is read from the input.",
        discussion: """
            Example: syrinx key hash < key.txt
            """)

    func run() throws {
        guard let key = APIKey(parsing: (readLine() ?? "").filter { !$0.isWhitespace }) else {
            throw ValidationError("What came is no key: it is written syx_, 8 characters, _ and 43 characters.")
        }
        Terminal.print("\(key.hash)")
    }
}
