// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SyrinxAudio
internal import SyrinxCore

struct SayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "say",
        abstract: "Speak a text into a WAV file, through a TTS plugin.",
        usage: "syrinx say --text <text> --out <file> [options]",
        discussion: """
            Needs no server. Good for making callers:

            Example: syrinx say --text "what time is it" --out q.wav --voice kal16
            """)

    @Option(help: "What to say.")
    var text: String

    @Option(help: ArgumentHelp("The WAV file to write.", valueName: "file"))
    var out: String

    @Option(help: "A voice of the provider; its own choice unless told.")
    var voice: String?

    @Option(help: ArgumentHelp("The TTS provider.", valueName: "id"))
    var provider = "flite"

    @Option(help: ArgumentHelp("Sample rate; the provider's own unless told.", valueName: "hz"))
    var rate: Int?

    @OptionGroup var plugins: PluginOptions

    func validate() throws {
        if text.allSatisfy(\.isWhitespace) { throw ValidationError("--text is empty.") }
        try CallOptions.validate(rate: rate)
    }

    func run() async throws {
        let shelf = try PluginShelf(folders: plugins.folders)
        defer { shelf.close() }
        let audio = try await Speaker(host: shelf.host, provider: provider).speak(text, voice: voice, rate: rate)
        try WAVFile.write(audio, to: out)
        Terminal.print("\(out): \(audio.duration.formatted) at \(audio.rate) Hz")
    }
}
