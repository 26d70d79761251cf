// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
internal import SyrinxABI

/// Why a module that its author described wrongly offers nothing.
enum ModuleFlaw {
    private static let reason = Mutex("the module is described wrongly")

    static func report(_ flaw: String) {
        reason.withLock { $0 = flaw }
    }

    /// The module's `init`: answers the reason instead of trapping inside the host.
    static let refuse: @Sendable @convention(c) (UnsafePointer<syx_core>?, UnsafeMutablePointer<syx_err>?) -> Int32 = {
        _,
        error in
        PluginError.invalid(reason.withLock { $0 }).write(to: error)
    }
}
