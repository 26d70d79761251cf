// SPDX-License-Identifier: Apache-2.0

/// The lists, already normalised: lower case, no apostrophes, no hyphens.
extension Lexicon {
    struct Words: Sendable {
        let backchannels: Set<String>
        let commands: Set<String>

        init(_ backchannels: Set<String>, _ commands: Set<String>) {
            self.backchannels = backchannels.union(Self.sounds)
            self.commands = commands
        }

        /// Made with a closed mouth in every language.
        private static let sounds: Set<String> = [
            "m", "mm", "mmm", "hm", "hmm", "mhm", "mmhm", "mhmm", "mmhmm", "aha", "ah", "oh", "uhhuh", "ok", "okay",
        ]
    }

    static let english = Words(
        [
            "yeah", "yep", "yup", "yes", "right", "sure", "i see", "got it", "alright", "all right", "of course",
            "uh huh", "mm hm", "mm hmm", "cool", "great", "nice", "good", "wow", "really", "true", "exactly", "fine",
            "makes sense", "go on", "i know", "thats right",
        ],
        [
            "stop", "wait", "hold on", "hang on", "pause", "be quiet", "quiet", "shut up", "enough", "no no", "cancel",
            "one moment", "just a moment", "excuse me",
        ]
    )

    static let table: [String: Words] = [
        "en": english,
        "de": Words(
            [
                "ja", "jaja", "genau", "klar", "gut", "richtig", "stimmt", "verstehe", "ich verstehe", "alles klar",
                "ach so", "achso", "natürlich", "sicher", "super", "na gut", "eben",
            ],
            ["stopp", "stop", "halt", "warte", "warten sie", "moment", "ruhe", "genug", "nein nein", "abbrechen"]
        ),
        "fr": Words(
            [
                "oui", "ouais", "daccord", "bien", "bien sûr", "je vois", "exact", "exactement", "voilà", "ah oui",
                "ah bon", "très bien", "entendu", "cest ça",
            ],
            [
                "stop", "arrête", "arrêtez", "attends", "attendez", "un moment", "un instant", "silence", "assez",
                "non non", "annule", "annulez",
            ]
        ),
        "es": Words(
            [
                "sí", "si", "claro", "vale", "bueno", "bien", "entiendo", "ya", "ajá", "exacto", "de acuerdo",
                "por supuesto", "ya veo", "muy bien",
            ],
            [
                "para ya", "pare", "alto", "espera", "espere", "un momento", "silencio", "basta", "no no", "cancela",
                "detente",
            ]
        ),
        "it": Words(
            [
                "sì", "si", "certo", "bene", "va bene", "capisco", "esatto", "giusto", "daccordo", "ho capito",
                "perfetto", "ecco",
            ],
            [
                "stop", "ferma", "fermati", "fermo", "aspetta", "aspetti", "un attimo", "un momento", "basta", "zitto",
                "no no", "annulla",
            ]
        ),
        "pt": Words(
            [
                "sim", "claro", "certo", "tá", "tá bom", "está bem", "bom", "entendo", "entendi", "exato", "pois",
                "pois é", "isso", "com certeza",
            ],
            [
                "para já", "pare", "espera", "espere", "um momento", "um minuto", "silêncio", "chega", "basta",
                "não não",
                "cancela",
            ]
        ),
        "nl": Words(
            [
                "ja", "jaja", "juist", "precies", "goed", "oké", "klopt", "natuurlijk", "zeker", "ik snap het",
                "ik begrijp het", "prima", "dat klopt",
            ],
            [
                "stop", "wacht", "wacht even", "moment", "een moment", "stil", "genoeg", "hou op", "nee nee",
                "annuleer",
            ]
        ),
    ]
}
