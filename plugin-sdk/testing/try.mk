# SPDX-License-Identifier: Apache-2.0
#
# `make test`: builds the plugin and holds a short conversation with it through a fake host, in virtual time. Included
# by the build files of the languages; VERBOSE=1 shows the plugin's log.

SYRINX_TRY := .build/try

$(SYRINX_TRY): $(wildcard $(SYRINX_SDK)/testing/*.c $(SYRINX_SDK)/testing/*.h)
	@mkdir -p $(@D)
	$(CC) -O1 -g -std=c11 -D_GNU_SOURCE -I$(SYRINX_SDK)/include -I$(SYRINX_SDK)/c -o $@ $(filter %.c,$^) -ldl -lm -pthread $(SAN)

.PHONY: test
test: all $(SYRINX_TRY)
	$(SYRINX_TRY) $(OUT)/$(ID)/plugin.so $(CONFIG_JSON)
