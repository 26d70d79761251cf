/* SPDX-License-Identifier: Apache-2.0
 *
 * The plugins here are sound, except for one fault that the build chooses: -DFAULT=leak makes FAULT_IS(leak) true. */
#ifndef FAULT_H
#define FAULT_H

#define FAULT_NUMBERS(X)                                                                                             \
    X(none) X(export) X(unique) X(unresolved) X(constructor_thread) X(constructor_signal) X(magic) X(major)          \
    X(short_descriptor) X(impure) X(schema) X(caps) X(duplicate) X(reads_behind) X(exact_size) X(exit_crash)         \
    X(extension) X(default_refused) X(invalid_crash) X(secret) X(refusal_leak) X(rate_zero) X(recursion)             \
    X(provider_fd) X(session_leak) X(unchecked) X(unchecked_provider) X(hidden_global) X(thread_left) X(neighbour)   \
    X(no_reset) X(thread_local) X(flush_to_zero) X(rt_malloc) X(rt_lock) X(rt_syscall) X(probability) X(in_place)    \
    X(overrun) X(writes_in) X(rate_listed) X(discont) X(bad_frame) X(echo) X(result) X(small_out) X(event_crash)     \
    X(starts_process) X(writes_file) X(opens_socket) X(working_folder) X(ends_process) X(hangs) X(unknown_event)     \
    X(aborts) X(no_services) X(writes_output) X(exit_hang)                                                           \
    X(no_terminal) X(two_terminals) X(stray_terminal) X(cancel_ignored) X(late_audio) X(cancels_all) X(loses_audio)  \
    X(loses_terminal) X(spins) X(wrong_event) X(not_utf8) X(empty) X(marks) X(after_close) X(run_lost) X(no_drained) \
    X(json_crash) X(cancel_crash) X(per_session_thread) X(blocks)

enum fault_number {
#define FAULT_NUMBER(name) FAULT_##name,
    FAULT_NUMBERS(FAULT_NUMBER)
#undef FAULT_NUMBER
};

#ifndef FAULT
#define FAULT none
#endif
#define FAULT_PASTE_(a, b) a##b
#define FAULT_PASTE(a, b) FAULT_PASTE_(a, b)
#define FAULT_IS(name) (FAULT_PASTE(FAULT_, FAULT) == FAULT_##name)

/* A crash, a thread that never goes on, and the use of memory that was never tested, that no compiler removes. */
__attribute__((unused)) static void fault_crash(void) { *(volatile int *)8 = 1; }
__attribute__((unused)) static void fault_hang(void) { for (volatile int forever = 1; forever;) continue; }
__attribute__((unused, noinline)) static void fault_touch(volatile void *memory) {
    __asm__ volatile("" : "+r"(memory));
    *(volatile char *)memory = 0;
}
#endif
