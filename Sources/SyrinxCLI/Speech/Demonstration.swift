// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SyrinxAudio
package import SyrinxCore
package import SyrinxHost

/// A call that shows what the embedded engines can do: a synthetic caller books a table.
package struct Demonstration: Sendable {
    package static let rate = 16_000
    /// The diphone voice is the plainest, and the one that the recogniser understands best.
    private static let voice = "kal16"
    private static let script = [
        "I would like to book a table.", "For four people.", "On Friday.", "At seven.", "Yes please.",
        "What time is it?", "Goodbye.",
    ]

    package var lines: [CallerLine]
    package var replyFile: String

    /// - Throws: `plugin.not_found`, `provider.*`, `file.not_writable`.
    package static func prepare(host: PluginHost) async throws(SyrinxError) -> Demonstration {
        let speaker = try Speaker(host: host, provider: "flite")
        var lines: [CallerLine] = []
        for text in script {
            let audio = try await speaker.speak(text, voice: voice, rate: rate)
            lines.append(CallerLine(name: "\"\(text)\"", samples: audio.samples))
        }
        return Demonstration(lines: lines, replyFile: try folder() + "/answer.wav")
    }

    package func run(
        _ target: TalkTarget, _ options: CallScript.Options, onNote: @escaping @Sendable (CallNote) -> Void
    ) async throws(SyrinxError) -> CallReport {
        let runner = CallRunner(target: target, lines: lines, options: options, replyFile: replyFile, onNote: onNote)
        return try await runner.run()
    }

    private static func folder() throws(SyrinxError) -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("syrinx-demo-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw SyrinxError("file.not_writable", error.localizedDescription, fix: "set TMPDIR", place: folder.path)
        }
        return folder.path
    }
}
