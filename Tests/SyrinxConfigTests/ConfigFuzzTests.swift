// SPDX-License-Identifier: Apache-2.0

import SyrinxConfig
import SyrinxCore
import Testing

@Suite(.tags(.fuzz)) struct ConfigFuzzTests {
    @Test(arguments: 0..<20) func `a thousand mutations of the sample are taken or refused with their place`(
        batch: UInt64
    ) throws {
        let sample = Array(try Repository.fullSample().unicodeScalars)
        var random = SplitMix64(seed: batch)
        for _ in 0..<50 {
            let text = mutated(sample, using: &random)
            do throws(ConfigErrors) {
                let configuration = try parse(text)
                #expect(!ConfigEffective(configuration).yaml.isEmpty)
                #expect(ConfigDiff(from: configuration, to: configuration).isEmpty)
            } catch {
                for issue in error.issues {
                    #expect(issue.line >= 1 && issue.column >= 1 && !issue.message.isEmpty)
                    #expect(!issue.rendered(color: true).isEmpty)
                }
            }
        }
    }

    @Test(arguments: [
        "[", "{a: ", "- ", "? ", "a:\n ", "&a [*a, ", "!!str ", "\"", "'", "|\n", "%YAML 9\n", "---\n", "*a", "&", "!<",
    ])
    func `a heap of one construct never crashes`(piece: String) {
        for count in [1, 64, 2_000, 50_000] { _ = issues(String(repeating: piece, count: count)) }
    }

    @Test func `aliases cannot make a small file an endless one`() {
        var text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        for (name, previous) in zip("bcdefgh", "abcdefg") {
            text += "\(name): &\(name) [" + Array(repeating: "*\(previous)", count: 10).joined(separator: ", ") + "]\n"
        }
        #expect(headlines(text).contains { $0.contains("too large") })
    }

    private func mutated(_ sample: [Unicode.Scalar], using random: inout SplitMix64) -> String {
        var scalars = sample
        let noise = Array("{}[]:#&*!|>'\"%@`,?-~\t\n $0\u{0}\u{1B}\u{FEFF}é😀\u{2028}\u{85}".unicodeScalars)
        for _ in 0..<Int.random(in: 1...6, using: &random) where !scalars.isEmpty {
            let index = Int.random(in: 0..<scalars.count, using: &random)
            let end = min(scalars.count, index + Int.random(in: 1...40, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: scalars[index] = noise.randomElement(using: &random) ?? "x"
            case 1: scalars.insert(noise.randomElement(using: &random) ?? "x", at: index)
            case 2: scalars.removeSubrange(index..<end)
            case 3: scalars.insert(contentsOf: scalars[index..<end], at: index)
            case 4: scalars.swapAt(index, Int.random(in: 0..<scalars.count, using: &random))
            default: scalars.removeSubrange(index...)
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
