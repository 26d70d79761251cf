// SPDX-License-Identifier: Apache-2.0

/// SHA-1 (FIPS 180-4) and HMAC (RFC 2104), for vendors that sign with it.
///
/// For tests only: it takes no care against timing.
public enum SHA1 {
    /// The code of `bytes` under `key`, 20 bytes.
    public static func hmac(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        let key = key.count > 64 ? digest(key) : key
        let padded = key + [UInt8](repeating: 0, count: 64 - key.count)
        return digest(padded.map { $0 ^ 0x5C } + digest(padded.map { $0 ^ 0x36 } + bytes))
    }

    /// The hash, 20 bytes.
    public static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var message = bytes + [0x80]
        message += [UInt8](repeating: 0, count: (120 - message.count % 64) % 64)
        let bits = UInt64(bytes.count) * 8
        message += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
        for start in stride(from: 0, to: message.count, by: 64) { mix(&state, message[start..<start + 64]) }
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32($0))) } }
    }

    private static func mix(_ state: inout [UInt32], _ block: ArraySlice<UInt8>) {
        var words = [UInt32](repeating: 0, count: 80)
        for (place, byte) in block.enumerated() { words[place / 4] = words[place / 4] << 8 | UInt32(byte) }
        for place in 16..<80 {
            words[place] = turn(words[place - 3] ^ words[place - 8] ^ words[place - 14] ^ words[place - 16], 1)
        }
        var v = state
        for place in 0..<80 {
            let (choice, constant): (UInt32, UInt32) =
                switch place {
                case ..<20: (v[1] & v[2] | ~v[1] & v[3], 0x5a82_7999)
                case ..<40: (v[1] ^ v[2] ^ v[3], 0x6ed9_eba1)
                case ..<60: (v[1] & v[2] | v[1] & v[3] | v[2] & v[3], 0x8f1b_bcdc)
                default: (v[1] ^ v[2] ^ v[3], 0xca62_c1d6)
                }
            let next = turn(v[0], 5) &+ choice &+ v[4] &+ constant &+ words[place]
            v = [next, v[0], turn(v[1], 30), v[2], v[3]]
        }
        for place in 0..<5 { state[place] = state[place] &+ v[place] }
    }

    private static func turn(_ word: UInt32, _ count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
}
