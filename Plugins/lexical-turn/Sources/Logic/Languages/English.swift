// SPDX-License-Identifier: Apache-2.0

extension LanguageTable {
    static let english = LanguageTable(
        fillers: WordList.words("um uh er erm eh hmm hm mm uhm like"),
        dangling: WordList.words(
            """
            and or but because so if that which who whose than then although though unless until while whereas since
            a an the my your his her its our their this these those some any every each another
            of to for from with without at in on by about into onto over under between through during before after
            against towards around near as per via
            is are am was were be been being has have had do does did will would can could should shall may might must
            i you he she we they im youre were theyre ill id ive dont cant wont its whats thats
            want need wants needs wanna gonna going trying hoping wondering
            very really quite too more most just only also maybe perhaps probably actually basically
            mr mrs ms doctor number at
            """
        ),
        danglingPhrases: WordList.phrases(
            """
            i would like, i would love, i d like, can you please, could you please, would you please, can i, may i
            do you, would you, could you, can you, let me, i think, i guess, i mean, you know, kind of, sort of
            such as, as well as, in order, so that, the thing is, what i, how about, what about, more than, less than
            instead of, because of, out of, next to, one of, a lot of, a couple, my name, my address, my email
            my phone number, my number, my account number, and then, and also, first, firstly, number is, it is
            i am calling about, i am looking, looking for, i have a, for example, let s say, wait no
            """
        ),
        stranded: WordList.words("for from with about to at in on of by"),
        completeEndings: WordList.phrases(
            """
            hang on, go on, come on, come in, log in, sign in, sign on, carry on, turn it on, turn that on, later on
            i do, i did, i am, i have, i can, i will, i would, i was, we do, we are, they are, it is not, he is, she is
            yes it is, yes i do, yes you can, no i have not, thank you, to you, for you, with you, about you, help you
            i hear you, love you, see you, call you, and you, how are you, you too, me too, it too, not really, so far
            i think so, i guess so, hope so, why not, of course, as well, at all, not at all, after all, this one
            that one, like that, do that, with that, about that, all that, know that, want that, like this, do this
            about this, with this, i want this, want any, some more, no more, any more, once more, the most, just now
            the day before, to do, look around, walk around, the day after, is that, what is this, who is this, who are you
            where are you, where am i, is it you, no idea, the last four, can you do that, what i need, what i want
            all i need, all i want, whatever you want, if you want, if i can, as you can, any of these, none of those
            both of these, i like it very much, that is all i need, what time is it, how old are you
            """
        ),
        shortAnswers: Set(
            WordList.phrases(
                """
                yes, yeah, yep, yup, no, nope, ok, okay, sure, right, correct, exactly, absolutely, definitely, fine
                great, perfect, good, thanks, thank you, no thanks, no thank you, yes please, please, of course, maybe
                hello, hi, hey, bye, goodbye, good bye, bye bye, good morning, good evening, never mind, i see
                got it, sounds good, not yet, i do, i am, me too, what, why, who, where, when, how, stop, help, repeat
                again, today, tomorrow, tonight, monday, tuesday, wednesday, thursday, friday, saturday, sunday
                one, two, three, four, five, six, seven, eight, nine, ten, noon, midnight, nothing, nothing else
                that is all, thats all, that is it, thats it, all right, alright, go ahead, i do not know, i dont know
                """
            )
        ),
        waiting: WordList.phrases(
            """
            let me see, let me think, let me check, let me look, hold on, hang on, one moment, one second, just a moment
            just a second, just a minute, give me a second, give me a moment, wait, wait a second, wait a minute
            bear with me, let s see, lets see, how do i say this, what is it called, whats it called
            """
        ),
        questionStarts: WordList.words(
            """
            what when where who whom whose why which how is are am was were do does did can could will would should shall
            may have has had whats wheres whos hows isnt arent dont doesnt didnt cant couldnt wont wouldnt
            """
        ),
        conditionals: WordList.words("if when because although though unless while since whenever once"),
        auxiliaries: WordList.words(
            "is are am was were do does did can could will would should shall may have has had"
        ),
        digits: WordList.words("zero oh one two three four five six seven eight nine double triple"),
        numberContexts: [
            "phone": 7, "telephone": 7, "mobile": 7, "number": 6, "account": 6, "card": 12, "zip": 5, "postcode": 5,
            "code": 4, "pin": 4, "order": 5, "reference": 5,
        ]
    )
}
