#include "bound_test.h"
void test_refusals(void){}
