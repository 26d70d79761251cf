// SPDX-License-Identifier: Apache-2.0

extension TenantConfig {
    init(_ checked: CheckedSection) {
        profiles = checked.texts("profiles")
        providers = ProfileConfig(checked.section("providers"))
        providers.speech.pronunciation = checked.texts(ofNames: "pronunciation")
        providers.voices = checked.options(ofNames: "voices")
        keys = checked.named("keys").mapValues { KeyConfig($0) }
        jwt = checked.named("jwt").compactMapValues { JWTConfig($0) }
        route = RouteConfig(checked.section("route"))
        limits = TenantLimits(checked.section("limits"))
        records = RecordsConfig(checked.section("records"))
        secrets = checked.texts(ofNames: "secrets")
        webhooks = checked.named("webhooks").compactMapValues { WebhookConfig($0) }
    }
}

extension KeyConfig {
    /// A key without a hash was refused; nobody has the empty one.
    init(_ checked: CheckedSection) {
        self.init(hash: checked.text("hash") ?? "", expires: checked.text("expires").flatMap(TimeText.milliseconds))
        scopes = checked.texts("scopes")?.compactMap(Scope.init(rawValue:)) ?? scopes
    }
}

extension JWTConfig {
    fileprivate init?(_ checked: CheckedSection) {
        guard let algorithm: Algorithm = checked.word("algorithm"), let key = checked.text("key"),
            let issuer = checked.text("issuer"), let audience = checked.text("audience")
        else { return nil }
        self.init(algorithm: algorithm, key: key, issuer: issuer, audience: audience)
        maxLifetime = checked.duration("max_lifetime") ?? maxLifetime
    }
}

extension RouteConfig {
    fileprivate init(_ checked: CheckedSection) {
        hosts = checked.texts("hosts") ?? hosts
        numbers = checked.texts("numbers") ?? numbers
        paths = checked.texts("paths") ?? paths
    }
}

extension TenantLimits {
    fileprivate init(_ checked: CheckedSection) {
        sessions = checked.integer("sessions").flatMap { $0 > 0 ? $0 : nil }
        reserved = checked.integer("reserved") ?? reserved
        createsPerSecond = checked.number("creates_per_second").flatMap { $0 > 0 ? $0 : nil }
        burst = checked.integer("burst") ?? burst
        minutes = checked.integer("minutes").flatMap { $0 > 0 ? $0 : nil }
    }
}

extension RecordsConfig {
    fileprivate init(_ checked: CheckedSection) {
        transcripts = checked.flag("transcripts") ?? transcripts
        recordings = checked.flag("recordings") ?? recordings
        keep = checked.limit("keep", or: keep)
        keepTranscripts = checked.limit("keep_transcripts", or: keepTranscripts)
        keepRecordings = checked.limit("keep_recordings", or: keepRecordings)
        redact = checked.texts("redact").map { Set($0.compactMap(Redaction.init(rawValue:))) } ?? redact
        eventLog = checked.flag("event_log") ?? eventLog
    }
}

extension WebhookConfig {
    fileprivate init?(_ checked: CheckedSection) {
        guard let url = checked.text("url"), let secret = checked.text("secret") else { return nil }
        self.init(url: url, secret: secret)
        events = checked.texts("events")?.compactMap(Event.init(rawValue:)) ?? events
    }
}
