// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "syrinx_c.h"

extern const syx_plugin_desc webrtc_vad;
extern const syx_plugin_desc webrtc_filter;
