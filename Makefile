# SPDX-License-Identifier: Apache-2.0
# Saker: `make help` lists the targets. Everything is built in build/.
# SAN=address|undefined|thread builds userspace with that sanitizer, into build/SAN/. V=1 prints
# each command.
CXX ?= g++
# Where ccache is installed, a file that was compiled before, in any folder, is not compiled again.
# CCACHE=: without it.
CCACHE ?= $(shell command -v ccache)
export CCACHE_SLOPPINESS = pch_defines,time_macros
export CCACHE_NOHASHDIR = 1
export CCACHE_DEPEND = 1
SAN ?=
B := build$(if $(SAN),/$(SAN))
STAGES := base capture decode enrich fields lang match output recording run scap service web
# Where a sanitizer has changed the code GCC warns of uninitialized values that are none. GCC does
# not collect its garbage before it has a gibibyte: it takes 7 % less time and a tenth more memory.
# -g1 is enough for line numbers in backtraces; for a debugger use CXXFLAGS='-Og -g'.
CXXFLAGS ?= -O2 -g1
override CXXFLAGS += -std=c++20 -Wall -Wextra -Wpedantic -Werror -Iuserspace -Ikmod/uapi -MMD -MP \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer \
	  -Wno-maybe-uninitialized) \
	$(if $(findstring clang,$(CXX)),,--param ggc-min-heapsize=1048576)
# No record passes through the tools, the tests, the page, or what reads configuration, rules and
# descriptions of containers: these are optimized less, which takes the compiler a third less time.
LESS := $(addprefix $(B)/obj/,tests/%.o tools/%.o userspace/service/%.o userspace/web/%.o \
	userspace/lang/read/%.o userspace/lang/describe.o userspace/recording/schema.o \
	$(patsubst %,userspace/enrich/%.o,bolt_file container_files container_json \
	  container_reader container_spec container_store json_walk) \
	$(patsubst %,userspace/output/kinds/%.o,kind kind_rows recipe_reader google_credentials) \
	$(patsubst %,userspace/output/sinks/%.o,authorizer policy_report policy_report_peer) \
	userspace/capture/diagnose.o userspace/run/open_sinks.o less.h.gch)
$(LESS): private override CXXFLAGS += -O1
# The headers that most files include are compiled once for each of the two levels. PRECOMPILED=:
# not at all.
PRECOMPILED ?= yes
# GCC 12 then warns of std::string's own code: false warnings, which it suppresses for headers that
# it reads as text.
precompiled = $(if $(PRECOMPILED),-include $(B)/obj/$(if $(filter $(LESS),$@),less,most).h \
	-Wno-array-bounds -Wno-stringop-overflow -Wno-restrict -Wno-unknown-warning-option)
LDLIBS := -luring -lxxhash -lyaml-cpp -lre2 -lz -lzstd -lcap-ng -lseccomp -pthread
# Of the page alone; what else is linked does not use it.
WEB_LIBS := -lsqlite3 -lssl -lcrypto

