/* SPDX-License-Identifier: Apache-2.0
 *
 * Every check's function; registryTable.c says what each is for. */
#ifndef CHECKS_H
#define CHECKS_H
#include "check.h"

#define CK_FUNCTIONS(X)                                                                                                   \
    X(static_machine) X(static_exports) X(static_unique) X(static_needed) X(static_resolved) X(static_stack)              \
    X(static_textrel) X(static_runpath) X(static_writable_code) X(static_relro) X(static_tls) X(static_swift)             \
    X(static_processes) X(static_clocks) X(static_network) X(static_manifest) X(static_folder)                            \
    X(entry_loads) X(entry_pure) X(entry_head) X(entry_table) X(entry_names) X(entry_functions) X(entry_duplicates)       \
    X(entry_schemas) X(entry_caps) X(entry_metrics) X(entry_manifest) X(entry_extension) X(entry_init)                    \
    X(entry_exact_host) X(entry_newer_host) X(entry_threads) X(entry_exit) X(entry_twice) X(entry_process_state)          \
    X(config_defaults) X(config_examples) X(config_valid) X(config_invalid) X(config_broken) X(config_huge)               \
    X(config_enums) X(config_bounds) X(config_secret) X(config_refusals) X(config_options) X(config_bad_options)          \
    X(config_formats) X(config_two) X(config_reconfigure) X(config_health) X(config_data_dir)                             \
    X(life_providers) X(life_sessions) X(life_memory) X(life_provider_memory) X(life_kill_points) X(life_silence)                              \
    X(life_interleaved) X(life_drain) X(life_reset) X(life_idle) X(life_limit) X(life_joined) X(life_neighbour)           \
    X(life_repeatable)                                                                                                    \
    X(thread_wandering) X(thread_cancel) X(thread_ctl_time) X(thread_not_blocked) X(thread_parallel) X(thread_per_session)\
    X(thread_signals) X(thread_run_refused) X(thread_providers)                                                           \
    X(rt_malloc) X(rt_lock) X(rt_syscall) X(rt_time) X(rt_levels) X(rt_in_place) X(rt_canaries) X(rt_formats) X(rt_gaps)  \
    X(rt_bad_frames) X(rt_echo) X(rt_result) X(rt_small_out) X(rt_denormal)                                               \
    X(stream_terminals) X(stream_cancel) X(stream_cancel_silence) X(stream_cancel_odd) X(stream_overlap) X(stream_credit) \
    X(stream_room) X(stream_no_spin) X(stream_events) X(stream_utf8) X(stream_odd_text) X(stream_unknown)                 \
    X(stream_order) X(stream_empty) X(stream_long) X(stream_many) X(stream_confidence) X(stream_marks) X(stream_usage)    \
    X(stream_emit_fails) X(stream_partials)                                                                               \
    X(robust_events) X(robust_frames) X(robust_json) X(robust_processes) X(robust_output) X(robust_files)                 \
    X(robust_network) X(robust_environment) X(robust_no_stdio) X(robust_no_services) X(robust_clock)

#define CK_DECLARE(name) void check_##name(ck *);
CK_FUNCTIONS(CK_DECLARE)
#undef CK_DECLARE
#endif
