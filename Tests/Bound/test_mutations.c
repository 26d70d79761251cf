#include "bound_test.h"
void test_mutations(void){}
