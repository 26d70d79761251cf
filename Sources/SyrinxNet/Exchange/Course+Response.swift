// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import SyrinxCore

/// What comes back over HTTP: the response to a request, or to the upgrade.
extension Course: HTTPReceiver {
    /// Of a refused upgrade's body so much is passed on.
    private static let refusalBody = 4096

    func received(_ head: HTTPResponseHead) {
        if let upgrade { return received(head, upgrade) }
        guard head.status != .switchingProtocols else {
            return fail(NetworkFailure(.protocolBroken, "\(host) changed the protocol, which was not asked for"))
        }
        outlet.push(.head(status: Int(head.status.code), headers: Self.plain(head.headers)))
    }

    func received(_ body: ByteBuffer) {
        guard upgrade != nil else { return outlet.push(data: body) }
        guard refusal != nil else { return }
        let room = Self.refusalBody - (refusal?.body.count ?? 0)
        refusal?.body += Array(body.readableBytesView.prefix(room))
        if let refusal, refusal.body.count >= Self.refusalBody { finish(refusal) }
    }

    func receivedEnd() {
        if let refusal { return finish(refusal) }
        if upgrade != nil { becomeSocket() } else { finish(NetworkEnd()) }
    }

    /// No byte for too long ends it; a socket without such a limit is asked whether it lives instead.
    func watchSilence() {
        watchdog?.stop()
        isPinging = false
        if let limit = request.silenceTimeout {
            watchdog = Watchdog(loop, limit: limit) { [weak self] in
                guard let self else { return }
                fail(NetworkFailure(.timeout, "\(host) was silent for \(limit)"))
            }
        } else if case .socket(let handler) = phase {
            watchdog = Watchdog(loop, limit: environment.settings.pingInterval) { [weak self, weak handler] in
                handler?.ping()
                self?.watchPong()
            }
        }
        watchdog?.setPaused(!outlet.isReading.value)
    }

    private func watchPong() {
        watchdog?.stop()
        isPinging = true
        watchdog = Watchdog(loop, limit: environment.settings.pongDeadline) { [weak self] in
            guard let self else { return }
            fail(NetworkFailure(.timeout, "\(host) did not answer a ping"))
        }
        watchdog?.setPaused(!outlet.isReading.value)
    }

    private static func plain(_ headers: HTTPHeaders) -> [(name: String, value: String)] {
        headers.map { (name: $0.name.lowercased(), value: $0.value) }
    }
}

/// The upgrade to a WebSocket, and what comes over it.
extension Course: SocketReceiver {
    private func received(_ head: HTTPResponseHead, _ upgrade: Upgrade) {
        let headers = Self.plain(head.headers)
        guard head.status == .switchingProtocols else {
            let status = Int(head.status.code)
            var end = NetworkEnd(
                failure: NetworkFailure(.upgradeRefused, "\(host) refused the WebSocket with status \(status)"))
            end.status = status
            end.headers = headers
            refusal = end
            return
        }
        do {
            subprotocol = try upgrade.check(head)
            upgradeHeaders = headers
            if case .http(let handler) = phase { handler.leaveAtEnd() }
        } catch {
            fail(NetworkFailure(.protocolBroken, "the answer of \(host) to the upgrade \(error.text)"))
        }
    }

    private func becomeSocket() {
        guard let connection = takeConnection(), let headers = upgradeHeaders else {
            return fail(NetworkFailure(.connection, "\(host) closed the connection"))
        }
        let handler = SocketHandler(host: host, settings: environment.settings, receiver: self)
        phase = .socket(handler)
        let isReady = connection.handOver(to: handler) { [weak self] in self?.heard() }
        isReady.assumeIsolated().whenComplete { [weak self] result in
            guard let self, case .socket(let handler) = self.phase else { return }
            if case .failure(let error) = result { return self.fail(NetworkFailure(error, host: self.host)) }
            self.endDeadline()
            self.outlet.push(.opened(subprotocol: self.subprotocol, headers: headers))
            handler.setReading(self.outlet.isReading.value)
            self.watchSilence()
            handler.start()
            self.drain()
        }
    }

    func received(_ bytes: [UInt8], isText: Bool, isLast: Bool) {
        outlet.push(.message(bytes, isText: isText, isLast: isLast))
    }

    func ended(_ failure: NetworkFailure?, code: Int?, reason: String) {
        var end = NetworkEnd(failure: failure)
        end.closeCode = code
        end.reason = reason
        finish(end)
    }
}
