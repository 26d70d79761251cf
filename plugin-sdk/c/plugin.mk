# SPDX-License-Identifier: Apache-2.0
#
# Builds one plugin folder into $(OUT)/$(ID)/{plugin.so,plugin.json}. A plugin's Makefile sets
#
#   ID      the plugin's id, as in plugin.json
#   SRCS    its sources; a .cpp file makes the compiler g++
#   CPPFLAGS, LDLIBS   what its library needs (optional)
#   DATA    files and folders that belong beside plugin.so: models, voices (optional)
#
# and includes this file through SYRINX_SDK, the folder named plugin-sdk. All other variables have defaults:
# OUT, CC, CXX, CXXSTD, OPT, WARN, SAN (sanitizer flags; also lifts -z defs, since the sanitizer lives in the executable).

OUT ?= build
CXXSTD ?= c++20
OPT ?= -O2 -ftree-vectorize -g
WARN ?= -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wpointer-arith -Wformat=2 -Wundef -Wvla
SAN ?=

SYRINX_MAP := $(SYRINX_SDK)/c/plugin.map
SYRINX_HEADERS := $(wildcard $(SYRINX_SDK)/include/*.h $(SYRINX_SDK)/c/*.h $(SYRINX_SDK)/cpp/*.hpp $(SYRINX_SDK)/cpp/syrinx/*.hpp)

comma := ,
SYRINX_CPPFLAGS := -I$(SYRINX_SDK)/include -I$(SYRINX_SDK)/c -I$(SYRINX_SDK)/cpp $(CPPFLAGS)
# Hidden visibility and the version script keep bundled symbols private; -z defs finds a missing library at link
# time rather than at the customer's; no RUNPATH, no executable stack.
SYRINX_CFLAGS := $(OPT) $(WARN) -fPIC -fvisibility=hidden -ffile-prefix-map=$(CURDIR)=. $(SAN)
SYRINX_LDFLAGS := -shared -Wl,--version-script=$(SYRINX_MAP) -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed \
                  $(if $(SAN),,-Wl$(comma)-z$(comma)defs) -pthread

ifneq ($(filter %.cpp,$(SRCS)),)
# A C++ plugin carries its own runtime; unique symbols would be shared between two versions of one plugin.
SYRINX_LINK = $(CXX) -std=$(CXXSTD) -fvisibility-inlines-hidden -fno-gnu-unique $(if $(SAN),,-static-libstdc++ -static-libgcc)
else
SYRINX_LINK = $(CC) -std=c11 -D_GNU_SOURCE
endif

.PHONY: all clean
all: $(OUT)/$(ID)/plugin.so $(OUT)/$(ID)/plugin.json

# One compiler call for the whole plugin: it is small, and no object files are left beside the result.
$(OUT)/$(ID)/plugin.so: $(SRCS) $(wildcard $(foreach d,$(sort ./ $(dir $(SRCS))),$(d)*.h $(d)*.hpp)) $(SYRINX_HEADERS) $(SYRINX_MAP)
	@mkdir -p $(@D)
	$(SYRINX_LINK) $(SYRINX_CPPFLAGS) $(SYRINX_CFLAGS) $(SYRINX_LDFLAGS) -o $@.tmp $(SRCS) $(LDLIBS)
	mv $@.tmp $@

$(OUT)/$(ID)/plugin.json: plugin.json $(DATA)
	@mkdir -p $(@D)
	cp $< $@
	$(if $(strip $(DATA)),cp -r $(DATA) $(@D)/)

clean:
	rm -rf $(OUT)/$(ID)

include $(SYRINX_SDK)/testing/try.mk
