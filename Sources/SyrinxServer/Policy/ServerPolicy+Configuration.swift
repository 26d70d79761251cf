// SPDX-License-Identifier: Apache-2.0

internal import SyrinxAccess
package import SyrinxConfig
internal import SyrinxCore
internal import SyrinxRuntime
internal import SyrinxStore
internal import SyrinxTelemetry

extension ServerPolicy {
    /// What a configuration file asks for.
    /// - Throws: ``PolicyRefusal`` for keys, signed tokens and webhooks that are none.
    package init(_ configuration: Configuration) throws(PolicyRefusal) {
        self.init()
        let served = configuration.servedTenants.sorted { $0.key < $1.key }
        limits = SessionLimits(configuration)
        load = LoadGate.Limits(configuration.limits.load)
        drain = DrainPolicy(deadline: configuration.drain.deadline, goodbye: configuration.drain.goodbye)
        doors = configuration.doors.mapValues { Door($0, tenants: Array(configuration.tenants.keys)) }
        resumeWindow = configuration.limits.resumeWindow
        createsPerAddress = configuration.limits.createsPerSecond.flatMap {
            RateLimit(perSecond: $0, burst: Int(min(1000, ($0 * 2).rounded(.up))))
        }
        do {
            access = try AccessControl(AccessPolicy(configuration))
        } catch {
            throw PolicyRefusal(error.faults.map { PolicyRefusal.Issue($0, of: configuration) })
        }
        for (name, tenant) in served {
            tenants[name] = try TenantPolicy(tenant, name: name, configuration)
        }
        profiles = served.flatMap { name, tenant in
            configuration.profileNames(of: tenant).compactMap { Profile($0, of: (name, tenant), configuration) }
        }
    }
}

extension PolicyRefusal.Issue {
    /// A fault of a value, at its place in the file.
    fileprivate init(_ error: SyrinxError, of configuration: Configuration) {
        let issue = configuration.issue(at: error.place ?? "", error.message, fix: error.fix)
        self.init(issue.message, fix: issue.fix, place: "\(issue.file):\(issue.line):\(issue.column)")
    }
}

extension SessionLimits {
    fileprivate init(_ configuration: Configuration) {
        let limits = configuration.limits
        self.init(
            maxSessions: limits.maxSessions,
            tenants: configuration.tenants.mapValues {
                Tenant(sessions: $0.limits.sessions ?? 0, reserved: $0.limits.reserved)
            }, providers: limits.providers)
    }
}

extension LoadGate.Limits {
    fileprivate init(_ load: LoadLimits) {
        self.init(
            cpu: load.cpu ?? 0, loopLag: load.loopLag ?? .zero, memory: (load.memoryMB ?? 0) << 20,
            recover: load.recover)
    }
}

extension TenantPolicy {
    fileprivate init(_ tenant: TenantConfig, name: String, _ configuration: Configuration) throws(PolicyRefusal) {
        self.init(
            defaultProfile: configuration.profileNames(of: tenant).first ?? "default",
            creates: tenant.limits.createsPerSecond.flatMap {
                RateLimit(perSecond: $0, burst: tenant.limits.burst)
            }, minutes: tenant.limits.minutes.flatMap { MonthlyQuota(minutes: $0) })
        let kept = tenant.records
        records = RecordPolicy(
            transcripts: kept.transcripts, recordings: kept.recordings, keep: kept.keep,
            keepTranscripts: kept.keepTranscripts, keepRecordings: kept.keepRecordings)
        if kept.redact.contains(.numbers) { redaction.insert(.numbers) }
        if kept.redact.contains(.emails) { redaction.insert(.emails) }
        keepsEventLog = kept.eventLog
        for (hook, webhook) in tenant.webhooks.sorted(by: { $0.key < $1.key }) {
            do {
                webhooks.append(
                    try WebhookEndpoint(
                        name: hook, tenant: name, url: webhook.url, secret: webhook.secret,
                        events: webhook.events.map(\.rawValue)))
            } catch {
                var error = error
                error.place = "tenants.\(name).webhooks.\(hook)"
                throw PolicyRefusal([PolicyRefusal.Issue(error, of: configuration)])
            }
        }
    }
}

extension AccessPolicy {
    fileprivate init(_ configuration: Configuration) {
        self.init(
            tenants: configuration.servedTenants.sorted { $0.key < $1.key }.map { name, tenant in
                Tenant(
                    id: name, keys: Self.keys(tenant.keys),
                    signedTokens: tenant.jwt.sorted { $0.key < $1.key }.map { SignedTokens(name: $0, $1) },
                    hosts: tenant.route.hosts, numbers: tenant.route.numbers, paths: tenant.route.paths)
            }, operators: Self.keys(configuration.access.operators))
    }

    private static func keys(_ keys: [String: KeyConfig]) -> [Key] {
        keys.sorted { $0.key < $1.key }.map { name, key in
            Key(
                name: name, hash: key.hash, scopes: key.scopes.map(\.rawValue),
                expires: key.expires.map { UnixTime(milliseconds: $0) })
        }
    }
}

extension AccessPolicy.SignedTokens {
    fileprivate init(name: String, _ config: JWTConfig) {
        self.init(
            name: name, algorithm: config.algorithm.rawValue, key: config.key, issuer: config.issuer,
            audience: config.audience, maxLifetime: config.maxLifetime)
    }
}
