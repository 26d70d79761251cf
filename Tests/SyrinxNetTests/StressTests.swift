// SPDX-License-Identifier: Apache-2.0

import NIOHPACK
import NIOHTTP2
import SyrinxCore
import SyrinxNet
import Testing

/// Many at a time, from many threads, with ends at any moment.
@Suite(.timeLimit(.minutes(3))) struct StressTests {
    @Test(arguments: [false, true])
    func `each of many exchanges ends exactly once`(requiresHTTP2: Bool) async throws {
        let old = try await RawServer { connection in
            for _ in 0..<5 {
                let head = try await connection.head()
                if head.contains("/cut") { return try await connection.reset() }
                try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes")
            }
        }
        let new = try await H2Server { stream in
            let path = try await stream.headers().first(name: ":path")
            try await stream.respond(200)
            if path == "/cut" { return try await stream.reset(.internalError) }
            try await stream.send(Array("yes".utf8), isLast: true)
        }
        let bench = try Bench()
        let origin = requiresHTTP2 ? "https://localhost:\(new.port)" : "http://localhost:\(old.port)"
        let good = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    var request = try Bench.request("\(origin)/\(number % 10 == 0 ? "cut" : "ok")")
                    request.requiresHTTP2 = requiresHTTP2
                    let (exchange, recorder) = bench.start(request)
                    if number % 7 == 0 { exchange.abort() }
                    if number % 5 == 0 {
                        exchange.read(false)
                        exchange.read(true)
                    }
                    let end = try await recorder.end()
                    #expect(recorder.log.value.ends.count == 1 && recorder.log.value.afterEnd == 0)
                    return end.failure == nil && recorder.text == "yes"
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        // All but those that were aborted or cut; a few of the former were quicker.
        #expect(good >= 200 - 20 - 29)
        old.stop()
        new.stop()
    }

    @Test func `sockets echo while others come and go`() async throws {
        let server = try await RawServer { connection in
            try await connection.accept()
            while true {
                let frame = try await connection.frame()
                try await connection.send(ServerConnection.frame(frame.opcode, frame.payload))
                if frame.opcode == 8 { return try await connection.over() }
            }
        }
        let bench = try Bench()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let (socket, recorder) = bench.open(try Bench.request("ws://localhost:\(server.port)/"))
                    for round in 1...5 {
                        #expect(socket.send(Array("\(number).\(round)".utf8), isText: true, isLast: true))
                        #expect(try await recorder.message(round).bytes == Array("\(number).\(round)".utf8))
                    }
                    if number % 3 == 0 { socket.abort() } else { socket.close(code: 1000, reason: "done") }
                    let end = try await recorder.end()
                    #expect(end.failure?.kind == (number % 3 == 0 ? .aborted : nil))
                    #expect(recorder.log.value.afterEnd == 0)
                }
            }
            try await group.waitForAll()
        }
        server.stop()
    }
}
