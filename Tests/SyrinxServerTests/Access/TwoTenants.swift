// SPDX-License-Identifier: Apache-2.0

import SyrinxAccess
import SyrinxRuntime
import SyrinxServer

/// A server of two tenants: `acme` with a key of each scope, `beta` with one that may do all.
enum TwoTenants {
    static let talk = APIKey.generate()
    static let read = APIKey.generate()
    static let admin = APIKey.generate()
    static let expired = APIKey.generate()
    static let beta = APIKey.generate()
    static let `operator` = APIKey.generate()

    static func configure(_ options: inout ServerOptions) throws {
        options.policy.access = try AccessControl(
            AccessPolicy(
                tenants: [
                    AccessPolicy.Tenant(
                        id: "acme",
                        keys: [
                            key("talk", talk, ["talk"]), key("read", read, ["read"]), key("admin", admin, ["admin"]),
                            key("old", expired, ["talk", "read", "admin"], expires: UnixTime(seconds: 1)),
                        ], hosts: ["voice.acme.example"], paths: ["acme"]),
                    AccessPolicy.Tenant(
                        id: "beta", keys: [key("all", beta, ["talk", "read", "admin"])], paths: ["beta"]),
                ], operators: [key("ops", `operator`, [])]))
        options.policy.profiles = ["acme", "beta"].flatMap { tenant in
            var echo = BuiltInProfiles.echo
            var mock = BuiltInProfiles.mock
            echo.tenant = tenant
            mock.tenant = tenant
            return [echo, mock]
        }
        options.policy.tenants = [
            "acme": TenantPolicy(defaultProfile: "mock"), "beta": TenantPolicy(defaultProfile: "echo"),
        ]
        options.adminAddress = AdminAddress(host: "127.0.0.1", port: 0)
    }

    static func bearer(_ key: APIKey) -> [String] { ["Authorization: Bearer \(key.text)"] }

    private static func key(
        _ name: String, _ key: APIKey, _ scopes: [String], expires: UnixTime? = nil
    ) -> AccessPolicy.Key {
        AccessPolicy.Key(name: name, hash: key.hash.description, scopes: scopes, expires: expires)
    }
}

extension ServerTrait {
    static func twoTenants(_ change: @escaping @Sendable (inout ServerOptions) -> Void = { _ in }) -> ServerTrait {
        ServerTrait { options in
            try TwoTenants.configure(&options)
            change(&options)
        }
    }
}
