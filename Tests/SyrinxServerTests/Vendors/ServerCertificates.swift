// SPDX-License-Identifier: Apache-2.0

import Foundation
import SyrinxSimulators

/// An authority, a certificate of it that is good for 127.0.0.1 and one that has expired: made with the openssl command
/// in a temporary folder.
struct ServerCertificates: Sendable {
    private struct OpenSSLFailed: Error { let arguments: String }

    static let shared = Result { try ServerCertificates() }

    private let folder: URL

    /// PEM of the authority.
    var roots: String { path("ca.pem") }
    var good: SimulatorServer.TLS { SimulatorServer.TLS(certificate: path("good.pem"), key: path("server.key")) }
    var expired: SimulatorServer.TLS { SimulatorServer.TLS(certificate: path("expired.pem"), key: path("server.key")) }

    private init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("syrinx-vendors-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        try openssl("req -x509 \(key) -keyout ca.key -out ca.pem -days 30 -subj /CN=ca")
        try openssl("req \(key) -keyout server.key -out server.csr -subj /CN=127.0.0.1")
        try Data("subjectAltName=IP:127.0.0.1\n".utf8).write(to: folder.appendingPathComponent("names"))
        for (name, days) in [("good", 30), ("expired", -1)] {
            try openssl(
                "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days \(days) -extfile names "
                    + "-out \(name).pem")
        }
    }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func openssl(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = folder
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw OpenSSLFailed(arguments: arguments) }
    }
}
