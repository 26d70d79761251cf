# Syrinx: the front door. `make` alone lists the targets.
#
#   CONFIG=debug make build   a tree with debug binaries

CONFIG ?= release
DIST ?= dist

.PHONY: help run build test unit integration lint format bench soak check-plugins deps test-deps onnx clean

help:
	@echo "make run          install what is needed, build, make a spoken demonstration call, keep serving"
	@echo "make test         everything that must pass"
	@echo
	@echo "make build        a runnable tree in $(DIST)/: bin, plugins, etc   (CONFIG=debug for a debug one)"
	@echo "make unit         Swift tests alone             make integration   tests against running programs"
	@echo "make lint         formatting, layers, sizes     make format        write the formatting"
	@echo "make bench        the table of measured speeds  make soak          20,000 simulated calls"
	@echo "make deps         install the Debian packages   make clean         remove what was built"
	@echo "make onnx         install ONNX Runtime with Silero VAD and Smart Turn, and print their configuration"

deps:
	@scripts/install-deps

test-deps:
	@scripts/install-deps tests

build: deps
	@scripts/build-dist $(CONFIG) $(DIST)

run: build
	@exec $(DIST)/bin/syrinx serve --config $(DIST)/etc/syrinx.yaml --demo

test: test-deps lint
	@scripts/test

unit: test-deps
	@scripts/test unit

integration: deps
	@scripts/test integration

lint:
	@scripts/lint

format:
	@swift format --in-place --parallel --recursive Package.swift Sources Plugins Tests Benchmarks plugin-sdk

bench: build
	@scripts/bench

soak: deps
	@SYRINX_SEEDS=20000 swift test --filter SimulationTests

onnx:
	@scripts/setup-onnx

clean:
	@rm -rf .build .build-* $(DIST)
