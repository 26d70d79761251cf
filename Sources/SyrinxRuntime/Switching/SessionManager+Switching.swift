// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
package import SyrinxConversation
package import SyrinxCore

extension SessionManager {
    /// A session of this tenant goes on in another pipeline, after the turn in progress, or in another language.
    /// - Throws: `session.not_found`, `pipeline.unavailable`, `language.invalid`, `profile.language_unsupported`;
    ///   nothing was changed then.
    package func change(
        _ id: String, tenant: String, pipeline: Pipeline?, language: String?
    ) async throws(SyrinxError) {
        let live = try live(id, of: tenant)
        let session = live.session
        let change: @Sendable () -> SyrinxError? = {
            guard let call = session.value.session else { return nil }
            do throws(SyrinxError) {
                try call.change(pipeline: pipeline, language: language)
                return nil
            } catch {
                return error
            }
        }
        guard let refusal = try? await live.loop.submit(change).get() else { return }
        throw refusal
    }
}
