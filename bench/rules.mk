# SPDX-License-Identifier: Apache-2.0
# Targets and programs of bench/, a part of the Makefile above.
BENCH_SRC := $(wildcard bench/micro/*.cc)
OUTPUTS_SRC := $(wildcard bench/outputs/*.cc)
REPLAY_SRC := $(wildcard bench/replay/*.cc)
HISTORY_SRC := $(wildcard bench/history/*.cc)

.PHONY: bench bench-life bench-replay bench-kernel bench-latency bench-history bench-outputs \
	bench-page
bench: $(patsubst bench/micro/%.cc,build/bench/%,$(BENCH_SRC)) ## speed of each stage of userspace
	@for b in $^; do echo "$$b"; $$b || exit 1; done
bench-life: build/bench/life ## records of process life that a thread takes a second, by CPUs
	@$<
bench-replay: build/bench/replay $(B)/saker
bench-replay: ## cost of real events over the number of rules (FULL=1: all of it)
	@bench/replay/run
bench-kernel: all build/tests/overhead ## instructions that the module adds to system calls
	@bench/overhead/run
bench-history: build/bench/history
bench-history: ## a million alerts in the page's history: writing them, and filters over them
	@build/bench/history | tee build/bench/history.txt
	@tail -n 1 build/bench/history.txt > build/bench/history.json
bench-page: $(B)/saker-web ## the page's first view: its size, and the time until it shows alerts
	@bench/page/run
bench-outputs: build/bench/outputs
bench-outputs: ## alerts a second to a file, the spool, a web server; memory of dead outputs
	@build/bench/outputs
bench-latency: all ## from an attack to its alert, in the VM: time and instructions
	@bench/latency/run

build/bench/replay: $(call obj,$(REPLAY_SRC)) build/libsaker.a
	@mkdir -p $(@D)
	$(link)
	$(Q)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@
build/bench/history: $(call obj,$(HISTORY_SRC)) build/libsaker.a
	@mkdir -p $(@D)
	$(link)
	$(Q)$(CXX) $(CXXFLAGS) $^ $(LDLIBS) $(WEB_LIBS) -o $@
build/bench/outputs: $(call obj,$(OUTPUTS_SRC)) build/libsaker.a
	@mkdir -p $(@D)
	$(link)
	$(Q)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@
build/bench/%: build/obj/bench/micro/%.o build/libsaker.a
	@mkdir -p $(@D)
	$(link)
	$(Q)$(CXX) $(CXXFLAGS) $^ $(LDLIBS) -lbenchmark -o $@
