// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SyrinxCore

/// The thread-safe face of a request or socket: what it is told is done on its loop, in order.
final class Exchange: NetworkExchange {
    let loop: any EventLoop
    private let outbox = Outbox()
    private let isReading = ReadingFlag()
    private let course: NIOLoopBoundBox<Course?>

    /// - Parameter loop: that of the connection it will use.
    init(loop: any EventLoop) {
        self.loop = loop
        course = .makeEmptyBox(valueType: Course.self, eventLoop: loop)
    }

    func start(
        _ request: NetworkRequest, isSocket: Bool, in environment: Environment, with found: Pool.Found?,
        deliver: @escaping @Sendable (NetworkEvent) -> Void
    ) {
        environment.add(self)
        loop.execute {
            let outlet = Outlet(isReading: self.isReading, deliver: deliver)
            outlet.onEnd = {
                environment.remove(self)
                self.course.value = nil
            }
            let course = Course(request, isSocket: isSocket, environment, self.loop, self.outbox, outlet)
            self.course.value = course
            course.start(found)
        }
    }

    func send(_ bytes: [UInt8], isLast: Bool) -> Bool { put(.body(bytes, isLast: isLast)) }

    func send(_ bytes: [UInt8], isText: Bool, isLast: Bool) -> Bool {
        put(.message(bytes, isText: isText, isLast: isLast))
    }

    func read(_ on: Bool) {
        isReading.value = on
        loop.execute { self.course.value?.readingChanged() }
    }

    func close(code: Int, reason: String) {
        guard code != 0 else { return abort() }
        _ = put(.close(code: code, reason: reason))
    }

    func abort() { loop.execute { self.course.value?.abort() } }

    private func put(_ item: Outbox.Item) -> Bool {
        switch outbox.put(item) {
        case .full: return false
        case .taken(let isFirst):
            if isFirst { loop.execute { self.course.value?.drain() } }
            return true
        }
    }
}
