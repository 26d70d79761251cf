// SPDX-License-Identifier: Apache-2.0

@testable import SyrinxAccess

/// Keys and tokens that another implementation made (OpenSSL, through Python's `cryptography`): issuer
/// `issuer.example`, audience `syrinx`, `kid` `key-1`, user `ann`, scopes talk and read, for the first hour of 2026.
struct ForeignToken: Sendable {
    var algorithm: JWTAlgorithm
    var key: String
    var token: String

    static let all = [es256, rs256, edDSA, hs256]

    static let es256 = ForeignToken(
        algorithm: .es256,
        key: """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEUBH18e7ArdFnX4rXuEGQ40BK/CA1
            CJLemKrBbigTfzbLzyJdibZtn46NvzGl9/DMAqKqSF4V7PM+2V7Unqusow==
            -----END PUBLIC KEY-----
            """,
        token: """
            eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImtleS0xIn0.eyJpc3MiOiJpc3N1ZXIuZXhhbXBsZSIsImF1ZCI6\
            InN5cmlueCIsInN1YiI6ImFubiIsInNjb3BlIjoidGFsayByZWFkIiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjE3NjcyMjky\
            MDB9.lSOqT1sAnOZTFcfWh75MGl6sXAKiqEaOKxIv1_m3u16vuI6L_kE4K4Roija1twguKZmkjiaQ0Ukvu2whb4Ripg
            """)

    static let rs256 = ForeignToken(
        algorithm: .rs256,
        key: """
            -----BEGIN PUBLIC KEY-----
            MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAm3hRNMzSFgmVr62eFbFc
            15qjx0qmS6oo54j7sXssCHDHLypO976J4LOU+xkkn0MZSg0SaZzXFGgMI1u2CFRR
            iU7GYR4d3lZpIx1GTJVtkOVNhbuBfhApYV3aWp9VYnHFMiFKLcgUgfrr22xS1mDL
            p3E03Jg8iQGhEahkgEPEDql3vV0mjGIHmUUcsQDBb6/7yFYycZ/lBTYOlfEedqym
            Ygv2zcOEMj5mhsAQITtAAaSDnzgfIf0r+nO2R/hfA1QObbJqzhMUnjOH3W+QXiau
            gaNkdEHTt7yptu4Gn6THKGNsk3/cdC8g+PsaoTbZGIhEtE0YPoBakEP4ImmFbHfN
            dwIDAQAB
            -----END PUBLIC KEY-----
            """,
        token: """
            eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImtleS0xIn0.eyJpc3MiOiJpc3N1ZXIuZXhhbXBsZSIsImF1ZCI6\
            InN5cmlueCIsInN1YiI6ImFubiIsInNjb3BlIjoidGFsayByZWFkIiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjE3NjcyMjky\
            MDB9.QT-A7mjJYkF6z304lq2eoO63tYqLGbZ6K5nwpKZ8OcpGGn-1OSA3fdFc9JK_HDOAnI-SSnzMQgtDkiNZ1TvQkdukDNn\
            dDdywCxnVWKE66kbVWmoizsfCSvrK3SG7rJv_m2Wy6dPTxiSOF2wH66CkhgYtoooGZEAiyMCvszv19vMmKh1LVWylnu3enuU\
            cjdrusc1EEAO1-6xaFiqq86dbIcBLdb4G118XVVnAAFC6V_6E_ANep9loE8C4CymsPde0ZVrhNuJ1C2fTy3XsY0DKkQ5vNPB\
            PF4ImV7Yxkf-a9XJa1XoiAPLSxQaH4kUEk2UR8whPh_n6CAVHJDYXbs18BQ
            """)

    static let edDSA = ForeignToken(
        algorithm: .edDSA,
        key: """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEAyaFr8Nj5+WkgftKOjr7tKIZtetqTVrmazQQKbfbcAPg=
            -----END PUBLIC KEY-----
            """,
        token: """
            eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6ImtleS0xIn0.eyJpc3MiOiJpc3N1ZXIuZXhhbXBsZSIsImF1ZCI6\
            InN5cmlueCIsInN1YiI6ImFubiIsInNjb3BlIjoidGFsayByZWFkIiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjE3NjcyMjky\
            MDB9.bcpqZtwqCWI55S3O1PuMV_gbUlbLHDULUNzeaoQJZtFTHjI0Uec2TkBcueHumlsqvKDxbA9BpqDgpY8r34VkAw
            """)

    static let hs256 = ForeignToken(
        algorithm: .hs256,
        key: "a secret of forty-eight characters, made up here",
        token: """
            eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImtleS0xIn0.eyJpc3MiOiJpc3N1ZXIuZXhhbXBsZSIsImF1ZCI6\
            InN5cmlueCIsInN1YiI6ImFubiIsInNjb3BlIjoidGFsayByZWFkIiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjE3NjcyMjky\
            MDB9.KNT0bzmLEbGX6d8cXUcV-SWnRxX01k36fh-6ppz_fAM
            """)
}
