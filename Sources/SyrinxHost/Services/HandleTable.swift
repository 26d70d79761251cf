// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Numbers for objects that plugins name: slot in the low 32 bits, the slot's generation above. A number that outlives
/// its object finds nothing, so a plugin's late call cannot touch another session. Thread-safe.
final class HandleTable<Object: AnyObject & Sendable>: Sendable {
    private struct Slot {
        var generation: UInt32 = 1
        var object: Object?
    }

    private struct Slots {
        var all: [Slot] = []
        var free: [Int] = []
    }

    private let slots = Mutex(Slots())

    init() {}

    func insert(_ object: Object) -> UInt64 {
        slots.withLock { slots in
            if let index = slots.free.popLast() {
                slots.all[index].object = object
                return handle(index, slots.all[index].generation)
            }
            slots.all.append(Slot(object: object))
            return handle(slots.all.count - 1, 1)
        }
    }

    func find(_ handle: UInt64) -> Object? {
        let index = Int(truncatingIfNeeded: handle & 0xffff_ffff)
        let generation = UInt32(truncatingIfNeeded: handle >> 32)
        return slots.withLock { slots in
            guard index < slots.all.count, slots.all[index].generation == generation else { return nil }
            return slots.all[index].object
        }
    }

    func remove(_ handle: UInt64) {
        let index = Int(truncatingIfNeeded: handle & 0xffff_ffff)
        let generation = UInt32(truncatingIfNeeded: handle >> 32)
        slots.withLock { slots in
            guard index < slots.all.count, slots.all[index].generation == generation else { return }
            slots.all[index].object = nil
            // Generation 0 never exists, so a zeroed handle never finds anything.
            slots.all[index].generation = generation == .max ? 1 : generation + 1
            slots.free.append(index)
        }
    }

    var count: Int { slots.withLock { $0.all.count - $0.free.count } }

    private func handle(_ index: Int, _ generation: UInt32) -> UInt64 { UInt64(generation) << 32 | UInt64(index) }
}
