// SPDX-License-Identifier: Apache-2.0

/// Turns as recognisers write them, labelled by people.
enum TurnExamples {
    struct Examples {
        let complete: [String]
        let unfinished: [String]
    }

    static let byLanguage: [String: Examples] = [
        "en": Examples(
            complete: [
                "yes", "no thanks", "what time is it", "i would like to book a table for two", "where are you from",
                "that's all", "my name is john smith", "can you help me", "hang on to that for me please",
                "i don't know", "tomorrow", "on friday at seven", "what are you looking for", "turn it on",
                "my phone number is five five five one two three four", "yes i do", "the pin is one two three four",
                "when are you open", "if it rains, we will stay at home", "count to ten", "how much is it?",
                "sounds good", "i already told you about that", "please cancel my order", "thank you",
                "two people", "it does not work", "let me speak to a person", "good bye",
            ],
            unfinished: [
                "i would like", "i want to book a table for", "um", "my name is", "i was wondering if", "and then",
                "because", "the thing is", "can you please", "i need a table for two and", "let me see",
                "my phone number is five five five", "my card number is four two four two", "well i think the",
                "i'm looking for a", "first of all,", "hold on", "if i come on friday", "what i", "i would like um",
                "it was very", "could you", "the address is", "on monday or", "my email is b e l",
                "I live in...", "when i called you yesterday", "i am calling about my",
            ]
        ),
        "de": Examples(
            complete: [
                "ja", "nein danke", "wie spät ist es", "ich möchte einen tisch für zwei personen", "rufen sie mich an",
                "das ist alles", "am freitag um sieben", "machen sie bitte auf", "ich weiß nicht",
                "wo ist der bahnhof?", "vielen dank",
            ],
            unfinished: [
                "ich hätte gerne", "ich möchte einen tisch für", "ähm", "mein name ist", "und dann", "weil", "moment",
                "können sie", "meine telefonnummer ist null eins sieben", "ich suche eine", "wenn ich am freitag komme",
            ]
        ),
        "fr": Examples(
            complete: [
                "oui", "non merci", "quelle heure est-il", "je voudrais une table pour deux personnes", "c'est tout",
                "vendredi à sept heures", "pouvez-vous m'aider ?", "je ne sais pas", "au revoir",
            ],
            unfinished: [
                "je voudrais", "je voudrais une table pour", "euh", "je m'appelle", "et puis", "parce que",
                "mon numéro est zéro six", "est-ce que", "attendez", "si je viens vendredi",
            ]
        ),
        "es": Examples(
            complete: [
                "sí", "no gracias", "qué hora es", "quisiera una mesa para dos personas", "eso es todo",
                "el viernes a las siete", "no lo sé", "puede ayudarme", "hasta luego",
            ],
            unfinished: [
                "me gustaría", "quisiera una mesa para", "eh", "mi nombre es", "y luego", "porque",
                "mi número es seis uno dos", "un momento", "necesito", "si voy el viernes",
            ]
        ),
    ]
}
