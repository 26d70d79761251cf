// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import NIOCore
internal import Synchronization
internal import SyrinxCore

/// Where the events of an exchange come out: in order, held back while the owner does not read, and nothing after the
/// end. On the exchange's loop, but for ``isReading``.
final class Outlet {
    /// Any thread.
    let isReading: ReadingFlag
    private let deliver: @Sendable (NetworkEvent) -> Void
    /// Bounded by the socket's receive buffer: nothing more is read meanwhile.
    private var held = Deque<NetworkEvent>()
    private var hasEnded = false
    /// Called when the end has been delivered.
    var onEnd: (() -> Void)?

    init(isReading: ReadingFlag, deliver: @escaping @Sendable (NetworkEvent) -> Void) {
        self.isReading = isReading
        self.deliver = deliver
    }

    /// Data waits while nobody reads, and what comes behind it.
    func push(_ event: NetworkEvent) {
        guard !hasEnded else { return }
        if held.isEmpty, isReading.value || !event.isData { give(event) } else { held.append(event) }
    }

    /// Is told at once, whatever is held.
    func tellWritable() {
        if !hasEnded { deliver(.writable) }
    }

    /// The owner reads again.
    func resume() {
        while isReading.value, let event = held.popFirst() { give(event) }
        // What is left of it may be no data, which nothing holds up.
        while let event = held.first, !event.isData {
            held.removeFirst()
            give(event)
        }
    }

    /// Ends it at once: what is held is dropped.
    func cut(_ end: NetworkEnd) {
        held = []
        give(.finished(end))
    }

    private func give(_ event: NetworkEvent) {
        guard !hasEnded else { return }
        guard case .finished = event else { return deliver(event) }
        hasEnded = true
        held = []
        deliver(event)
        onEnd?()
        onEnd = nil
    }
}

/// Whether the owner of an exchange reads. Any thread.
final class ReadingFlag: Sendable {
    private let flag = Atomic(true)

    var value: Bool {
        get { flag.load(ordering: .acquiring) }
        set { flag.store(newValue, ordering: .releasing) }
    }
}

extension NetworkEvent {
    fileprivate var isData: Bool {
        switch self {
        case .data, .message: true
        case .head, .opened, .writable, .finished: false
        }
    }
}

extension Outlet {
    /// Bytes in pieces of at most ``NetworkLimits/piece``.
    func push(data bytes: ByteBuffer) {
        var rest = bytes
        while rest.readableBytes > 0, let piece = rest.readBytes(length: min(rest.readableBytes, NetworkLimits.piece)) {
            push(.data(piece))
        }
    }
}
