// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import SyrinxCore

/// What `call` and `demo` have in common.
struct CallOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The server.", valueName: "ws://host:port"))
    var url = "ws://127.0.0.1:8080"

    @Option(help: ArgumentHelp("Seconds without any progress after which a line is given up.", valueName: "s"))
    var timeout = 20.0

    @Option(
        help: ArgumentHelp(
            "The tenant's key. Default: $SYRINX_KEY, which no list of processes shows.", valueName: "key"))
    var key: String?

    @Flag(help: "Print one JSON object and nothing else.")
    var json = false

    func validate() throws {
        guard timeout >= 0.1, timeout <= 3600 else { throw ValidationError("--timeout must be 0.1 to 3600 seconds.") }
    }

    static func validate(rate: Int?) throws {
        guard let rate else { return }
        guard (8000...48_000).contains(rate), rate % 50 == 0 else {
            throw ValidationError("--rate must be 8000 to 48000 Hz in steps of 50.")
        }
    }

    /// - Parameter profile: nil = the tenant's first.
    func target(profile: String?, rate: Int) throws(SyrinxError) -> TalkTarget {
        var query = [("rate", "\(rate)")]
        if let profile { query.insert(("profile", profile), at: 0) }
        var target = try TalkTarget(url: url, query: query)
        target.key = key ?? ProcessInfo.processInfo.environment["SYRINX_KEY"]
        return target
    }

    func script(rate: Int) -> CallScript.Options {
        var options = CallScript.Options()
        options.rate = rate
        options.timeout = .milliseconds(Int(timeout * 1000))
        return options
    }

    /// Tells about the call while it lasts, unless a program reads.
    var onNote: @Sendable (CallNote) -> Void {
        let json = json
        return { note in
            if !json { Terminal.print(Transcript.line(note)) }
        }
    }

    func show(_ report: CallReport) {
        guard !json else { return Terminal.print(report.json.text) }
        if !report.turns.isEmpty { Terminal.print("\n" + LatencyTable.text(report.turns)) }
        if let file = report.replyFile { Terminal.print("\nThe agent's voice: \(file)") }
    }
}
