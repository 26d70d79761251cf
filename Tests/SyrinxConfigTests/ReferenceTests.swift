// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxConfig
import Testing

@Suite(.tags(.unit)) struct ReferenceTests {
    private let environment = ["PORT": "9000", "EMPTY": "", "LEVEL": "hunter2"]

    @Test(arguments: [
        ("${env:PORT}", "9000"), ("${env:NONE:-8080}", "8080"), ("${env:EMPTY:-1}", "1"),
        ("a${env:PORT}b${env:PORT}c", "a9000b9000c"),
        ("${env:EMPTY}", ""), ("$${env:PORT}", "${env:PORT}"), ("\"${env:NONE:-a: b}\"", "a: b"), ("$5", "$5"),
        ("${env:NONE:-}", ""),
    ])
    func `a reference is replaced`(source: String, text: String) throws {
        let configuration = try parse("profiles:\n  a:\n    greeting: \(source)\n", environment: environment)
        #expect(configuration.profiles["a"]?.greeting == text)
    }

    @Test(arguments: ["${env:NONE}", "${env:PORT", "${PORT}", "${file:/no/such/file}", "${file:/}", "${}", "${ssm:x}"])
    func `a reference that leads nowhere is refused`(source: String) {
        let found = headlines("profiles:\n  a:\n    greeting: \(source)\n", environment: environment)
        #expect(found.count == 1 && found.first?.hasPrefix("3:15: ") == true, "\(found)")
    }

    @Test func `a file gives its text without the last line break, from the folder of the configuration`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("syrinx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("hunter2\n".utf8).write(to: folder.appendingPathComponent("key"))
        let file = folder.appendingPathComponent("syrinx.yaml")
        try Data("profiles:\n  a:\n    greeting: ${file:key}\n".utf8).write(to: file)
        let configuration = try Configuration.load(path: file.path, environment: [:])
        #expect(configuration.profiles["a"]?.greeting == "hunter2")
        try Data("a: \n  \u{FFFD}\n".utf8.dropLast(2) + [0xFF]).write(to: file)
        let error = #expect(throws: ConfigErrors.self) { try Configuration.load(path: file.path, environment: [:]) }
        #expect(error?.issues.first?.line == 2)
        #expect(throws: ConfigErrors.self) { try Configuration.load(path: folder.path, environment: [:]) }
        #expect(throws: ConfigErrors.self) { try Configuration.load(path: folder.path + "/none", environment: [:]) }
    }

    @Test(arguments: [
        "listen: ${env:LEVEL}", "log: { level: \"${env:LEVEL}\" }", "limits: { max_sessions: \"${env:LEVEL}\" }",
        "limits: { idle_timeout: \"${env:LEVEL}\" }", "profiles: { a: { stt: \"${env:LEVEL} x\" } }",
        "plugins: { folders: \"${env:LEVEL}\" }",
        "profiles: { a: { extends: \"${env:LEVEL}\" } }", "profiles: \"${env:LEVEL}\"",
        "profiles: { a: { turn_taking: { preemptive: \"${env:LEVEL}\" } } }",
        "profiles: { a: { language: \"${env:LEVEL}\" } }", "limits: { max_message: \"${env:LEVEL}\" }",
    ])
    func `the value of a reference never stands in an error`(text: String) {
        let error = ConfigErrors(issues: issues(text, environment: environment))
        #expect(error.issues.count == 1)
        #expect(!error.rendered(color: false).contains("hunter2"), "\(error)")
    }

    @Test func `a reference works for every kind of value`() throws {
        let configuration = try parse(
            "listen: 127.0.0.1:${env:PORT}\nlimits: { max_sessions: \"${env:PORT}\" }\n"
                + "profiles: { a: { turn_taking: { preemptive: \"${env:P:-true}\" } } }",
            environment: environment
        )
        #expect(configuration.listen.port == 9000 && configuration.limits.maxSessions == 9000)
        #expect(configuration.profiles["a"]?.turnTaking.preemptive == true)
    }
}
