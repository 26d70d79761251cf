// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

extension EventLoopGroup {
    /// One of its loops, by chance, for a call that does not come on a socket of its own.
    ///
    /// `next()` takes turns, but with everybody who asks: where there are two loops, a call whose request has come by a new
    /// connection would find the same one each time.
    var chosen: any EventLoop { Array(makeIterator()).randomElement() ?? next() }
}
