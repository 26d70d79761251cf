// SPDX-License-Identifier: Apache-2.0

extension ConfigSection {
    static let network = ConfigSection(
        anchor: "network",
        fields: [
            ConfigField(
                "allow",
                .list(.network),
                default: "[]",
                example: "[loopback, 10.1.0.0/16]",
                "addresses that plugins may reach although they are not public"
            ),
            ConfigField(
                "trusted_roots",
                .text(.path),
                example: "/etc/ssl/company.pem",
                "certificates (PEM) that the servers of providers are checked against, instead of the system's"
            ),
        ]
    )
}
