/* SPDX-License-Identifier: Apache-2.0
 *
 * The module's table out of the helper's messages. Every text is copied and NUL-terminated: what the helper says about
 * a plugin is checked again by whoever reads the table, as if the module were in this process. */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *copy(syx_str text) {
    char *copied = malloc(text.len + 1);
    if (!copied) return NULL;
    memcpy(copied, text.ptr, text.len);
    copied[text.len] = 0;
    return copied;
}

static bool take_head(syrinx_helper *helper, syrinx_cursor body) {
    syrinx_wire_module wire;
    syx_str texts[2];
    if (helper->descriptors || !syrinx_take(&body, &wire, sizeof wire)
        || !syrinx_take_strings(&body, &wire.strings, 2, texts) || wire.count < 1 || wire.count > 64)
        return false;
    helper->build_info = copy(texts[0]);
    helper->confinement = copy(texts[1]);
    helper->descriptors = calloc(wire.count, sizeof *helper->descriptors);
    helper->proxies = calloc(wire.count, sizeof *helper->proxies);
    helper->expected = wire.count;
    helper->module = (syx_module){.magic = SYX_MAGIC, .struct_size = SYX_SIZEOF(syx_module, plugins),
        .abi_major = wire.abi_major, .abi_minor = wire.abi_minor, .n_plugins = wire.count,
        .build_info = helper->build_info, .plugins = helper->descriptors};
    return helper->build_info && helper->confinement && helper->descriptors && helper->proxies;
}

static void set_functions(syx_plugin_vt *vt, uint32_t has) {
    *vt = host_proxy_vt;
    if (!(has & SYRINX_HAS_HEALTH)) vt->health = NULL;
    if (!(has & SYRINX_HAS_HANDLE)) vt->handle = NULL;
    if (!(has & SYRINX_HAS_PROCESS)) vt->process = NULL;
    if (!(has & SYRINX_HAS_RESET)) vt->reset = NULL;
}

static bool take_descriptor(syrinx_helper *helper, uint32_t index, syrinx_cursor body) {
    syrinx_wire_descriptor wire;
    syx_str texts[9];
    if (!helper->descriptors || index != helper->told || index >= helper->expected
        || !syrinx_take(&body, &wire, sizeof wire) || !syrinx_take_strings(&body, &wire.strings, 9, texts))
        return false;
    proxy_descriptor *proxy = &helper->proxies[index];
    proxy->helper = helper;
    proxy->index = index;
    for (int i = 0; i < 9; i++)
        if (!(proxy->texts[i] = copy(texts[i]))) return false;
    set_functions(&proxy->vt, wire.has);
    proxy->desc = (syx_plugin_desc){.struct_size = SYX_SIZEOF(syx_plugin_desc, vt), .kind = wire.kind,
        .flags = wire.flags, .max_sessions = wire.max_sessions, .id = proxy->texts[0], .version = proxy->texts[1],
        .name = proxy->texts[2], .vendor = proxy->texts[3], .license = proxy->texts[4],
        .config_schema = wire.has & SYRINX_HAS_CONFIG_SCHEMA ? proxy->texts[5] : NULL,
        .session_schema = wire.has & SYRINX_HAS_SESSION_SCHEMA ? proxy->texts[6] : NULL, .caps_json = proxy->texts[7],
        .metrics_json = wire.has & SYRINX_HAS_METRICS ? proxy->texts[8] : NULL, .vt = &proxy->vt};
    helper->descriptors[index] = &proxy->desc;
    helper->told++;
    return true;
}

bool host_take_module(syrinx_helper *helper, const syrinx_head *head, syrinx_cursor body) {
    return head->slot == 0 ? take_head(helper, body) : take_descriptor(helper, head->slot - 1, body);
}

bool host_take_failure(syrinx_helper *helper, syrinx_cursor body) {
    syrinx_wire_strings lengths;
    syx_str texts[2];
    if (!syrinx_take(&body, &lengths, sizeof lengths) || !syrinx_take_strings(&body, &lengths, 2, texts)) return false;
    snprintf(helper->failure_code, sizeof helper->failure_code, "%.*s", (int)(texts[0].len & 63), texts[0].ptr);
    snprintf(helper->failure, sizeof helper->failure, "%.*s", (int)(texts[1].len < 500 ? texts[1].len : 500),
        texts[1].ptr);
    helper->failed = true;
    return true;
}

void host_free_table(syrinx_helper *helper) {
    for (uint32_t i = 0; helper->proxies && i < helper->expected; i++)
        for (int text = 0; text < 9; text++) free(helper->proxies[i].texts[text]);
    free(helper->proxies);
    free(helper->descriptors);
    free(helper->build_info);
    free(helper->confinement);
}
