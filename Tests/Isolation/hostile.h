/* SPDX-License-Identifier: Apache-2.0
 *
 * A helper that attacks its host. It begins as an honest one, then does what its name says: "ATTACK-SEED". */
#ifndef HOSTILE_H
#define HOSTILE_H

/* DIES: to be ended with the cause PROTOCOL. ANY: ended or ignored, as it comes. LIVES: ignored. */
typedef enum { DIES, ANY, LIVES } hostile_end;

#define ATTACKS(X)                                                                                                    \
    X(size, DIES)     /* sizes that no message has */                                                                 \
    X(type, DIES)     /* messages that there are none of, or that the host sends */                                   \
    X(head, DIES)     /* an index from outer space: of what it wrote */                                               \
    X(tail, DIES)     /* ... of what it read */                                                                       \
    X(counts, DIES)   /* lengths beyond the message's end */                                                          \
    X(frames, DIES)   /* more answers than there were frames */                                                       \
    X(timers, DIES)   /* the same timer twice, the timer 0 */                                                         \
    X(again, DIES)    /* another table, a failure, when it was loaded long ago */                                     \
    X(greedy, DIES)   /* events and events, whatever credit says */                                                   \
    X(openings, DIES) /* requests that cannot be */                                                                   \
    X(hoard, DIES)    /* sends and sends, whatever credit says */                                                     \
    X(bodies, DIES)   /* requests whose bodies never come */                                                          \
    X(orders, ANY)    /* sends, closes, aborts in any order */                                                        \
    X(replies, LIVES) /* to calls that nobody made */                                                                 \
    X(stranger, ANY)  /* slots and generations of sessions that are not there */                                      \
    X(events, ANY)    /* of its session, with contents at random */                                                   \
    X(flood, ANY)     /* sound messages, as fast as it can */                                                         \
    X(large, ANY)     /* the largest that there are, as fast as it can */                                             \
    X(chatter, ANY)   /* prints without end */                                                                        \
    X(table, ANY)     /* wrong counts and strings in the module's table */                                            \
    X(scribble, ANY)  /* a thread that writes all over the ring while the host reads */                               \
    X(words, ANY)     /* a thread that writes all over the words beside the rings */                                  \
    X(asleep, ANY)    /* a thread that changes the sleepers' flags */                                                 \
    X(block, ANY)     /* descriptors that are shared become blocking and full, and nothing is read */                 \
    X(vanish, ANY)    /* ends in the middle of a message */

#ifdef HOSTILE_PROGRAM
#include <stdint.h>
#include <syrinx_wire.h>

typedef struct {
    syrinx_shared *shared;
    syrinx_ring in, out;
    unsigned long long random;
    bool open; /* a session is: its slot and generation */
    uint32_t slot, generation;
} hostile;

enum { FD_MEMORY = 3, FD_WAKE_HOST = 4, FD_LINE = 5 };

unsigned long long any(hostile *h);
/* Writes a message and wakes the host, whether it sleeps or not. False = no room. */
bool tell(hostile *h, uint16_t type, uint32_t slot, uint32_t serial, const void *body, size_t length);
void tell_table(hostile *h, bool lies);
/* NULL = no such attack. It is called again and again. */
typedef void (*attack)(hostile *);
attack find_attack(const char *name);
/* hostile_io.c */
void openings(hostile *h);
void hoard(hostile *h);
void bodies(hostile *h);
void orders(hostile *h);
#endif
#endif
