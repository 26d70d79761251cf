// SPDX-License-Identifier: Apache-2.0
internal import COpenSSL

/// Where the library writes: each write is one datagram. A memory BIO would run them together.
final class DatagramSink {
    /// A handshake writes a handful; more means that something is wrong, and what is lost is sent again.
    private static let maximumWaiting = 64

    private var datagrams: [[UInt8]] = []

    func take() -> [[UInt8]] {
        defer { datagrams = [] }
        return datagrams
    }

    /// A BIO that writes here. It does not keep this object: its owner has to outlive it.
    func makeBIO() -> OpaquePointer? {
        guard let method = Self.method, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        return bio
    }

    private func append(_ bytes: UnsafeRawBufferPointer) {
        guard datagrams.count < Self.maximumWaiting else { return }
        datagrams.append(Array(bytes))
    }

    // Unsafe by its type only: made once, and from then on read, by OpenSSL, from any thread.
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams") else { return nil }
        BIO_meth_set_create(method) { bio in
            BIO_set_init(bio, 1)
            return 1
        }
        BIO_meth_set_write(method) { bio, bytes, count in
            guard let data = BIO_get_data(bio), let bytes, count > 0 else { return -1 }
            let sink = Unmanaged<DatagramSink>.fromOpaque(data).takeUnretainedValue()
            sink.append(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in
            switch command {
            case BIO_CTRL_FLUSH: 1
            case BIO_CTRL_DGRAM_QUERY_MTU, BIO_CTRL_DGRAM_GET_FALLBACK_MTU: DTLSConnection.maximumDatagram
            default: 0
            }
        }
        return method
    }()
}
