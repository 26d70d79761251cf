// SPDX-License-Identifier: Apache-2.0

extension LanguageTable {
    static let spanish = LanguageTable(
        fillers: WordList.words("eh em este mmm hmm pues bueno"),
        dangling: WordList.words(
            """
            y e o u pero porque que si cuando aunque como sino mientras entonces donde
            un una unos unas el la los las lo mi mis tu tus su sus nuestro nuestra este esta ese esa estos estas cada
            algún alguna
            de del a al en con sin para por sobre entre hasta desde hacia contra según durante
            yo él nosotros
            es son soy era está están estoy ha he hay tengo tiene quiero quisiera necesito puede puedo podría voy va
            me te se nos le les
            muy más menos también casi unos aproximadamente
            señor señora doctor
            """
        ),
        danglingPhrases: WordList.phrases(
            """
            me gustaría, quisiera saber, puede usted, podría usted, creo que, es decir, por ejemplo, mi nombre es
            me llamo, mi número es, mi dirección es, y luego, y también, lo que, a causa de, en vez de, además de
            tienen ustedes, yo quiero
            """
        ),
        stranded: [],
        completeEndings: WordList.phrases(
            """
            yo también, a mí también, no lo sé, eso es, así es, así está, ya está, por favor, qué tal está, cómo está
            no hay, no puedo, no tengo, ya voy, no más, nada más, uno más, a qué hora es, qué hora es, quién es
            dónde está, sí quiero, ya lo tengo, claro que sí, no quiero, sí puedo
            """
        ),
        shortAnswers: Set(
            WordList.phrases(
                """
                sí, si, no, vale, ok, okay, claro, claro que sí, por supuesto, gracias, no gracias, sí por favor
                por favor, hola, adiós, hasta luego, buenos días, buenas tardes, buenas noches, exacto, correcto, bien
                muy bien, perfecto, de acuerdo, tal vez, quizás, qué, quién, cuándo, dónde, cómo, por qué, para, ayuda
                hoy, mañana, lunes, martes, miércoles, jueves, viernes, sábado, domingo, eso es todo, nada más, no lo sé
                no sé, muchas gracias, todavía no, otra vez, dos, tres, cuatro, cinco, seis, siete, ocho, nueve, diez
                """
            )
        ),
        waiting: WordList.phrases(
            """
            espere, espera, un momento, un segundo, un minuto, déjeme pensar, déjame pensar, a ver, déjeme ver
            vamos a ver
            """
        ),
        questionStarts: WordList.words(
            "qué quién quiénes cuándo dónde adónde cómo cuál cuáles cuánto cuánta cuántos cuántas puede podría tienen hay"
        ),
        conditionals: WordList.words("si cuando porque aunque mientras como"),
        auxiliaries: [],
        digits: WordList.words("cero uno dos tres cuatro cinco seis siete ocho nueve"),
        numberContexts: [
            "número": 6, "teléfono": 7, "móvil": 7, "código": 4, "cuenta": 6, "tarjeta": 12, "postal": 5, "pin": 4,
        ]
    )
}
