# SPDX-License-Identifier: Apache-2.0
#
# Packs a bound plugin, which has no code to compile, into $(OUT)/$(ID)/. A plugin's Makefile sets ID and, if it has
# any, DATA: more files that belong beside bind.json.

OUT ?= build

.PHONY: all clean
all: $(OUT)/$(ID)/plugin.json $(OUT)/$(ID)/bind.json

# The manifest comes last: a folder without one is no plugin yet.
$(OUT)/$(ID)/plugin.json: plugin.json $(OUT)/$(ID)/bind.json
	cp $< $@

$(OUT)/$(ID)/bind.json: bind.json $(DATA)
	@mkdir -p $(@D)
	cp $< $@
	$(if $(strip $(DATA)),cp -r $(DATA) $(@D)/)

clean:
	rm -rf $(OUT)/$(ID)
