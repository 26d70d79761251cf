// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOSSL

/// An authority and certificates made with the openssl command in a temporary folder.
struct Certificates: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case good, expired, foreign, otherName
    }

    static let shared = Result { try Certificates() }

    let folder: URL
    /// PEM of the authority that clients trust.
    var roots: String { folder.appendingPathComponent("ca.pem").path }

    private init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("syrinx-net-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for authority in ["ca", "stranger"] {
            try openssl(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout \(authority).key "
                    + "-out \(authority).pem -days 30 -subj /CN=\(authority)")
        }
        try openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=x")
        try issue(.good, days: 30, by: "ca", names: "DNS:localhost,IP:127.0.0.1")
        try issue(.expired, days: -1, by: "ca", names: "DNS:localhost,IP:127.0.0.1")
        try issue(.foreign, days: 30, by: "stranger", names: "DNS:localhost,IP:127.0.0.1")
        try issue(.otherName, days: 30, by: "ca", names: "DNS:other.example,IP:127.0.0.2")
    }

    private func issue(_ kind: Kind, days: Int, by authority: String, names: String) throws {
        try Data("subjectAltName=\(names)\n".utf8).write(to: folder.appendingPathComponent("\(kind.rawValue).ext"))
        try openssl(
            "x509 -req -in server.csr -CA \(authority).pem -CAkey \(authority).key -CAcreateserial -days \(days) "
                + "-extfile \(kind.rawValue).ext -out \(kind.rawValue).pem")
    }

    private func openssl(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = folder
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw TimedOut(description: "openssl \(arguments) failed") }
    }

    func serverContext(_ kind: Kind = .good, protocols: [String] = []) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(folder.appendingPathComponent("\(kind.rawValue).pem").path)
        let key = try NIOSSLPrivateKey(file: folder.appendingPathComponent("server.key").path, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.applicationProtocols = protocols
        return try NIOSSLContext(configuration: configuration)
    }
}
