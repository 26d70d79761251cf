/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"
void test_hostile(unsigned seeds) { (void)seeds; }
