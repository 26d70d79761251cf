// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore
internal import SyrinxHost

struct PluginVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Tell how far a plugin's folder is trusted, and why.",
        usage: "syrinx plugin verify <folder> [options]",
        discussion: """
            Reads every file once, as the server would, and runs none of its code:
            manifest, owners and permissions of the files, hashes, signature, lock, the
            shared object's ELF headers. Exit code 1 when the server would refuse it.

              core      the lock file names its hashes, and calls it core
              signed    signed with a key that is trusted, and unchanged
              unsigned  nobody answers for it: it runs in a helper process
              modified  a file is not what manifest or lock say: refused
              invalid   malformed or badly signed: refused

            Example: syrinx plugin verify plugins/my-vad --keys /etc/syrinx/keys
            """)

    @Argument(help: ArgumentHelp("The plugin's folder.", valueName: "folder"))
    var folder: String

    @OptionGroup var trust: PluginTrustOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let folder = PackagePath.plain(folder)
        let verifier = try trust.verifier()(folder)
        let package: VerifiedPackage
        do {
            package = try verifier.examine(folder: folder)
        } catch {
            if json { Terminal.print(PackageCard.json(refused: error, folder: folder).text) }
            throw error
        }
        let card = PackageCard(package)
        Terminal.print(json ? card.json.text : card.text)
    }
}
