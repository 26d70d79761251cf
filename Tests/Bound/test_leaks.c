#include "bound_test.h"
void test_leaks(void){}
