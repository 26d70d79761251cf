// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Speaks as a musician would: a tone for each letter, silence between words. Equal texts sound equal.
package struct SimulatedVoice: Hashable, Sendable {
    package var millisecondsPerCharacter: Int
    /// How much faster it is made than played, at least once.
    package var timesRealTime: Int

    package init(millisecondsPerCharacter: Int = 60, timesRealTime: Int = 10) {
        self.millisecondsPerCharacter = millisecondsPerCharacter
        self.timesRealTime = max(1, timesRealTime)
    }

    /// Longer texts are spoken so far.
    private static let longest = 8192

    package func speak(_ text: String, rate: Int) -> [Int16] {
        let size = rate * millisecondsPerCharacter / 1000
        var samples: [Int16] = []
        let spoken = text.prefix(Self.longest)
        samples.reserveCapacity(size * spoken.count)
        for character in spoken {
            samples += character.isLetter || character.isNumber ? Self.tone(character, size, rate) : Self.rest(size)
        }
        return samples
    }

    private static func rest(_ size: Int) -> [Int16] { Array(repeating: 0, count: size) }

    private static func tone(_ character: Character, _ size: Int, _ rate: Int) -> [Int16] {
        let step = Int(character.unicodeScalars.first?.value ?? 97) % 24
        let frequency = 180 * pow(2, Double(step) / 12)
        return (0..<size).map { Int16(6000 * sin(2 * .pi * frequency * Double($0) / Double(rate))) }
    }
}
