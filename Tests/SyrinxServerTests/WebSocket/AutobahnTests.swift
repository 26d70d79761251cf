// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import SyrinxCore
import Testing

/// What `scripts/test-autobahn` says.
private enum Autobahn {
    static let program = ProcessInfo.processInfo.environment["AUTOBAHN"]
    static let cases =
        ProcessInfo.processInfo.environment["AUTOBAHN_CASES"] ?? "1.* 2.* 3.* 4.* 5.* 6.* 7.* 9.* 10.*"
}

/// The Autobahn suite against the server's WebSocket. `scripts/test-autobahn` installs it and runs this.
@Suite("Autobahn", .enabled(if: Autobahn.program != nil, "scripts/test-autobahn runs it"))
struct AutobahnTests {
    /// Some cases have no right answer: they tell how they were met.
    private static let good: Set = ["OK", "INFORMATIONAL"]

    @Test func `every case is met to the letter`() async throws {
        let program = try #require(Autobahn.program)
        let folder = FileManager.default.temporaryDirectory.appending(path: "autobahn-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Messages of 16 MiB are among the cases.
        let listener = try await EchoDoor(maxMessage: 17 << 20).listen()
        let port = try #require(listener.localAddress?.port)
        let output = try await Blocking.run { try Self.run(program, port, folder) }
        try await listener.close()

        let report = folder.appending(path: "report/index.json")
        let text = try #require(try? String(contentsOf: report, encoding: .utf8), "no report: \(output.suffix(2_000))")
        let results = try #require(try JSONValue(parsing: text)["syrinx"]?.object, "the report has no results")
        let failed = results.compactMap { name, result -> String? in
            let behaviour = (result["behavior"]?.string ?? "?", result["behaviorClose"]?.string ?? "?")
            return Self.good.contains(behaviour.0) && Self.good.contains(behaviour.1)
                ? nil : "\(name) \(behaviour.0), close \(behaviour.1)"
        }
        print("autobahn: \(results.count) cases, \(results.count - failed.count) as they shall be")
        #expect(failed.isEmpty, "\(failed.sorted().joined(separator: "; "))")
        #expect(!results.isEmpty)
    }

    private static func run(_ program: String, _ port: Int, _ folder: URL) throws -> String {
        let cases = Autobahn.cases.split(separator: " ").map { JSONValue.string(String($0)) }
        let spec = JSONValue.object([
            "outdir": .string(folder.path + "/report"), "cases": .array(cases), "exclude-cases": .array([]),
            "servers": .array([
                .object(["agent": .string("syrinx"), "url": .string("ws://127.0.0.1:\(port)")])
            ]), "exclude-agent-cases": .object([:]),
        ])
        let file = folder.appending(path: "spec.json")
        try spec.text.write(to: file, atomically: true, encoding: .utf8)
        let log = folder.appending(path: "log")
        try Data().write(to: log)
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = ["-m", "fuzzingclient", "-s", file.path]
        let output = try FileHandle(forWritingTo: log)
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        process.waitUntilExit()
        return (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    }
}
