// SPDX-License-Identifier: Apache-2.0

extension Configuration {
    /// What must not be seen in a log: secrets of signed tokens and webhooks, headers of traces, secrets of tenants.
    package var secretValues: [String] {
        let ofTenants = tenants.values.flatMap { tenant in
            tenant.jwt.values.filter { $0.algorithm == .hs256 }.map(\.key) + tenant.webhooks.values.map(\.secret)
                + tenant.secrets.values
        }
        return (ofTenants + telemetry.traces.headers.values).filter { !$0.isEmpty }
    }
}
