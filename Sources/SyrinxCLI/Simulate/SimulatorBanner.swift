// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore
internal import SyrinxSimulators

/// What `syrinx simulate` prints once it listens.
struct SimulatorBanner {
    let vendor: String
    let simulator: any Simulator
    let address: SimulatorAddress
    /// The certificate, which no system trusts.
    let certificate: String?

    var text: String {
        """
        \(vendor) is simulated on \(address.http) and \(address.ws)

        Syrinx uses it with this in its configuration:

        \(indented(configuration))

        Stop with Ctrl-C. A line for each connection that ends:
        """
    }

    var json: JSONValue {
        [
            "event": "listening", "vendor": .string(vendor), "http": .string(address.http), "ws": .string(address.ws),
            "port": .int(Int64(address.port)), "configuration": .string(configuration),
        ]
    }

    /// This machine is no place that plugins may reach, unless the configuration says so.
    private var configuration: String {
        let roots = certificate.map { ", trusted_roots: \"\($0)\"" } ?? ""
        return "network: { allow: [loopback]\(roots) }\n" + simulator.configuration(address)
    }

    private func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "  \($0)" }
            .joined(separator: "\n")
    }
}

/// What `syrinx simulate list` prints.
struct SimulatorListing {
    let isJSON: Bool

    var text: String { isJSON ? json.text : table }

    private var json: JSONValue {
        .array(
            SimulatorCatalogue.all.map { type in
                [
                    "vendor": .string(type.name), "summary": .string(type.summary),
                    "points": .array(type.points.map { .string($0) }),
                ]
            })
    }

    private var table: String {
        SimulatorCatalogue.all.map { type in
            "\(type.name)\n  \(type.summary)\n  points for --fault: connect, response, \(type.points.joined(separator: ", "))"
        }.joined(separator: "\n")
    }
}
