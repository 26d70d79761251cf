// SPDX-License-Identifier: Apache-2.0

import SyrinxCore

/// What an exchange delivered.
final class Recorder: Sendable {
    struct Log: Sendable {
        var events: [NetworkEvent] = []
        var ends: [NetworkEnd] = []
        var afterEnd = 0
        var head: (status: Int, headers: [(name: String, value: String)])?
        var opened: (subprotocol: String, headers: [(name: String, value: String)])?
        var body: [UInt8] = []
        var messages: [Message] = []
        var writable = 0
        var longest = 0
        fileprivate var part: [UInt8] = []
    }

    struct Message: Sendable, Equatable {
        let bytes: [UInt8]
        let isText: Bool
    }

    let log = Watched(Log())
    /// The client must outlive its exchange.
    private let bench: Bench?

    init(keeping bench: Bench? = nil) { self.bench = bench }

    func deliver(_ event: NetworkEvent) {
        log.update { log in
            if !log.ends.isEmpty { log.afterEnd += 1 }
            log.events.append(event)
            switch event {
            case .head(let status, let headers): log.head = (status, headers)
            case .data(let bytes):
                log.body += bytes
                log.longest = max(log.longest, bytes.count)
            case .opened(let subprotocol, let headers): log.opened = (subprotocol, headers)
            case .message(let bytes, let isText, let isLast):
                log.longest = max(log.longest, bytes.count)
                log.part += bytes
                guard isLast else { return }
                log.messages.append(Message(bytes: log.part, isText: isText))
                log.part = []
            case .writable: log.writable += 1
            case .finished(let end): log.ends.append(end)
            }
        }
    }

    func end() async throws -> NetworkEnd { try await log.until("end of the exchange") { $0.ends.first } }

    func status() async throws -> Int { try await find("head of the response") { $0.head?.status } }

    func opened() async throws -> String { try await find("open socket") { $0.opened?.subprotocol } }

    func body(_ count: Int) async throws -> [UInt8] {
        try await find("\(count) bytes of the body") { $0.body.count >= count ? $0.body : nil }
    }

    func message(_ number: Int = 1) async throws -> Message {
        try await find("message \(number)") { $0.messages.count >= number ? $0.messages[number - 1] : nil }
    }

    /// Waits no longer than the exchange lives.
    private func find<T: Sendable>(_ what: String, _ look: @escaping @Sendable (Log) -> T?) async throws -> T {
        let found = try await log.until(what) { log -> Result<T, TimedOut>? in
            if let found = look(log) { return .success(found) }
            guard let end = log.ends.first else { return nil }
            return .failure(TimedOut(description: "no \(what): \(end.failure?.message ?? "ended well")"))
        }
        return try found.get()
    }

    var text: String { String(decoding: log.value.body, as: UTF8.self) }
}
