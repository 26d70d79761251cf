// SPDX-License-Identifier: Apache-2.0

internal import SyrinxCore

extension Configuration {
    /// What must not be seen in a log: secrets of signed tokens and webhooks, headers of traces, secrets of tenants, and
    /// what stands under a key for secrets in the configuration of a provider.
    package var secretValues: [String] {
        let ofTenants = tenants.values.flatMap { tenant in
            tenant.jwt.values.filter { $0.algorithm == .hs256 }.map(\.key) + tenant.webhooks.values.map(\.secret)
                + tenant.secrets.values
        }
        return (ofTenants + telemetry.traces.headers.values + secretsOfStages).filter { !$0.isEmpty }
    }

    private var secretsOfStages: [String] {
        let overlays = profiles.values.map(\.stages) + tenants.values.map(\.providers.stages)
        let stages = (overlays + doors.values.map(\.stages)).flatMap { $0.map(\.stage) }
        return stages.flatMap { [$0] + $0.fallback }.flatMap { [$0.config, $0.options] }
            .flatMap { Self.secrets(in: $0) }
    }

    /// - Parameter isSecret: whether it stands under such a key.
    private static func secrets(in value: JSONValue, isSecret: Bool = false) -> [String] {
        switch value {
        case .string(let text): isSecret ? [text] : []
        case .array(let elements): elements.flatMap { secrets(in: $0, isSecret: isSecret) }
        case .object(let members):
            members.flatMap { secrets(in: $1, isSecret: isSecret || SecretWords.isSecret($0)) }
        default: []
        }
    }
}