STAGE_SRC := $(foreach s,$(STAGES),$(wildcard userspace/$(s)/*.cc userspace/$(s)/*/*.cc))
# The recipes of outputs, as C++.
RECIPES := build/gen/recipe_files.cc
# The files of the page, likewise.
ASSETS := build/gen/web_assets.cc
DAEMON_SRC := $(wildcard userspace/service/main.cc)
WEB_SRC := $(wildcard userspace/web/main.cc)
LIB_SRC := $(filter-out $(DAEMON_SRC) $(WEB_SRC),$(STAGE_SRC)) $(RECIPES) $(ASSETS)
SAKER_SRC := $(wildcard tools/saker/*.cc tools/saker/*/*.cc)
UNIT_SRC := $(wildcard tests/unit/*.cc tests/unit/*/*.cc tests/unit/*/*/*.cc)
FUZZ_SRC := $(wildcard tests/fuzz/*.cc)
PROGRAMS := $(if $(DAEMON_SRC),$(B)/sakerd) $(if $(SAKER_SRC),$(B)/saker) \
	$(if $(WEB_SRC),$(B)/saker-web)
obj = $(patsubst %.cc,$(B)/obj/%.o,$(1))
# $(call say,WHAT,FILE): one short line instead of the command, unless V=1.
V ?=
GDB_PORT ?= 1234
Q := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-4s %s\n' $(1) $(2))

.PHONY: all help deps deps-run kmod run shell debug-vm test test-sanitizers check unit spool-kills \
	flood guest fuzz install uninstall clean deb rpm dist image appliance appliance-test \
	test-kubernetes test-packages test-servers
.DEFAULT_GOAL := all
all: $(PROGRAMS) ## build sakerd and saker

help: ## this list
	@sed -n 's/^\([a-z_.-]*\):.*## \(.*\)/\1	\2/p' $(MAKEFILE_LIST) | \
	  while IFS='	' read -r t d; do \
	  printf '  make %-21s %s\n' "$$t" "$$d"; done
	@echo '  SAN=address|undefined|thread with all, unit and test: userspace with' \
	  'that sanitizer'

deps: ## install the Debian packages that are missing (tools/deps), as root
	@tools/install-deps

kmod: ## build the module for the running kernel, or for the VM's (KDIR=: another build tree)
	@tools/build-kmod $(KDIR)

deps-run: # packages for building and for the VM, without the servers of the tests
	@tools/install-deps build vm
run: deps-run ## the sensor at work: attacks and alerts, on this kernel or in a VM
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@tools/demo/place generate
shell: deps-run ## a shell beside the running sensor
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@tools/demo/place shell
debug-vm: all ## a guest with the module loaded, for attaching gdb (GDB_PORT=1234)
	@QEMU_EXTRA="-gdb tcp:127.0.0.1:$(GDB_PORT)" APPEND=nokaslr \
	  tools/vm/run --tty --timeout 86400 \
	  --env GDB=localhost:$(GDB_PORT) --env MODULE="$$(tools/vm/module 6.1)" tools/vm/debug
compile_commands.json: Makefile ## for clangd and other tools that read C++
	@tools/compile-commands > $@

test: deps ## everything: unit tests, structure, tests in the VM
	@tests/run $(SUITES)
test-sanitizers: deps ## unit tests and replays under each sanitizer; an hour (SANITIZERS=thread)
	@for s in $(or $(SANITIZERS),address undefined thread); do \
	  SAN=$$s CXXFLAGS='-O1 -g1' tests/run unit $(SANITIZED) || exit 1; done
check: ## the structure of the source
	@tests/run check
unit: $(B)/unit ## build and run the unit tests
	$(B)/unit

spool-kills: $(B)/unit ## a spool, killed 1,000 times (KILLS=) at work: what it acknowledged arrives
	SPOOL_KILLS=$(or $(KILLS),1000) $(B)/unit -tc='spool kill*' -s
flood: $(B)/unit ## 500,000 alerts a second for a minute (SECONDS=): no Critical one is missing
	SAKER_FLOOD_SECONDS=$(or $(SECONDS),60) $(B)/unit -tc='flood*' -s
fuzz: $(patsubst tests/fuzz/%.cc,build/fuzz/%,$(FUZZ_SRC)) ## run every fuzzer SECONDS=20 long
	@tests/run-fuzz $(or $(SECONDS),20) $^

deb: deps ## the Debian packages, in build/deb/
	@tools/packaging/deb
rpm: all ## packages for distributions with rpm, in build/rpm/
	@tools/packaging/rpm --prebuilt
dist: ## the source as a tarball, in build/dist/
	@tools/packaging/dist
image: all ## the container image (OCI archive), without Docker, in build/images/
	@tools/install-deps images && tools/kubernetes/image
appliance: all ## a disk image that is the sensor, in build/appliance/
	@tools/install-deps build vm images && tools/appliance/build
appliance-test: all ## it starts, is seeded, sees, is updated, and goes back; 10 minutes
	@tools/install-deps build vm images && tests/appliance/guest
test-kubernetes: all ## the pod of the chart in a guest, 3 minutes
	@tools/install-deps images && tests/kubernetes/guest
test-packages: deps ## upgrade in a Debian VM at work; compare two builds; bundles; 20 minutes
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@UPGRADE=1 tests/debian/run && tools/packaging/reproducible && \
	  KERNELS='6.1 6.12 5.10' tests/bundle/run
test-servers: all ## outputs against servers too large for every run: RabbitMQ, InfluxDB, of npm
	@tools/install-deps more-servers && SERVERS=more tests/run tests/outputs/run
install: all ## into DESTDIR, with the module registered with DKMS if that is installed
	@tools/packaging/install
uninstall: ## remove it again
	@tools/packaging/uninstall
clean: ## remove build/
	rm -rf build

$(ASSETS): tools/embed-page $(sort $(wildcard userspace/web/page/*))
	@mkdir -p $(@D)
	$(Q)$^ > $@
$(RECIPES): tools/embed-recipes $(sort $(wildcard userspace/output/recipes/*.yaml))
	@mkdir -p $(@D)
	$(Q)$^ > $@
$(B)/obj/%.o: %.cc $(if $(PRECOMPILED),| $(B)/obj/most.h.gch $(B)/obj/less.h.gch)
	@mkdir -p $(@D)
	$(call say,CXX,$<)
	$(Q)$(CCACHE) $(CXX) $(CPPFLAGS) $(CXXFLAGS) $(precompiled) -c $< -o $@
$(B)/obj/most.h.gch $(B)/obj/less.h.gch: userspace/base/precompiled.h
	@mkdir -p $(@D)
	$(call say,CXX,$@)
	$(Q)cp $< $(@:.gch=) && $(CCACHE) $(CXX) $(CPPFLAGS) $(CXXFLAGS) -x c++-header $< -o $@
$(B)/libsaker.a: $(call obj,$(LIB_SRC))
	$(call say,AR,$@)
	$(Q)rm -f $@; $(AR) rcs $@ $^
link = $(call say,LINK,$@)
$(B)/sakerd: $(call obj,$(DAEMON_SRC)) $(B)/libsaker.a
	$(link)
	$(Q)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(B)/saker: $(call obj,$(SAKER_SRC)) $(B)/libsaker.a
	$(link)
	$(Q)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@
$(B)/saker-web: $(call obj,$(WEB_SRC)) $(B)/libsaker.a
	$(link)
	$(Q)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) $(WEB_LIBS) -o $@
$(B)/unit: $(call obj,$(UNIT_SRC)) $(B)/libsaker.a
	$(link)
	$(Q)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) $(WEB_LIBS) -o $@
include bench/rules.mk tests/rules.mk

-include $(patsubst %.o,%.d,$(call obj,$(STAGE_SRC) $(SAKER_SRC) $(UNIT_SRC) $(BENCH_SRC) \
	$(OUTPUTS_SRC) $(REPLAY_SRC) $(HISTORY_SRC)) \
	$(patsubst %.cc,build/fuzz/obj/%.o,$(FUZZED_SRC)))
