// SPDX-License-Identifier: Apache-2.0

extension Configuration {
    /// The tenant of a file that names none.
    package static let implicitTenant = "default"

    /// The tenants; where the file names none, one that is open and may use everything.
    package var servedTenants: [String: TenantConfig] {
        guard tenants.isEmpty else { return tenants }
        var tenant = TenantConfig()
        // Without tenants the folder of event logs speaks for itself.
        tenant.records.eventLog = storage.eventLog != nil
        return [Self.implicitTenant: tenant]
    }

    /// All profiles, built in or in the file.
    package var profileNames: [String] { Set(Self.builtInProfiles).union(profiles.keys).sorted() }

    /// The profiles that a tenant may use; the first is meant where the caller names none.
    package func profileNames(of tenant: TenantConfig) -> [String] {
        tenant.profiles ?? ["default"] + profileNames.filter { $0 != "default" }
    }

    /// ``overlay(for:)`` with the tenant's own stages laid over. Nil for a profile that there is not, or not for it.
    package func overlay(for name: String, tenant: TenantConfig) -> (builtIn: String, profile: ProfileConfig)? {
        guard tenant.profiles?.contains(name) ?? true, let overlay = overlay(for: name) else { return nil }
        var own = tenant.providers
        if !takesVoices(name, of: tenant) { own.voices = [:] }
        return (overlay.builtIn, own.over(overlay.profile))
    }

    /// Built-in profiles that nobody has named have other providers, whom a tenant's voices would not fit.
    private func takesVoices(_ profile: String, of tenant: TenantConfig) -> Bool {
        tenant.profiles != nil || profiles[profile] != nil || (profiles.isEmpty && profile == "default")
    }
}
