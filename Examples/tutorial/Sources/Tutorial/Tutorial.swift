// SPDX-License-Identifier: Apache-2.0

import VoiceBackend

/// A scalable voice backend in six steps. Runs offline and without keys; needs the plugins (`make build`).
@main
struct Tutorial {
    static func main() async throws {
        let backend = try await configureBackend()
        try await createSession(backend)
        try await checkHealthAndCapacity(backend)
        try await manageSessions(backend)
        try await useAnotherProvider()
        await stopGracefully(backend)
    }
}

func step(_ number: Int, _ title: String) { print("\n\(number). \(title)") }

func show(_ line: String) { print("   \(line)") }
