// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import SyrinxABI
internal import SyrinxCore

extension StageSession {
    /// Gives the plugin what came over the network; on the executor.
    func give(_ notice: NetworkNotice) -> Int32 {
        notice.withEvent(now: provider.environment.now().nanoseconds) { call($0) }
    }

    /// Whether the plugin is in a helper, whose queue may be full.
    var isRemote: Bool { provider.descriptor.origin.mode == .isolated }

    /// Whether the host has called a generation off.
    package func isCancelled(_ generation: UInt64) -> Bool {
        generation != 0 && inbox.withLock { $0.isCancelled(generation) }
    }

    /// `hmac_sha256`, `hmac_sha1`: the answer comes as an event, so that it is the same for a plugin in a helper.
    func sign(
        _ key: String, _ bytes: UnsafeRawBufferPointer, cookie: UInt64, _ algorithm: MessageDigest.Algorithm
    ) -> syx_status {
        guard let secrets = provider.network?.secrets, let text = secrets.filled(key) else {
            return syx_status(SYX_ENOTFOUND)
        }
        let isSecret = secrets.isReference(key)
        guard let key = isSecret ? SigningSecret.key(text) : Array(text.utf8) else { return syx_status(SYX_EINVAL) }
        return answer(cookie, with: MessageDigest.hmac(key: key, bytes, algorithm))
    }

    /// `sha256`.
    func digest(_ text: String, cookie: UInt64) -> syx_status {
        guard let text = provider.network?.secrets.filled(text) else { return syx_status(SYX_ENOTFOUND) }
        return answer(cookie, with: MessageDigest.sha256(text))
    }

    private func answer(_ cookie: UInt64, with bytes: [UInt8]) -> syx_status {
        var notice = NetworkNotice(SYX_EV_DIGEST, id: cookie, generation: 0)
        notice.bytes = bytes
        executor.execute { [self, notice] in insist { [self] in give(notice) } }
        return syx_status(SYX_OK)
    }

    /// Gives the plugin what comes only once; on the executor. One in a helper whose queue is full is asked again.
    func insist(_ give: @escaping @Sendable () -> Int32) {
        guard give() == Int32(SYX_EAGAIN), isRemote else { return }
        if !owed.add(give) { provider.countFault() }
    }
}
