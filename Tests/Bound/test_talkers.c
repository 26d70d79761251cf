#include "bound_test.h"
void test_talkers(void){}
