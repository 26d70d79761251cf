// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import Logging
internal import SyrinxConfig
internal import SyrinxCore
internal import SyrinxServer

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Start the voice server.",
        usage: "syrinx serve [options]",
        discussion: """
            Without a configuration it listens on 127.0.0.1:8080 and serves the profiles
            default, echo and mock. The first SIGINT or SIGTERM drains: no new calls,
            live ones end by themselves; the second cuts them, with exit code 3.
            SIGHUP reads the configuration again, as `syrinx reload` does.

            Example: syrinx serve --config syrinx.yaml --listen 0.0.0.0:8080
            """)

    @Option(help: ArgumentHelp("The configuration.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp("Where to listen; port 0 = any free one.", valueName: "host:port"), transform: Self.address)
    var listen: ListenAddress?

    @Option(
        name: .customLong("plugins"), parsing: .singleValue,
        help: ArgumentHelp("Folder that holds one folder a plugin; may repeat.", valueName: "dir"))
    var plugins: [String] = []

    @Option(
        help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"),
        transform: Self.level)
    var logLevel: Logger.Level?

    @Option(
        help: ArgumentHelp(
            "Unix socket for `status`, `sessions`, `drain`, `reload`, `plugin`, or `none`.", valueName: "path"))
    var adminSocket: String?

    @Flag(help: "Make a spoken call to itself first, then keep serving.")
    var demo = false

    func run() async throws {
        let settings = ServeSettings(
            config: config, listen: listen, plugins: plugins, logLevel: logLevel, adminSocket: adminSocket)
        let options: ServerOptions
        do {
            options = try settings.options()
        } catch let errors as ConfigErrors {
            Terminal.note(errors.rendered(color: false))
            throw ExitCode(1)
        } catch let refusal as PolicyRefusal {
            for issue in refusal.issues { Terminal.note(issue.description) }
            throw ExitCode(1)
        }
        FileLimit.raise()
        let server = try VoiceServer(options)
        server.prepareProfiles()
        let demo = demo
        let signals = ProcessSignals([SIGTERM, SIGINT])
        let hangups = ProcessSignals([SIGHUP])
        let reloading = Task { for await _ in hangups.stream { await server.reload() } }
        defer {
            reloading.cancel()
            hangups.stop()
            signals.stop()
        }
        let code = try await server.run(stops: signals.stream) { port in
            let banner = ServeBanner(server: server, host: options.host, port: port)
            Terminal.print(banner.text)
            if demo { await SelfDemo.run(banner) }
        }
        throw ExitCode(code)
    }

    private static func address(_ text: String) throws -> ListenAddress {
        guard let address = ListenAddress(text) else { throw ValidationError("`\(text)` is not HOST:PORT.") }
        return address
    }

    private static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else { throw ValidationError("`\(text)` is not a log level.") }
        return level
    }
}

/// `serve --demo`: the server calls itself. Whatever comes of it, it goes on serving.
private enum SelfDemo {
    static func run(_ banner: ServeBanner) async {
        Terminal.print("\nA demonstration call:\n")
        do {
            try await call(banner)
        } catch {
            Terminal.report(error)
        }
        Terminal.print("\nStill serving on http://\(banner.authority)")
    }

    private static func call(_ banner: ServeBanner) async throws(SyrinxError) {
        let demonstration = try await Demonstration.prepare(host: banner.server.host)
        let target = try TalkTarget(
            url: banner.localURL, query: [("profile", "default"), ("rate", "\(Demonstration.rate)")])
        let report = try await demonstration.run(target, CallScript.Options()) { Terminal.print(Transcript.line($0)) }
        Terminal.print("\n" + LatencyTable.text(report.turns))
        Terminal.print("\nThe agent's voice: \(demonstration.replyFile)")
        if let error = report.error { throw error }
    }
}
