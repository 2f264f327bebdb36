# The door to the project. `make help` says what there is; `.ci/run` calls the same targets.

CARGO ?= cargo
TARGET := x86_64-unknown-linux-gnu
CARGO_DENY := 0.20.2
# Changed inputs for the slowest fuzz target; the faster ones get twenty times as many.
ROUNDS ?= 20000

.DEFAULT_GOAL := help
.PHONY: help demo test lint deny advisories fuzz libfuzzer release bench scaling torture-replicas

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: ## Build, start a daemon in a temporary folder, load, tag and show an image; STAGING=1: stage it
	$(if $(STAGING),scripts/install-test-needs)
	$(CARGO) build --profile demo --no-default-features --locked -p sockerless
	STAGING=$(STAGING) scripts/demo $${CARGO_TARGET_DIR:-target}/demo/sockerless

test: ## Install what the tests need (Debian packages, PyPI, npm, Go modules) and run all tests
	scripts/install-test-needs
	$(CARGO) test --locked --workspace

lint: deny ## Formatting, clippy, documentation; licences, bans and sources of dependencies
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets --features sockerless-fuzz/targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --workspace --no-deps

deny: # Part of lint
	@$(CARGO) deny --version 2>/dev/null | grep -qF ' $(CARGO_DENY)' || \
		{ echo 'Installing cargo-deny $(CARGO_DENY), once: some minutes'; \
		$(CARGO) install --quiet --locked cargo-deny --version $(CARGO_DENY); }
	$(CARGO) deny --locked check --hide-inclusion-graph bans licenses sources

advisories: deny ## Known security holes of dependencies; fetches the RustSec database from GitHub
	$(CARGO) deny --locked check advisories

fuzz: ## A short run of every fuzz target, the same each time; on any toolchain
	FUZZ_ROUNDS=$(ROUNDS) $(CARGO) test --locked --workspace --test short

libfuzzer: ## A long run of one: make libfuzzer FUZZ=route SECONDS=600; needs nightly and cargo-fuzz
	scripts/libfuzzer $(or $(FUZZ),archive_read) $(or $(SECONDS),60)

# Packed relocations make it 0.4 MB smaller; they want glibc 2.36, of 2022, or newer to build with.
STATIC := -C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs

release: ## One static binary for x86_64 Linux
	CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS='$(STATIC)' \
		$(CARGO) build --release --locked -p sockerless --target $(TARGET)
	scripts/check-static $${CARGO_TARGET_DIR:-target}/$(TARGET)/release/sockerless

# dockerd and podman want root. ROUNDS is 3 here, unless somebody gives it.
BENCH_FOLDER := $(or $(CARGO_TARGET_DIR),target)
BENCH_SUDO := $(if $(filter-out 0,$(shell id -u)),sudo)

bench: ## Beside dockerd, podman and skopeo, into docs/benchmark.md; a part: WORKS=load,stage ROUNDS=1
	scripts/install-bench-needs
	$(CARGO) build --release --locked -p sockerless -p sockerless-bench
	$(BENCH_SUDO) $(BENCH_FOLDER)/release/sockerless-bench run \
		--sockerless $(BENCH_FOLDER)/release/sockerless --folder $(BENCH_FOLDER)/bench --report docs \
		$(addprefix --shipped ,$(wildcard $(BENCH_FOLDER)/$(TARGET)/release/sockerless)) \
		$(if $(filter-out file,$(origin ROUNDS)),--rounds $(ROUNDS)) \
		$(addprefix --works ,$(WORKS)) $(addprefix --tags ,$(TAGS)) $(addprefix --images ,$(IMAGES))
	$(if $(BENCH_SUDO),sudo chown -R "$$(id -u):$$(id -g)" $(BENCH_FOLDER)/bench docs)

scaling: ## Daemons on one PostgreSQL, and one with 10 million names, into docs/scaling.md; less: NAMES=100000 ROUNDS=1
	scripts/install-test-needs
	$(CARGO) build --release --locked -p sockerless -p sockerless-bench
	$(BENCH_SUDO) $(BENCH_FOLDER)/release/sockerless-bench scale \
		--sockerless $(BENCH_FOLDER)/release/sockerless --folder $(BENCH_FOLDER)/bench --report docs \
		$(if $(filter-out file,$(origin ROUNDS)),--rounds $(ROUNDS)) $(addprefix --names ,$(NAMES))
	$(if $(BENCH_SUDO),sudo chown -R "$$(id -u):$$(id -g)" $(BENCH_FOLDER)/bench docs)

torture-replicas: ## Three daemons under clients and faults: MINUTES=30 SEED=1, into target/torture/report.md
	scripts/install-test-needs
	$(CARGO) build --release --locked -p sockerless -p sockerless-torture
	$(BENCH_FOLDER)/release/sockerless-torture --sockerless $(BENCH_FOLDER)/release/sockerless \
		--folder $(BENCH_FOLDER)/torture --minutes $(or $(MINUTES),30) $(if $(SEED),--seed $(SEED))
