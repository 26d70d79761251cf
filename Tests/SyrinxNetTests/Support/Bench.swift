// SPDX-License-Identifier: Apache-2.0

import NIOPosix
import SyrinxCore
import Testing

@testable import SyrinxNet

/// A client for tests, and requests to servers on the loopback.
final class Bench: Sendable {
    let client: NetClient

    init(_ change: (inout NetSettings) -> Void = { _ in }) throws {
        // Generous, for machines that are busy: what a test needs short it says.
        var settings = NetSettings()
        settings.closeTimeout = .seconds(30)
        change(&settings)
        client = try NetClient(
            group: MultiThreadedEventLoopGroup.singleton, trustedRoots: try Certificates.shared.get().roots,
            settings: settings)
    }

    deinit { client.shutdown() }

    /// Allows the loopback, and every path of this origin.
    static func request(_ text: String, allow addresses: [String] = ["127.0.0.0/8", "::1"]) throws -> NetworkRequest {
        let url = try #require(NetworkURL(text))
        let origin = try #require(EgressPattern(url.origin))
        let rules = EgressRules(
            origins: [origin], addresses: AddressRules(allowed: addresses.compactMap(AddressRange.init)))
        var request = NetworkRequest(url: url, rules: rules)
        request.connectTimeout = .seconds(30)
        return request
    }

    func start(_ request: NetworkRequest) -> (any NetworkExchange, Recorder) {
        let recorder = Recorder(keeping: self)
        return (client.start(request) { recorder.deliver($0) }, recorder)
    }

    func open(_ request: NetworkRequest) -> (any NetworkExchange, Recorder) {
        let recorder = Recorder(keeping: self)
        return (client.open(request) { recorder.deliver($0) }, recorder)
    }
}
