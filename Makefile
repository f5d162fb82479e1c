# Everything is run from here; `make help` lists it.

SHELL := /bin/bash
.DEFAULT_GOAL := help

GOLANGCI_VERSION    := v2.15.0
GOFUMPT_VERSION     := v0.12.0
GOVULNCHECK_VERSION := v1.8.0

# Packages tested at once. Tests of several packages start a Postgres and a
# nats-server each, so more than two at once only wait for each other on small
# machines.
P ?= 2
# Longest time of one package's tests.
TEST_TIMEOUT ?= 15m
# What is tested.
PKG ?= ./...

# The toolchain; the target `go` says what is missing.
GO := go

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: go
go:
	@command -v $(GO) >/dev/null || { echo "Go is missing: install Go 1.26 or newer from https://go.dev/dl/ and put it into PATH" >&2; exit 1; }
	@$(GO) list -m >/dev/null || { echo "this Go ($$($(GO) env GOVERSION)) cannot build the module: it needs Go 1.26; install it, or allow GOTOOLCHAIN=auto to fetch it" >&2; exit 1; }

.PHONY: build
build: go ## build bin/weir
	$(GO) build -o bin/weir ./cmd/weir

.PHONY: up
up: build ## build and start everything (NATS, Postgres, engine); Ctrl-C stops it
	bin/weir up

.PHONY: test
test: go ## run all tests; a test skipped for a missing server or data fails
	@mkdir -p bin
	@set -o pipefail; $(GO) test -v -p $(P) -timeout $(TEST_TIMEOUT) $(PKG) 2>&1 | tee bin/test.log | awk -f .ci/summary.awk

.PHONY: race
race: go ## run all tests with the race detector (needs a C compiler)
	@command -v $${CC:-cc} >/dev/null || { echo "the race detector needs a C compiler, such as gcc" >&2; exit 1; }
	@mkdir -p bin
	@set -o pipefail; CGO_ENABLED=1 $(GO) test -v -race -p $(P) -timeout 60m $(PKG) 2>&1 | tee bin/race.log | awk -f .ci/summary.awk

.PHONY: lint
lint: go bin/golangci-lint ## check the style (golangci-lint, pinned)
	bin/golangci-lint run ./...

bin/golangci-lint: Makefile
	GOBIN=$(CURDIR)/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	@touch $@

.PHONY: fmt
fmt: go ## format the sources (gofumpt, pinned)
	$(GO) run mvdan.cc/gofumpt@$(GOFUMPT_VERSION) -l -w .

.PHONY: vet
vet: go ## go vet
	$(GO) vet ./...

.PHONY: vuln
vuln: go ## look for known vulnerabilities in what is called (govulncheck, pinned)
	$(GO) run golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION) ./...

.PHONY: bench
bench: go ## measure end to end against the JetStream floor; BENCH='-for 5s' for more flags
	$(GO) run ./bench $(BENCH)

.PHONY: microbench
microbench: go ## run every Go benchmark once, so that they keep working
	$(GO) test -p $(P) -run '^$$' -bench . -benchtime 1x ./...

FUZZTIME ?= 30s
.PHONY: fuzz
fuzz: go ## run each fuzz target for FUZZTIME (default 30s)
	@set -e; for pkg in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$pkg; \
	  done; \
	done

.PHONY: generate
generate: go ## write the generated pages of docs/ and README.md
	$(GO) run ./internal/docgen

.PHONY: verify
verify: go ## check that generated files and go.mod are up to date
	$(GO) run ./internal/docgen -check
	$(GO) mod verify
	$(GO) mod tidy -diff

SEEDS ?= 10000
.PHONY: seeds
seeds: go ## replay random models for SEEDS seeds (default 10000)
	WEIR_SEEDS=$(SEEDS) $(GO) test -count 1 -timeout 4h -run TestReplayProperty ./engine/

WAITING ?= 100000
.PHONY: signals
signals: go ## send one signal to WAITING waiting instances (default 100000)
	WEIR_WAITING=$(WAITING) $(GO) test -count 1 -v -timeout 30m -run TestSignalToManyWaiting ./engine/runner/

TCK ?= ../shared/tck
.PHONY: tck
tck: go ## run the DMN test kit in TCK (default ../shared/tck)
	WEIR_TCK=$(abspath $(TCK)) $(GO) test -count 1 -v -run 'TCK' ./dmn/ | grep -v -E '^ *(=== |--- PASS)'

.PHONY: conformance
conformance: go ## run the scenarios of conformance/, and of the folder SUITE if given, on the engine
	WEIR_CONFORMANCE=$(abspath $(SUITE)) $(GO) test -count 1 -run TestConformance ./engine/

.PHONY: clean
clean: ## remove what was built; data stays
	rm -rf bin
