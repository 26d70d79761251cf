// SPDX-License-Identifier: Apache-2.0
#include "providers.hpp"

SYX_MODULE(&webrtc_vad, &webrtc_filter)
