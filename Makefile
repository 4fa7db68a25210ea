# All that is done with the project, in one place. `make deps` installs what is missing from Debian; the others call it.
SWIFT ?= swift
PREFIX ?= /usr/local
CHECKS = --explicit-target-dependency-import-check error
RELEASE = -c release --static-swift-stdlib --scratch-path .build-release
PROGRAM = .build-release/release/phonefleet
SOURCES = Sources Tests Benchmarks Fuzz Package.swift

.PHONY: help deps build release demo test smoke lint format reference bench kills flood fuzz install uninstall clean

help: ## print this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## install the Debian packages that are missing
	@scripts/install-deps

build: deps ## build for debugging
	$(SWIFT) build $(CHECKS)

release: deps ## build the program as it is installed
	$(SWIFT) build $(RELEASE) --product phonefleet

demo: release ## a whole roll-out on virtual phones, nothing to configure
	@$(PROGRAM) demo $(DEMO)

test: deps ## all tests
	@scripts/test

smoke: deps ## the fast tests only: values, no sockets, no processes
	$(SWIFT) test $(CHECKS) --filter 'DeploymentModelTests|ManagementXMLTests'

lint: ## check format and style
	$(SWIFT) format lint --strict --parallel --recursive $(wildcard $(SOURCES))
	@scripts/check-tree

format: ## format all sources
	$(SWIFT) format --in-place --parallel --recursive $(wildcard $(SOURCES))

reference: build ## write the reference pages that are made from the program
	@scripts/write-command-reference.py .build/debug/phonefleet
	@.build/debug/phonefleet help codes >docs/reference/status-messages.md

bench: deps ## measure, beside the ceiling and a peer, in one run
	@scripts/bench $(BENCH)

kills: build ## kill what is done with phones at 200 random moments, and see that none is lost (KILLS=200)
	@PATH="$(CURDIR)/.build/debug:$$PATH" Tests/Peers/crash.py --kills $(or $(KILLS),200)
	@PATH="$(CURDIR)/.build/debug:$$PATH" Tests/Peers/rotation.py --kills $(or $(KILLS),200)
	@for what in deploy secure-mode renewal rotation; do PATH="$(CURDIR)/.build/debug:$$PATH" Tests/Peers/callers.py $$what --kills $(or $(KILLS),200) || exit 1; done
	@PATH="$(CURDIR)/.build/debug:$$PATH" Tests/Peers/trust.py --kills $(or $(KILLS),200)

flood: release ## phones that all call at one moment, alone and beside thousands of peers that are no phones
	@PATH="$(CURDIR)/$(dir $(PROGRAM)):$$PATH" Tests/Peers/flood.py --phones 5000 --silent 0
	@PATH="$(CURDIR)/$(dir $(PROGRAM)):$$PATH" Tests/Peers/flood.py

fuzz: deps ## a long run of the decoders' fuzzers
	@scripts/fuzz $(FUZZ)

install: release ## put the one program in place (PREFIX=/usr/local)
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 0755 $(PROGRAM) "$(DESTDIR)$(PREFIX)/bin/phonefleet"

uninstall: ## remove the program
	rm -f "$(DESTDIR)$(PREFIX)/bin/phonefleet"

clean: ## remove what was built
	rm -rf .build .build-release
