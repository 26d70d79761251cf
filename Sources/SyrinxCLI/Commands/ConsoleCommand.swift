// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxCore

struct ConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "Talk with a running server: type, or pipe text or audio.",
        discussion: """
            Each line of the standard input is a turn, as if it had been understood. At a
            terminal it is said at once, and interrupts; from a pipe it waits for the turn
            before it. With --audio the input is a WAV file, or s16le mono at --rate, as
            fast as it is spoken. At the end of the input the call ends when all has been
            answered. Exit code 1 when the server ended it before.

            Example: echo "what time is it" | syrinx console
            Example: arecord -t raw -f S16_LE -r 16000 | syrinx console --audio --out - |
                     aplay -t raw -f S16_LE -r 16000
            """)

    @Flag(help: "The standard input is audio.")
    var audio = false

    @Option(help: ArgumentHelp("Where the agent's voice goes: a WAV file, or - for s16le.", valueName: "wav"))
    var out: String?

    @Option(help: ArgumentHelp("The server's profile. Default: the tenant's first.", valueName: "name"))
    var profile: String?

    @Option(help: ArgumentHelp("Sample rate of both directions.", valueName: "hz"))
    var rate = 16_000

    @OptionGroup var call: CallOptions

    func validate() throws {
        try CallOptions.validate(rate: rate)
        if call.json { throw ValidationError("--json is for `syrinx call`.") }
    }

    func run() async throws {
        let typed = !audio && StandardInput.isTerminal
        // The standard output may be the agent's voice.
        let isVoice = out == "-"
        let runner = ConsoleRunner(
            target: try call.target(profile: profile, rate: rate), input: audio ? .audio : .lines(waits: !typed),
            options: call.script(rate: rate), output: out
        ) { note in
            if typed, case .user = note { return }
            isVoice ? Terminal.note(Transcript.line(note)) : Terminal.print(Transcript.line(note))
        }
        guard let reason = try await runner.run() else { return }
        Terminal.note("the session ended: \(reason)")
        throw ExitCode(1)
    }
}
