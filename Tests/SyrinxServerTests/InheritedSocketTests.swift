// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxCore
import SyrinxServer
import Testing

@Suite("A listening socket that was passed on", .tags(.integration))
struct InheritedSocketTests {
    private func open(_ family: Int32, listens: Bool) -> Int32 {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        if listens { listen(descriptor, 1) }
        return descriptor
    }

    @Test func `the kernel says where it listens, and what is started later does not get it`() throws {
        let descriptor = open(AF_INET, listens: true)
        defer { close(descriptor) }
        let socket = try InheritedSocket(descriptor)
        #expect(socket.host == "0.0.0.0" && socket.port > 0)
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func `what does not listen, or not for TCP, is refused`() {
        for (family, listens) in [(AF_INET, false), (AF_UNIX, false)] {
            let descriptor = open(family, listens: listens)
            let error = #expect(throws: SyrinxError.self) { try InheritedSocket(descriptor) }
            #expect(error?.code == "server.listen_failed")
            close(descriptor)
        }
        #expect(throws: SyrinxError.self) { try InheritedSocket(-1) }
    }

    @Test(arguments: [
        [:], ["LISTEN_FDS": "1"], ["LISTEN_PID": "8", "LISTEN_FDS": "1"], ["LISTEN_PID": "7", "LISTEN_FDS": "0"],
        ["LISTEN_PID": "x", "LISTEN_FDS": "1"], ["LISTEN_PID": "7", "LISTEN_FDS": "99999999999"],
    ])
    func `what is meant for another process, or for none, is left alone`(environment: [String: String]) throws {
        #expect(try InheritedSocket.passed(environment, process: 7) == nil)
    }

    @Test func `two sockets are one too many`() {
        let error = #expect(throws: SyrinxError.self) {
            try InheritedSocket.passed(["LISTEN_PID": "7", "LISTEN_FDS": "2"], process: 7)
        }
        #expect(error?.code == "server.listen_failed")
    }
}
