// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import SyrinxCore
internal import SyrinxSimulators

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Play a vendor's service on this machine: no key, no network, no cost.",
        usage: "syrinx simulate <vendor>|list [options]",
        discussion: """
            Speaks the vendor's own protocol, so that Syrinx, the vendor's SDK or your
            plugin can be tried against it. The simulated caller says the lines of --say,
            one an utterance; the simulated model repeats what it hears, calls the tools
            that a prompt names, and says what --reply tells it; the simulated voice is a
            tone. `syrinx simulate list` shows the vendors and their protocol points.

            What goes wrong is told by --fault, a list of parts:
              where  at=POINT[:N]  after=POINT[:N]  path=/PREFIX  times=K  skip=K
              what   cut  reset  close=CODE[:REASON]  status=CODE[,retry_after=S]
                     latency=MS  drip[=MS]  drop  silence  error=CODE
                     malformed=half_json|invalid_utf8|wrong_types|huge_numbers|
                               not_json|empty|deep|oversized
                     truncate

            Example: syrinx simulate openai --port 8090 --say "book a table" --key secret
            and:     syrinx simulate deepgram --fault after=partial:2,cut,times=1
                     syrinx simulate elevenlabs --fault status=429,retry_after=2,times=3
                     syrinx simulate amazon_nova --tls cert.pem key.pem --latency-ms 80
            """)

    @Argument(help: ArgumentHelp("The vendor, or `list`.", valueName: "vendor"))
    var vendor: String

    @Option(help: ArgumentHelp("Where to listen on 127.0.0.1; 0 = any free port.", valueName: "port"))
    var port = 0

    @Option(help: ArgumentHelp("The key that clients must send; any or none without.", valueName: "key"))
    var key: String?

    @Option(
        name: .customLong("fault"), parsing: .singleValue,
        help: ArgumentHelp("What goes wrong, and where; may repeat.", valueName: "spec"))
    var faults: [String] = []

    @Option(help: ArgumentHelp("How much later everything is sent.", valueName: "ms"))
    var latencyMs = 0

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "What the caller is heard to say, in turn; `[de] Guten Tag` in that language.", valueName: "line"))
    var say: [String] = []

    @Option(
        name: .customLong("reply"), parsing: .singleValue,
        help: ArgumentHelp("What the model says to a prompt with this word; may repeat.", valueName: "word=text"))
    var replies: [String] = []

    @Option(
        help: ArgumentHelp("How many times faster than played speech-to-speech audio is made.", valueName: "n"))
    var pace = 10

    @Option(help: ArgumentHelp("How long a speech-to-speech session may last.", valueName: "s"))
    var sessionSeconds: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Certificate and key, PEM: https and wss, HTTP/2, too.", valueName: "file"))
    var tls: [String] = []

    @Flag(help: "Print what clients send, too; of what is no text, the size.")
    var messages = false

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535.") }
        guard (0...60_000).contains(latencyMs) else { throw ValidationError("--latency-ms must be 0 to 60000.") }
        guard (1...86_400).contains(sessionSeconds ?? 1) else {
            throw ValidationError("--session-seconds must be 1 to 86400.")
        }
        guard (1...1000).contains(pace) else { throw ValidationError("--pace must be 1 to 1000.") }
        guard [0, 2].contains(tls.count) else { throw ValidationError("--tls takes two files: certificate, key.") }
        guard replies.allSatisfy({ $0.contains("=") }) else { throw ValidationError("--reply is WORD=TEXT.") }
    }

    func run() async throws {
        if vendor == "list" { return Terminal.print(SimulatorListing(isJSON: json).text) }
        guard let type = SimulatorCatalogue.named(vendor) else {
            throw SyrinxError(
                "simulator.not_found", "there is no simulator `\(vendor)`",
                fix: "one of \(SimulatorCatalogue.names.joined(separator: ", ")); `syrinx simulate list` tells more")
        }
        let simulator = type.init(try settings())
        let printer = ConnectionPrinter(isJSON: json, showsMessages: messages)
        let signals = ProcessSignals([SIGTERM, SIGINT])
        defer { signals.stop() }
        let server = try await SimulatorServer.start(
            simulator, port: port, tls: tls.isEmpty ? nil : .init(certificate: tls[0], key: tls[1]),
            log: SimulatorLog { printer.take($0) })
        let banner = SimulatorBanner(
            vendor: vendor, simulator: simulator, address: server.address, certificate: tls.first)
        Terminal.print(json ? banner.json.text : banner.text)
        for await _ in signals.stream { break }
        await server.stop()
    }

    private func settings() throws(SyrinxError) -> SimulatorSettings {
        SimulatorSettings(
            key: key, lines: SimulatedLines(say), latencyMilliseconds: latencyMs,
            faults: try FaultPlan(faults.joined(separator: ";")),
            mind: SimulatedMind(replies: replies.map(Self.reply)), voice: SimulatedVoice(timesRealTime: pace),
            sessionSeconds: sessionSeconds)
    }

    private static func reply(_ text: String) -> (word: String, reply: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts.first ?? ""), String(parts.last ?? ""))
    }
}
