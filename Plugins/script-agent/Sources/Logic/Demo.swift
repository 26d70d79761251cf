// SPDX-License-Identifier: Apache-2.0

/// The dialogue that runs when nothing is configured: it books a table, tells the time, counts, says goodbye.
///
/// `hints.txt` beside the sources lists what a caller may say to it, for the recogniser.
public enum Demo {
    /// The script, in the format of the configuration.
    public static let json = #"""
        {
          "fallback": [
            "Sorry, I did not get that. You can book a table, ask for the time, or ask me to count.",
            "I am afraid I did not understand. Try: book a table for two.",
            "Pardon? You can also say: what can you do?"
          ],
          "intents": [
            {
              "name": "goodbye",
              "match": [
                "* [goodbye|good bye|bye|bye bye|see you|hang up] *",
                "(no) (thanks|thank you) [that is all|thats all|that will be all|i am done|im done] *"
              ],
              "say": "Thank you for calling. Goodbye!",
              "end": true
            },
            {
              "name": "repeat",
              "match": [
                "* [repeat|say it again|say that again|once more|come again] *", "(i beg your) pardon (me)",
                "(sorry) what did you say", "[what|again|sorry] (please)", "* did not hear *", "* didnt hear *"
              ],
              "say": "{last}"
            },
            {
              "name": "time",
              "match": [
                "* what time is it *", "* [what is|whats|tell me|do you have|do you know] the time *",
                "(the) time (please)", "what time (please)"
              ],
              "say": "It is {now.time}."
            },
            {
              "name": "date",
              "match": [
                "* [what day|what date|which day] is *", "* [what is|whats|tell me] (the|todays) [date|day] *",
                "(the) date (please)"
              ],
              "say": "Today is {now.date}."
            },
            {
              "name": "count down",
              "match": ["* count (down|backwards) from {limit:number} *", "* count (down|backwards) * from {limit:number} *"],
              "say": "{count.limit..0}. That is it."
            },
            {
              "name": "count",
              "match": ["* count * to {limit:number} *", "* count {limit:number} *"],
              "say": "Sure. {count.1..limit}. I am done counting."
            },
            {
              "name": "count to ten",
              "match": ["* count *"],
              "say": "Sure. {count.1..10}. I am done counting."
            },
            {
              "name": "book a table",
              "match": [
                "* [table|reservation] *", "* [book|booking|reserve] *", "* [dinner|lunch] (for|on|at) *"
              ],
              "slots": [
                {
                  "name": "party_size", "type": "number",
                  "ask": ["For how many people?", "How many people will come?"],
                  "match": [
                    "{party_size:number} (of) [people|persons|person|guests|guest|us|adults|seats]",
                    "[for|of|are|be] {party_size:number}"
                  ]
                },
                {
                  "name": "day", "type": "day",
                  "ask": ["On which day?", "Which day would you like to come?"],
                  "match": ["{day:day}"]
                },
                {
                  "name": "time", "type": "time",
                  "ask": ["At what time?", "What time suits you?"],
                  "match": ["{time:clock}", "[at|around|about|by] {time:time}"]
                }
              ],
              "confirm": "A table for {party_size|person|people} {day.when} at {time}. Is that right?",
              "change": "What should I change: the number of people, the day, or the time?",
              "cancelled": "All right, I will not book anything.",
              "say": "Wonderful. Your table for {party_size|person|people} {day.when} at {time} is booked. Anything else?"
            },
            {
              "name": "help",
              "match": [
                "* what can you do *", "* [what can i|what should i|what do i] [say|do|ask] *", "* help *",
                "what do you do", "* your options *"
              ],
              "say": "I can book a table, tell you the time and the date, and count for you. Say goodbye to hang up."
            },
            {
              "name": "name",
              "match": ["* your name *", "* who are you *", "* who is this *", "* are you [a robot|a human|real] *"],
              "say": "I am the Syrinx demo, a small scripted agent. I book tables at a restaurant that does not exist."
            },
            {
              "name": "how are you",
              "match": ["* how are you *", "* how is it going *", "* hows it going *"],
              "say": "I am very well, thank you. What can I do for you?"
            },
            {
              "name": "hello",
              "match": ["* [hello|hi|hey|good morning|good afternoon|good evening] *"],
              "say": ["Hello! What can I do for you?", "Hello again! How can I help?"]
            },
            {
              "name": "yes",
              "match": ["[yes|yeah|sure|okay|ok|yes please] (please)"],
              "say": "What would you like: book a table, hear the time, or hear me count?"
            },
            {
              "name": "no",
              "match": ["[no|nope|nothing|not now] (thanks|thank you)"],
              "say": "All right. Say goodbye when you are done."
            },
            {
              "name": "thanks",
              "match": ["* [thanks|thank you] *"],
              "say": ["You are welcome. Anything else?", "My pleasure. Anything else?"]
            }
          ]
        }
        """#
}
