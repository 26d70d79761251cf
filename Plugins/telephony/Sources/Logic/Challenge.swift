// SPDX-License-Identifier: Apache-2.0
internal import SyrinxPlugin

/// HMACs that the host is asked for, and what has to come out.
struct Challenge: Sendable {
    struct Question: Sendable {
        let key: String
        let bytes: [UInt8]
        let algorithm: DigestAlgorithm
    }

    enum Rule: Sendable {
        /// One answer is one of these.
        case matches([[UInt8]])
        /// The two answers are equal: so a word is compared with a secret that only the host knows.
        case agree
    }

    let questions: [Question]
    let rule: Rule
    private var answers: [[UInt8]] = []
    private var came = 0

    init(_ questions: [Question], _ rule: Rule) {
        self.questions = questions
        self.rule = rule
    }

    /// An answer came; nil = there is no such secret.
    mutating func answer(_ digest: [UInt8]?) {
        came += 1
        if let digest { answers.append(digest) }
    }

    /// Nil until all answers are there.
    var verdict: Bool? {
        guard came >= questions.count else { return nil }
        switch rule {
        case .matches(let presented):
            // Every pair is compared to its end.
            return answers.reduce(false) { found, answer in
                presented.reduce(found) { $0 || Self.equal($1, answer) }
            }
        case .agree: return answers.count == 2 && Self.equal(answers[0], answers[1])
        }
    }

    /// Takes as long for a wrong last byte as for a wrong first one.
    static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count, !left.isEmpty else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}

/// Whether somebody may enter.
enum Admission: Sendable {
    case open
    case refused(String)
    case asks(Challenge)
}

extension Line {
    /// Judges a request; the host's HMACs decide.
    func admission(_ request: DoorRequest) -> Admission {
        guard config.verifies, let secret = config.secret(dialect) else { return .open }
        if request.upgrades, dialect.proof != .twilio, request.query[Ticket.field] != nil {
            guard let ticket = Ticket(request.query), ticket.isValid(at: clock()),
                let challenge = ticket.challenge(secret)
            else { return .refused("The stream's ticket is too old or malformed: ask the webhook for a new one.") }
            return .asks(challenge)
        }
        switch dialect.proof {
        case .twilio: return TwilioSignature.admission(request, config, secret)
        case .plivo:
            guard !request.upgrades else {
                return .refused("The stream's URL has no ticket: take it from the answer to the webhook.")
            }
            return PlivoSignature.admission(request, config, secret)
        case .token: return token(request, secret)
        }
    }

    /// A word in the URL, for a vendor whose signatures the host cannot check.
    private func token(_ request: DoorRequest, _ secret: String) -> Admission {
        // What looks like a secret's place would be filled in.
        guard let word = request.query["token"], !word.isEmpty, word.utf8.count <= 512, !word.contains("${") else {
            return .refused("The URL has no token: the door's address has to end with ?token= and the configured one.")
        }
        let bytes = Array("syrinx-token".utf8)
        return .asks(
            Challenge(
                [secret, word].map { Challenge.Question(key: $0, bytes: bytes, algorithm: .sha256) },
                .agree
            )
        )
    }
}
