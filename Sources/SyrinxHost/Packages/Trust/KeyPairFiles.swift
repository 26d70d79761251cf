// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import SyrinxCore

/// A pair of key files: `NAME.secret.json`, for its owner alone, and `NAME.pub.json`, for operators.
package enum KeyPairFiles {
    /// Makes a key and writes both files, which must not exist.
    /// - Returns: the public key and the files' paths.
    /// - Throws: `file.not_writable`, `plugin.key.no_randomness`.
    package static func write(
        name: String, folder: String, reach: TrustKey.Reach, expires: CalendarDay?
    ) throws(SyrinxError) -> (key: TrustKey, secretFile: String, publicFile: String) {
        let secret = try SigningKey()
        let key = TrustKey(publicKey: secret.publicKey, name: name, reach: reach, expires: expires)
        let secretFile = "\(folder)/\(name)\(TrustKeyFile.secretSuffix)"
        let publicFile = "\(folder)/\(name)\(TrustKeyFile.publicSuffix)"
        try DurableFile.create(publicFile, with: TrustKeyFile.text(key), mode: 0o644)
        do {
            try DurableFile.create(secretFile, with: secret.text, mode: 0o600)
        } catch {
            unlink(publicFile)
            throw error
        }
        return (key, secretFile, publicFile)
    }

    /// The secret key of a file, which nobody else may read.
    /// - Throws: `plugin.key.exposed`, `plugin.trust.key_invalid`, `plugin.package.*`.
    package static func secretKey(_ path: String) throws(SyrinxError) -> SigningKey {
        let (folder, name) = PathParts.split(path)
        let bytes = try GuardedFolder(folder).read(name, limit: TrustKeyFile.maximumBytes)
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw SyrinxError(
                "plugin.key.exposed", "others can read the secret key",
                fix: "`chmod 600` it; make a new key if they did",
                place: path)
        }
        return try SigningKey(parsing: bytes, file: path)
    }
}
