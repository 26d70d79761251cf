/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUITES_H
#define SUITES_H

void test_ring_small(void);
void test_ring_fuzz(unsigned seeds);
void test_ring_threads(unsigned messages);
void test_wire(unsigned seeds);
#endif
