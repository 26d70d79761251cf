# SPDX-License-Identifier: Apache-2.0
#
# Builds one plugin package into $(OUT)/$(ID)/{plugin.so,plugin.json}. A plugin's Makefile sets ID, which is also the
# name of the package's dynamic library, and, if it has any, DATA, then includes this file through SYRINX_SDK. SWIFT,
# SYRINX_SWIFT_SCRATCH (SwiftPM's build folder) and SYRINX_DYNAMIC_RUNTIME (share the host's Swift runtime) may be set.

OUT ?= build
SWIFT ?= swift
SCRATCH ?= $(or $(SYRINX_SWIFT_SCRATCH),.build)
CC ?= cc
STRIP ?= strip
export SYRINX_SDK

.PHONY: all clean unit
all: $(OUT)/$(ID)/plugin.so $(OUT)/$(ID)/plugin.json

# SwiftPM knows by itself what has changed. A new file under the name: one that is loaded must not change underneath its
# process.
.PHONY: package
package:
	$(SWIFT) build -c release --quiet --scratch-path $(SCRATCH) --product $(ID)

$(OUT)/$(ID)/plugin.so: package
	@mkdir -p $(@D)
	$(STRIP) --strip-unneeded -o $@.tmp $(SCRATCH)/release/lib$(ID).so
	mv $@.tmp $@

$(OUT)/$(ID)/plugin.json: plugin.json $(DATA)
	@mkdir -p $(@D)
	cp $< $@
	$(if $(strip $(DATA)),cp -r $(DATA) $(@D)/)

# The package's own tests, through FakeHost.
unit:
	$(SWIFT) test --quiet --scratch-path $(SCRATCH)

clean:
	rm -rf $(OUT)/$(ID) $(SCRATCH)

include $(SYRINX_SDK)/testing/try.mk
