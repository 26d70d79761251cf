// SPDX-License-Identifier: Apache-2.0

/// SHA-256 (FIPS 180-4, 6.2), in pieces, and HMAC with it (RFC 2104).
///
/// For bodies and for keys that are derived; what is signed with a secret of the configuration goes to
/// ``SessionHost/requestHMAC(key:bytes:cookie:algorithm:)``, so that the secret stays with the host.
public struct SHA256: Sendable {
    private static let blockLength = 64

    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    private var schedule = [UInt32](repeating: 0, count: 64)
    private var pending: [UInt8] = []
    private var length: UInt64 = 0

    /// Begins a hash.
    public init() {}

    /// The digest of `bytes`: 32 bytes.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    /// The code of `bytes` under `key`: 32 bytes.
    public static func hmac(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        var block = key.count > blockLength ? hash(key) : key
        block.append(contentsOf: [UInt8](repeating: 0, count: blockLength - block.count))
        var inner = SHA256()
        inner.update(block.map { $0 ^ 0x36 })
        inner.update(bytes)
        var outer = SHA256()
        outer.update(block.map { $0 ^ 0x5c })
        outer.update(inner.finish())
        return outer.finish()
    }

    /// Takes more of what is hashed.
    public mutating func update(_ bytes: [UInt8]) {
        length &+= UInt64(bytes.count)
        var place = 0
        if !pending.isEmpty {
            place = min(Self.blockLength - pending.count, bytes.count)
            pending.append(contentsOf: bytes[..<place])
            guard pending.count == Self.blockLength else { return }
            compress(pending[...])
            pending.removeAll(keepingCapacity: true)
        }
        let whole = (bytes.count - place) / Self.blockLength * Self.blockLength
        compress(bytes[place..<place + whole])
        pending.append(contentsOf: bytes[(place + whole)...])
    }

    /// The digest of all that came: 32 bytes. Nothing may come afterwards.
    public mutating func finish() -> [UInt8] {
        let bits = length &* 8
        var tail = pending + [0x80]
        let zeros = (Self.blockLength * 2 - 8 - tail.count) % Self.blockLength
        tail.append(contentsOf: [UInt8](repeating: 0, count: zeros))
        tail.append(contentsOf: withUnsafeBytes(of: bits.bigEndian) { Array($0) })
        compress(tail[...])
        return state.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
    }

    /// Takes whole blocks.
    ///
    /// On pointers, since checked arrays make it many times slower without optimisation, and some plugin hashes each of
    /// thirty events a second twice; every index is below 64, and of the input below its count.
    private mutating func compress(_ blocks: ArraySlice<UInt8>) {
        schedule.withUnsafeMutableBufferPointer { schedule in
            state.withUnsafeMutableBufferPointer { state in
                roundConstants.withUnsafeBufferPointer { constants in
                    blocks.withUnsafeBufferPointer { bytes in
                        guard let w = schedule.baseAddress, let k = constants.baseAddress,
                            let state = state.baseAddress, var block = bytes.baseAddress
                        else { return }
                        for _ in 0..<bytes.count / Self.blockLength {
                            Self.expand(block, into: w)
                            Self.rounds(w, k, state)
                            block += Self.blockLength
                        }
                    }
                }
            }
        }
    }

    private static func expand(_ block: UnsafePointer<UInt8>, into w: UnsafeMutablePointer<UInt32>) {
        var index = 0
        while index < 16 {
            let place = index &* 4
            w[index] =
                UInt32(block[place]) &<< 24 | UInt32(block[place &+ 1]) &<< 16 | UInt32(block[place &+ 2]) &<< 8
                | UInt32(block[place &+ 3])
            index &+= 1
        }
        while index < 64 {
            let (early, late) = (w[index &- 15], w[index &- 2])
            let sigma0 = early.rotated(7) ^ early.rotated(18) ^ (early &>> 3)
            let sigma1 = late.rotated(17) ^ late.rotated(19) ^ (late &>> 10)
            w[index] = w[index &- 16] &+ sigma0 &+ w[index &- 7] &+ sigma1
            index &+= 1
        }
    }

    private static func rounds(
        _ w: UnsafeMutablePointer<UInt32>,
        _ k: UnsafePointer<UInt32>,
        _ state: UnsafeMutablePointer<UInt32>
    ) {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        var index = 0
        while index < 64 {
            let choice = (e & f) ^ (~e & g)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            let first = e.rotated(6) ^ e.rotated(11) ^ e.rotated(25)
            let second = a.rotated(2) ^ a.rotated(13) ^ a.rotated(22)
            let one = h &+ first &+ choice &+ k[index] &+ w[index]
            (h, g, f, e) = (g, f, e, d &+ one)
            (d, c, b, a) = (c, b, a, one &+ second &+ majority)
            index &+= 1
        }
        state[0] = state[0] &+ a
        state[1] = state[1] &+ b
        state[2] = state[2] &+ c
        state[3] = state[3] &+ d
        state[4] = state[4] &+ e
        state[5] = state[5] &+ f
        state[6] = state[6] &+ g
        state[7] = state[7] &+ h
    }
}

extension UInt32 {
    @inline(__always)
    fileprivate func rotated(_ count: UInt32) -> UInt32 { self &>> count | self &<< (32 &- count) }
}

/// The fractions of the cube roots of the first 64 primes.
private let roundConstants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
]
