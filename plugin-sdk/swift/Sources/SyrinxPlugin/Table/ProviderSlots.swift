// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
internal import SyrinxABI

/// The C functions that open providers, one a slot.
///
/// `open` gets nothing that tells which descriptor it was called through, and a C function pointer captures nothing, so
/// each described provider needs a function of its own. The rest of the table knows its object and is shared.
enum ProviderSlots {
    typealias Opener =
        @Sendable @convention(c) (
            UnsafePointer<syx_core>?, syx_hprovider, UnsafePointer<syx_provider_params>?,
            UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<syx_err>?
        ) -> Int32

    private static let factories = Mutex<[ProviderFactory]>([])

    static func hasRoom(for count: Int) -> Bool {
        factories.withLock { $0.count + count <= openers.count }
    }

    /// Takes the next slot; nil when all are taken, which `hasRoom` has ruled out.
    static func claim(_ factory: ProviderFactory) -> Opener? {
        factories.withLock { factories in
            guard factories.count < openers.count else { return nil }
            factories.append(factory)
            return openers[factories.count - 1]
        }
    }

    static func factory(_ slot: Int) -> ProviderFactory? {
        factories.withLock { $0.indices.contains(slot) ? $0[slot] : nil }
    }

    static let openers: [Opener] = [
        { openProvider(0, $0, $1, $2, $3, $4) }, { openProvider(1, $0, $1, $2, $3, $4) },
        { openProvider(2, $0, $1, $2, $3, $4) }, { openProvider(3, $0, $1, $2, $3, $4) },
        { openProvider(4, $0, $1, $2, $3, $4) }, { openProvider(5, $0, $1, $2, $3, $4) },
        { openProvider(6, $0, $1, $2, $3, $4) }, { openProvider(7, $0, $1, $2, $3, $4) },
        { openProvider(8, $0, $1, $2, $3, $4) }, { openProvider(9, $0, $1, $2, $3, $4) },
        { openProvider(10, $0, $1, $2, $3, $4) }, { openProvider(11, $0, $1, $2, $3, $4) },
        { openProvider(12, $0, $1, $2, $3, $4) }, { openProvider(13, $0, $1, $2, $3, $4) },
        { openProvider(14, $0, $1, $2, $3, $4) }, { openProvider(15, $0, $1, $2, $3, $4) },
        { openProvider(16, $0, $1, $2, $3, $4) }, { openProvider(17, $0, $1, $2, $3, $4) },
        { openProvider(18, $0, $1, $2, $3, $4) }, { openProvider(19, $0, $1, $2, $3, $4) },
        { openProvider(20, $0, $1, $2, $3, $4) }, { openProvider(21, $0, $1, $2, $3, $4) },
        { openProvider(22, $0, $1, $2, $3, $4) }, { openProvider(23, $0, $1, $2, $3, $4) },
        { openProvider(24, $0, $1, $2, $3, $4) }, { openProvider(25, $0, $1, $2, $3, $4) },
        { openProvider(26, $0, $1, $2, $3, $4) }, { openProvider(27, $0, $1, $2, $3, $4) },
        { openProvider(28, $0, $1, $2, $3, $4) }, { openProvider(29, $0, $1, $2, $3, $4) },
        { openProvider(30, $0, $1, $2, $3, $4) }, { openProvider(31, $0, $1, $2, $3, $4) },
    ]
}
