// SPDX-License-Identifier: Apache-2.0

@testable internal import HostParts
@testable internal import SyrinxConfig
@testable internal import SyrinxCore

/// An operator's configuration. What is refused is refused at places of the file.
enum ConfigTarget {
    static func run(_ bytes: [UInt8]) {
        let text = bytes.text
        // Files of this machine are none of the fuzzer's business.
        guard !text.contains("${file") else { return }
        do throws(ConfigErrors) {
            let configuration = try Configuration.parse(text: text, file: "syrinx.yaml", environment: ["PORT": "8080"])
            precondition(configuration.overlay(for: "default") != nil, "a profile that is always there is not")
        } catch {
            let lines = text.utf8.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } + 2
            precondition(!error.issues.isEmpty && !error.rendered(color: false).isEmpty)
            for issue in error.issues { precondition((1...lines).contains(issue.line), "a place outside of the file") }
        }
    }
}

/// What lies in a plugin's folder beside its code: the manifest and its signature.
enum ManifestTarget {
    static func run(_ bytes: [UInt8]) {
        if let manifest = try? PluginManifest(parsing: bytes, file: "plugin.json") {
            precondition(!manifest.id.isEmpty && !manifest.entry.contains("/"), "an entry outside of the folder")
            for path in (manifest.files ?? [:]).keys {
                precondition(!path.hasPrefix("/") && !path.split(separator: "/").contains(".."), "a file outside of it")
            }
        }
        guard let signature = try? PackageSignature(parsing: bytes, file: "plugin.json.sig") else { return }
        precondition(signature.bytes.count == 64)
        precondition((try? PackageSignature(parsing: Array(signature.text.utf8), file: "")) == signature)
    }
}
