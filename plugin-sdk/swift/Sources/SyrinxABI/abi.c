/* The ABI is a header alone; SwiftPM wants one source file in a C target. */
#include "syrinx_plugin.h"
