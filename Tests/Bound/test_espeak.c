#include "bound_test.h"
void test_espeak_bound(void){}
