// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import SyrinxCore
package import SyrinxHost

/// Profiles follow the plugins: prepared again when the routes change, and swapped all at once.
extension ProfileStore: RouteUser {
    package var uses: [StageUse] {
        let given = given.withLock { $0 }
        return given.sorted { $0.key < $1.key }.map(\.value).flatMap { profile in
            Hints.applied(to: profile, registry: host.registry).stages.map { plan in
                StageUse(
                    profile: profile.name, kind: plan.kind, reference: plan.provider, configuration: plan.config,
                    options: plan.options, hidden: plan.hidden)
            }
        }
    }

    package func followRoutes(keepWorking: Bool) -> [SyrinxError] {
        let given = given.withLock { $0 }
        let next = given.mapValues { profile in
            Result { () throws(SyrinxError) in try PreparedProfile.prepare(profile, host: host) }
        }
        return prepared.withLock { prepared in
            var problems: [SyrinxError] = []
            for (key, result) in next.sorted(by: { $0.key < $1.key })
            where self.given.withLock({ $0[key] == given[key] }) {
                guard case .failure(let error) = result, case .success = prepared[key] else {
                    prepared[key] = result
                    continue
                }
                problems.append(error)
                if !keepWorking { prepared[key] = result }
            }
            return problems
        }
    }
}
