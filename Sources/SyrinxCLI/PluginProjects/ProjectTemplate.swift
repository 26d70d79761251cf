// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import SyrinxCore

/// A project to start from: what a folder of the SDK holds, with a plugin's names filled in.
package struct ProjectTemplate {
    /// The languages, as `--lang` names them.
    package static let languages = ["c", "cpp", "swift", "rust", "bound"]

    /// What each kind's template does, for the manifest and the README.
    package static let kinds = [
        "vad": "Tells speech from silence by its level", "filter": "Makes the caller louder or softer",
        "stt": "Answers how long the caller spoke", "tts": "Sings a tone for each word",
        "agent": "Repeats what the caller said", "turn": "Tells when the caller has finished",
        "backend": "Counts sessions up to a limit",
    ]

    /// Path within the project, and content.
    package let files: [String: String]

    /// - Throws: `plugin.project.name_invalid`, `plugin.project.no_template`.
    package init(id: String, kind: String, language: String, sdk: PluginSDK) throws(SyrinxError) {
        guard Self.isID(id) else {
            throw SyrinxError(
                "plugin.project.name_invalid", "`\(id)` is no plugin id",
                fix: "a lower-case letter, then lower-case letters, digits, - and _; at most 64 in all")
        }
        let templates = sdk.path + "/templates"
        let folders = ["common", "\(language)/common", "\(language)/\(kind)"].map { "\(templates)/\($0)" }
        guard Self.languages.contains(language), Self.kinds[kind] != nil,
            FileManager.default.fileExists(atPath: folders[2])
        else {
            throw SyrinxError(
                "plugin.project.no_template", "there is no template for \(kind) in \(language)",
                fix: "there are \(Self.available(in: templates))", place: templates)
        }
        let words = Self.words(id: id, kind: kind, sdk: sdk)
        var files: [String: String] = [:]
        for folder in folders { files.merge(Self.read(folder, words)) { $1 } }
        self.files = files
    }

    /// Writes the project into a folder that is new or empty.
    ///
    /// - Throws: `plugin.project.exists`, `file.not_writable`.
    package func write(to folder: String) throws(SyrinxError) {
        try PluginSDK.check(path: folder)
        let manager = FileManager.default
        if manager.fileExists(atPath: folder), (try? manager.contentsOfDirectory(atPath: folder).isEmpty) != true {
            throw SyrinxError(
                "plugin.project.exists", "this folder exists and is not empty",
                fix: "choose another name, or another place with --output", place: folder)
        }
        do {
            for (path, content) in files {
                let file = URL(fileURLWithPath: "\(folder)/\(path)")
                try manager.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(content.utf8).write(to: file)
            }
        } catch {
            throw SyrinxError(
                "file.not_writable", "the project cannot be written: \(error.localizedDescription)",
                fix: "check the folder's permissions and space", place: folder)
        }
    }

    /// What stands for each placeholder. In Swift sources a module is `__MODULE__`, so that they can be formatted.
    private static func words(id: String, kind: String, sdk: PluginSDK) -> [(String, String)] {
        let parts = id.split { $0 == "-" || $0 == "_" }.map(String.init)
        let name = parts.joined(separator: " ")
        let module = parts.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        return [
            ("@ID@", id), ("@KIND@", kind), ("@NAME@", name.prefix(1).uppercased() + name.dropFirst()),
            ("@ABOUT@", kinds[kind] ?? ""), ("@MODULE@", module), ("__MODULE__", module), ("@SDK@", sdk.path),
            ("@CRATE@", id.replacing("-", with: "_") + "_plugin"),
        ]
    }

    private static func read(_ folder: String, _ words: [(String, String)]) -> [String: String] {
        let fill = { (text: String) in words.reduce(text) { $0.replacing($1.0, with: $1.1) } }
        var files: [String: String] = [:]
        for path in FileManager.default.enumerator(atPath: folder)?.compactMap({ $0 as? String }) ?? [] {
            guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(path)"),
                let text = String(validating: bytes, as: UTF8.self)
            else { continue }
            // A file with the dot would be hidden in the SDK, and git would obey it there.
            files[path == "gitignore" ? ".gitignore" : fill(path)] = fill(text)
        }
        return files
    }

    private static func available(in templates: String) -> String {
        let pairs = languages.map { language in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(templates)/\(language)")) ?? []
            return (language, names.filter { kinds[$0] != nil }.sorted())
        }
        return pairs.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.joined(separator: ", "))" }.joined(separator: "; ")
    }

    private static func isID(_ id: String) -> Bool {
        guard id.utf8.count <= 64, let first = id.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
        else { return false }
        return id.utf8.allSatisfy { byte in
            switch Character(UnicodeScalar(byte)) {
            case "a"..."z", "0"..."9", "-", "_": true
            default: false
            }
        }
    }
}
