// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import SyrinxCore
import SyrinxRuntime
import Testing

/// The one timer of an event loop, on a real loop: what is due is called, in its order, and nothing else.
@Suite("The timer of an event loop", .tags(.integration))
struct LoopTickerTests {
    /// Tells the test of each tick, and may do something itself.
    private final class Member: Ticking {
        let name: String
        private let ticked: (String) -> Void
        var onTick: () -> Void = {}

        init(_ name: String, _ ticked: @escaping (String) -> Void) {
            self.name = name
            self.ticked = ticked
        }

        func tick(at now: Instant) {
            ticked(name)
            onTick()
        }
    }

    private static func now() -> Instant { Instant(nanoseconds: Int64(NIODeadline.now().uptimeNanoseconds)) }

    /// Runs a scene on a loop until a member named `end` is called.
    /// - Returns: the names of those called, in order.
    private func play(
        _ scene: @escaping @Sendable (LoopTicker, (String) -> Member) -> [Member]
    ) async throws -> [String] {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        return try await loop.flatSubmit {
            let promise = loop.makePromise(of: [String].self)
            let ticker = LoopTicker(loop: loop, now: Self.now)
            var called: [String] = []
            var cast: [Member] = []
            cast = scene(ticker) { name in
                let member = Member(name) { name in
                    called.append(name)
                    guard name == "end" else { return }
                    promise.succeed(called)
                    for member in cast { ticker.remove(member) }
                }
                ticker.add(member)
                return member
            }
            return promise.futureResult
        }.get()
    }

    @Test func `members are called at their deadlines, each once`() async throws {
        let called = try await play { ticker, join in
            // A loop that is late calls all that are due at once, in the order in which they joined.
            let members = ["never", "first", "second", "end"].map(join)
            let now = Self.now()
            for (member, delay) in zip(members, [3_600_000, 20, 300, 600]) {
                ticker.update(member, deadline: now + .milliseconds(delay))
            }
            return members
        }
        #expect(called == ["first", "second", "end"])
    }

    @Test func `a deadline that is moved counts as moved`() async throws {
        let called = try await play { ticker, join in
            let members = ["early", "put off", "end"].map(join)
            let now = Self.now()
            ticker.update(members[1], deadline: now + .milliseconds(5))
            ticker.update(members[1], deadline: .distantFuture)
            ticker.update(members[0], deadline: .distantFuture)
            ticker.update(members[0], deadline: now + .milliseconds(10))
            ticker.update(members[2], deadline: now + .milliseconds(40))
            return members
        }
        #expect(called == ["early", "end"])
    }

    @Test func `members may leave and join while they are called`() async throws {
        let called = try await play { ticker, join in
            let members = ["leaves", "sends away", "sent away", "goes on"].map(join)
            let end = join("end")
            let due = Self.now()
            members[0].onTick = { [weak member = members[0]] in member.map(ticker.remove) }
            members[1].onTick = { ticker.remove(members[2]) }
            members[3].onTick = {
                // The first to leave moved another into its slot; that one must not be forgotten.
                ticker.update(end, deadline: Self.now() + .milliseconds(5))
            }
            ticker.update(members[2], deadline: due + .milliseconds(20))
            for index in [0, 1, 3] { ticker.update(members[index], deadline: due) }
            return members + [end]
        }
        #expect(Set(called) == ["leaves", "sends away", "goes on", "end"])
        #expect(called.count == 4)
    }
}
