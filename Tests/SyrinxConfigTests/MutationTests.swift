// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxConfig
import Testing

@Suite(.tags(.fuzz)) struct MutationTests {
    @Test func `both samples are valid before they are broken`() throws {
        #expect(issues(try Repository.fullSample()) == [])
        #expect(issues(try Repository.text("etc/two-tenants.yaml")) == [])
    }

    /// 25 faults of 8 seeds each: 200 configurations.
    @Test(arguments: ConfigMutator.Fault.allCases)
    func `a broken configuration is refused with its places`(fault: ConfigMutator.Fault) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("syrinx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("syrinx.yaml")
        let mutators = [
            ConfigMutator(try Repository.fullSample()), ConfigMutator(try Repository.text("etc/two-tenants.yaml")),
        ]
        for seed in 0..<8 {
            var random = SplitMix64(seed: UInt64(fault.rawValue * 100 + seed))
            let bytes = try #require(mutators[seed % 2].mutated(by: fault, using: &random), "\(fault)")
            try Data(bytes).write(to: file)
            let error = #expect(throws: ConfigErrors.self, "\(fault) \(seed)") {
                _ = try Configuration.load(path: file.path, environment: [:])
            }
            let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 2
            let found = error?.issues ?? []
            #expect(!found.isEmpty && found.count < 50, "\(fault) \(seed): \(found.count)")
            for issue in found {
                #expect((1...lines).contains(issue.line) && issue.column >= 1 && !issue.message.isEmpty)
                #expect(issue.rendered(color: false).contains("syrinx.yaml:\(issue.line):\(issue.column): error: "))
            }
        }
    }
}
