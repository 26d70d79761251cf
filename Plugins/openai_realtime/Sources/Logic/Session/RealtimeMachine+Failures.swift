// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// Errors of the vendor: most of them leave the session open (Objects, error).
extension RealtimeMachine {
    mutating func vendorError(_ json: JSONValue?) {
        let code = json?["code"]?.string ?? ""
        let about = json?["event_id"]?.string ?? ""
        let error = VendorFailure.error(json, fallback: "the server reported an error")
        switch (code, about) {
        // A race that is lost now and then: it was over already.
        case ("response_cancel_not_active", _), (_, ClientMessage.EventID.cancel), (_, ClientMessage.EventID.truncate):
            host.log(.debug, "the vendor had nothing to cancel", fields: error.message.asField)
        case ("conversation_already_has_active_response", _) where creating != nil: createRefused(error)
        case ("session_expired", _): fail(error)
        case (_, ClientMessage.EventID.setup): rejectSetup(error)
        case _ where error.status == .unauthenticated || error.status == .notPermitted: fail(error)
        default:
            if let reply = reply(about) { return finishRefused(reply, error) }
            if case .configuring = phase, about.isEmpty { return rejectSetup(error) }
            host.log(.warning, "the vendor reported an error", fields: error.message.asField)
        }
    }

    /// A session that begins otherwise than configured is none; a change later on is only refused.
    private mutating func rejectSetup(_ error: PluginError) {
        guard case .configuring = phase else {
            return host.log(.warning, "the vendor refused a change of the session", fields: error.message.asField)
        }
        fail(error)
    }

    /// The answer whose create is under way may have been cancelled since: others wait for it all the same.
    private func reply(_ eventID: String) -> ResponseLedger.Reply? {
        let replies = [creating].compactMap(\.self) + answers.ledger.openReplies
        return replies.first { ClientMessage.EventID.create($0) == eventID }
    }

    private mutating func finishRefused(_ reply: ResponseLedger.Reply, _ error: PluginError) {
        if creating == reply { creating = nil }
        finish(reply, error)
        sendNextCreate()
    }

    /// Ends the session: every answer that is owed ends with the error, and so does the session.
    mutating func fail(_ error: PluginError) {
        guard !isOver else { return }
        phase = .over
        answers.fail(error)
        host.closeWebSocket(socket)
    }
}
