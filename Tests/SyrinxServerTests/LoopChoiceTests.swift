// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Testing

@testable import SyrinxServer

@Suite("Which loop a door's call gets")
struct LoopChoiceTests {
    @Test
    func `calls that come by connections of their own are spread over all loops`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        var calls: [ObjectIdentifier: Int] = [:]
        for _ in 0..<200 {
            // The connection takes its turn.
            _ = group.next()
            calls[ObjectIdentifier(group.chosen), default: 0] += 1
        }
        #expect(calls.count == 2)
        #expect(calls.values.allSatisfy { $0 > 50 })
        try await group.shutdownGracefully()
    }
}
