// SPDX-License-Identifier: Apache-2.0

extension LanguageTable {
    static let french = LanguageTable(
        fillers: WordList.words("euh heu hum ben bah hein hmm"),
        dangling: WordList.words(
            """
            et ou mais car donc que qui dont parce puisque quand si comme lorsque afin
            un une le la les l des du de d au aux mon ma mes ton ta tes son sa ses notre votre nos vos leur leurs ce cet
            cette ces quelques chaque
            à en dans sur sous avec sans pour par chez vers entre contre depuis pendant avant jusque jusqu
            je tu il nous on j c
            est suis es sommes êtes sont était ai as avons avez ont vais va voudrais veux peux peut pourrais pourriez
            pouvez souhaite aimerais dois doit faut
            très aussi assez plus moins environ peut-être
            monsieur madame docteur
            """
        ),
        danglingPhrases: WordList.phrases(
            """
            je voudrais, j aimerais, est ce que, est ce qu, qu est ce que, pouvez vous, pourriez vous, avez vous, je pense
            je crois, c est à dire, par exemple, mon nom est, je m appelle, mon numéro est, il y a, parce que, et puis
            à cause de, au lieu de, à côté de
            """
        ),
        stranded: [],
        completeEndings: WordList.phrases(
            """
            comme ça, moi aussi, c est tout, il y en a, s il vous plaît, j en ai, en plus, non plus, c est ça, je peux
            ça va, comment ça va, on y va, j y suis, où il est, je suis là, je le veux, je ne peux, c est moi aussi
            il faut, s il le faut, dans la
            """
        ),
        shortAnswers: Set(
            WordList.phrases(
                """
                oui, non, ouais, ok, okay, d accord, bien sûr, merci, non merci, oui merci, oui s il vous plaît, bonjour
                bonsoir, salut, au revoir, exactement, parfait, très bien, bien, voilà, c est tout, c est ça, peut-être
                pourquoi, quoi, qui, où, quand, comment, stop, aide, encore, aujourd hui, demain, ce soir, lundi, mardi
                mercredi, jeudi, vendredi, samedi, dimanche, je ne sais pas, merci beaucoup, ça va, allô, pas encore
                deux, trois, quatre, cinq, six, sept, huit, neuf, dix
                """
            )
        ),
        waiting: WordList.phrases(
            """
            attendez, attends, un moment, un instant, une seconde, une minute, laissez moi réfléchir, voyons
            je réfléchis, je regarde
            """
        ),
        questionStarts: WordList.words(
            """
            que quoi qui où quand comment pourquoi combien quel quelle quels quelles est-ce qu avez pouvez pourriez
            êtes peut y
            """
        ),
        conditionals: WordList.words("si quand lorsque puisque comme parce"),
        auxiliaries: WordList.words("est sont êtes avez pouvez pourriez"),
        digits: WordList.words("zéro un deux trois quatre cinq six sept huit neuf dix"),
        numberContexts: [
            "numéro": 6, "téléphone": 7, "code": 4, "compte": 6, "carte": 12, "postal": 5,
        ]
    )
}
