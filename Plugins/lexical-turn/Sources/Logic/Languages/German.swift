// SPDX-License-Identifier: Apache-2.0

extension LanguageTable {
    // Separable prefixes ("rufen sie mich an", "machen sie auf") end complete sentences, hence no "an", "auf", "aus".
    static let german = LanguageTable(
        fillers: WordList.words("äh ähm hm hmm ehm öh mh also tja naja"),
        dangling: WordList.words(
            """
            und oder aber denn weil dass daß wenn ob sondern sowie bevor nachdem während damit falls obwohl als wie
            der dem den des ein eine einen einem einer eines mein meine meinen meinem meiner dein deine ihr ihre ihren
            unser unsere kein keine keinen dieser diese diesen diesem jeder jede jeden
            mit für von nach bei im am zum zur vom beim ins ans in über unter zwischen gegen ohne um bis seit durch wegen
            ich wir er man
            ist sind bin war waren wird werden würde würden kann könnte könnten möchte möchten muss will soll sollte darf
            habe hätte hätten brauche suche heiße
            sehr noch nur auch etwa ungefähr vielleicht eigentlich zirka
            herr frau doktor
            """
        ),
        danglingPhrases: WordList.phrases(
            """
            ich hätte gerne, ich möchte gerne, ich würde gerne, können sie, könnten sie, würden sie, kann ich, darf ich
            ich glaube, ich denke, ich meine, das heißt, zum beispiel, sowohl als, mein name ist, meine nummer ist
            meine adresse ist, und dann, und zwar, haben sie, gibt es, es geht um, die, so ein, so eine
            """
        ),
        stranded: [],
        completeEndings: WordList.phrases(
            """
            das bin ich, bin ich, wer ist er, ja ich auch, ich auch, sie auch, auch, noch nicht, das möchte ich, will ich
            möchte ich, kann man, nehme ich, weiß ich, brauche ich, meine ich, so ist, wie es ist, geht es ihr, wer ist man
            habe ich, wo ist, wie spät ist es, sage ich, komme ich, kann ich das
            """
        ),
        shortAnswers: Set(
            WordList.phrases(
                """
                ja, nein, nee, doch, ok, okay, gut, genau, richtig, stimmt, klar, sicher, gerne, danke, bitte, hallo
                tschüss, auf wiederhören, auf wiedersehen, nein danke, ja bitte, ja gerne, vielen dank, guten tag
                guten morgen, guten abend, natürlich, vielleicht, warum, was, wer, wann, wo, wie, stopp, hilfe, heute
                morgen, montag, dienstag, mittwoch, donnerstag, freitag, samstag, sonntag, das ist alles, das wars
                ich weiß nicht, keine ahnung, einverstanden, passt, alles klar, noch einmal, nochmal
                eins, zwei, drei, vier, fünf, sechs, sieben, acht, neun, zehn
                """
            )
        ),
        waiting: WordList.phrases(
            """
            moment, einen moment, moment mal, warten sie, warte, augenblick, einen augenblick, sekunde, eine sekunde
            mal sehen, lassen sie mich überlegen, ich überlege, ich schaue mal, ich schau mal
            """
        ),
        questionStarts: WordList.words(
            """
            was wann wo wer wen wem wessen warum wieso weshalb welche welcher welches wie wohin woher wieviel
            ist sind haben hat kann können könnten möchten würden gibt darf soll muss wird
            """
        ),
        conditionals: WordList.words("wenn weil falls obwohl während nachdem bevor sobald da"),
        auxiliaries: [],
        digits: WordList.words("null eins zwei zwo drei vier fünf sechs sieben acht neun"),
        numberContexts: [
            "nummer": 6, "telefonnummer": 7, "handynummer": 7, "kundennummer": 6, "kontonummer": 6, "postleitzahl": 5,
            "pin": 4, "code": 4,
        ]
    )
}
