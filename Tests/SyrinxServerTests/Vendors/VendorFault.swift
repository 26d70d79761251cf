// SPDX-License-Identifier: Apache-2.0

import SyrinxHost

/// One thing that goes wrong at a vendor, and what has to come of it.
struct VendorFault: Sendable {
    enum Place: Sendable {
        /// At the simulator, as `syrinx simulate --fault` takes it.
        case plan(String)
        /// Nobody listens there.
        case refused
        /// The certificate ran out yesterday.
        case expiredCertificate
    }

    let name: String
    let place: Place
    /// Classes of the failure, `provider.` left out: one of them is what the host is told.
    var classes: Set<String>
    /// Asked again, the vendor may cost the host its patience: that the class was told before is in the log.
    var mayTakeLong = false
    /// The turn is answered all the same.
    var isHarmless = false
    /// The vendor wants to be left alone for a while, by `Retry-After`.
    var asksForPause = false

    init(_ plan: String, _ classes: String..., mayTakeLong: Bool = false) {
        self.init(plan, .plan(plan), classes, mayTakeLong)
    }

    init(_ name: String, _ place: Place, _ classes: [String], _ mayTakeLong: Bool) {
        (self.name, self.place, self.mayTakeLong) = (name, place, mayTakeLong)
        self.classes = Set(classes)
    }
}

extension VendorFault {
    /// What each of the vendors may do.
    private static let common: [VendorFault] = [
        VendorFault("status=400", "invalid_request"), VendorFault("status=401", "authentication"),
        VendorFault("status=403", "authorization"), VendorFault("status=404", "not_found"),
        VendorFault("status=408", "timeout", mayTakeLong: true),
        VendorFault("status=409", "connectivity", mayTakeLong: true), VendorFault("status=413", "invalid_request"),
        VendorFault("status=429", "quota", mayTakeLong: true), busy,
        VendorFault("status=500", "connectivity", mayTakeLong: true),
        VendorFault("status=503", "connectivity", mayTakeLong: true),
        VendorFault("status=504", "timeout", mayTakeLong: true),
        VendorFault("refused connection", .refused, ["connectivity"], true),
        VendorFault("expired certificate", .expiredCertificate, ["connectivity"], false),
        VendorFault("reset", "connectivity", mayTakeLong: true), VendorFault("cut", "connectivity", mayTakeLong: true),
        // Nothing comes, or a byte a second: the host's patience, or the provider's own, is at its end.
        VendorFault("silence", mayTakeLong: true), VendorFault("drip=1000", mayTakeLong: true),
        // Half of a message, half a line of a stream.
        VendorFault("truncate", "connectivity", "plugin_fault", mayTakeLong: true),
    ]

    private static var busy: VendorFault {
        var fault = VendorFault("status=429,retry_after=7", "quota", mayTakeLong: true)
        fault.asksForPause = true
        return fault
    }

    /// The connection breaks off in the middle of the caller's words, and no other comes to be: refused, or never
    /// answered. The turn says that, and not only that nothing came.
    private static let lost = ["status=503", "latency=30000"].map {
        VendorFault("after=partial:1,cut,times=1;at=connect,\($0),skip=1", "connectivity")
    }

    private static let malformations = [
        "half_json", "invalid_utf8", "wrong_types", "huge_numbers", "not_json", "empty", "deep", "oversized",
    ]

    static func all(of vendor: Vendor) -> [VendorFault] {
        var works = VendorFault("")
        works.isHarmless = true
        let lost = vendor == .deepgram ? lost : []
        return [works] + common + lost + malformations.compactMap { malformed($0, at: vendor) }
    }

    /// Nil where there is nothing to spoil.
    private static func malformed(_ kind: String, at vendor: Vendor) -> VendorFault? {
        var fault = VendorFault("malformed=\(kind)", "plugin_fault", mayTakeLong: true)
        switch (vendor, kind) {
        // Raw samples: any bytes are sound.
        case (.elevenlabsHTTP, _), (.openaiTTS, _): return nil
        // What cannot be read is passed over, and the audio does not come.
        case (.elevenlabs, _) where !["huge_numbers", "invalid_utf8"].contains(kind): fault.classes = []
        // Times of words that make no sense are those of no audio.
        case (.deepgram, "huge_numbers"): break
        // A simulator that is built without optimisation takes seconds for the checksums of so much.
        case (.amazonNova, "oversized"): return nil
        // The stream ends before its end was said; or all of it is blank, which says nothing.
        case (.openaiChat, "empty"): fault.classes = ["connectivity"]
        case (.webhook, "empty"): fault.isHarmless = true
        // The one message that opens the session cannot be told from a new one that nobody knows yet.
        case (.geminiLive, "wrong_types"): fault.classes = []
        // Counters and times, of which nothing depends.
        case (_, "huge_numbers"): fault.isHarmless = true
        default: break
        }
        return fault
    }
}
