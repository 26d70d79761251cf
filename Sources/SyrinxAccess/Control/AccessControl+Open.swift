// SPDX-License-Identifier: Apache-2.0

extension AccessControl {
    /// Of a server without tenants of its own: everybody on this machine may do everything.
    package init() {
        isOpen = [AccessPolicy.defaultTenant: true]
        keys = [:]
        operators = [:]
        verifier = JWTVerifier()
        routes = RouteTable()
    }
}
