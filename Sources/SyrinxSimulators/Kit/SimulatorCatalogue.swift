// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

/// The simulators that there are, by name.
package enum SimulatorCatalogue {
    package static let all: [any Simulator.Type] = [
        AmazonNovaSimulator.self, DeepgramSimulator.self, ElevenLabsSimulator.self, GeminiSimulator.self,
        OpenAISimulator.self, VapiSimulator.self, WebhookSimulator.self,
    ]

    package static var names: [String] { all.map { $0.name } }

    package static func named(_ name: String) -> (any Simulator.Type)? { all.first { $0.name == name } }
}
