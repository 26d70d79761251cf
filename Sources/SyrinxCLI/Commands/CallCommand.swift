// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore

struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call a server with WAV files, as a caller would.",
        usage: "syrinx call --in <wav> ... [options]",
        discussion: """
            Streams each file in real time, one turn a file, waits for the answer, and
            prints the transcript and where the time went. Exit code 0 only if every
            file was answered.

            Example: syrinx call --in question.wav --out answer.wav
            """)

    @Option(
        name: .customLong("in"), parsing: .singleValue,
        help: ArgumentHelp("A WAV file to say (16-bit PCM); may repeat.", valueName: "wav"))
    var inputs: [String]

    @Option(help: ArgumentHelp("Where the agent's voice is recorded.", valueName: "wav"))
    var out: String?

    @Option(help: ArgumentHelp("The server's profile. Default: the tenant's first.", valueName: "name"))
    var profile: String?

    @Option(help: ArgumentHelp("Sample rate of both directions.", valueName: "hz"))
    var rate = 16_000

    @OptionGroup var call: CallOptions

    func validate() throws { try CallOptions.validate(rate: rate) }

    func run() async throws {
        var lines: [CallerLine] = []
        for input in inputs { lines.append(try CallerLine(file: input, rate: rate)) }
        let runner = CallRunner(
            target: try call.target(profile: profile, rate: rate), lines: lines, options: call.script(rate: rate),
            replyFile: out, onNote: call.onNote)
        let report = try await runner.run()
        call.show(report)
        if let error = report.error { throw error }
    }
}
