# SPDX-License-Identifier: Apache-2.0
#
# Builds one plugin crate into $(OUT)/$(ID)/{plugin.so,plugin.json}. A plugin's Makefile sets ID, CRATE (the library's
# name in Cargo.toml) and, if it has any, DATA, then includes this file through SYRINX_SDK. CARGO and CARGO_TARGET_DIR
# may be set.

OUT ?= build
CARGO ?= cargo
TARGET ?= $(or $(CARGO_TARGET_DIR),target)
CC ?= cc

.PHONY: all clean
all: $(OUT)/$(ID)/plugin.so $(OUT)/$(ID)/plugin.json

# Cargo knows by itself what has changed. A new file under the name: one that is loaded must not change underneath its
# process.
.PHONY: cargo
cargo:
	$(CARGO) build --release --offline --quiet --target-dir $(TARGET)

$(OUT)/$(ID)/plugin.so: cargo
	@mkdir -p $(@D)
	cp $(TARGET)/release/lib$(CRATE).so $@.tmp
	mv $@.tmp $@

$(OUT)/$(ID)/plugin.json: plugin.json $(DATA)
	@mkdir -p $(@D)
	cp $< $@
	$(if $(strip $(DATA)),cp -r $(DATA) $(@D)/)

clean:
	rm -rf $(OUT)/$(ID) $(TARGET)

include $(SYRINX_SDK)/testing/try.mk
