# SPDX-License-Identifier: Apache-2.0
# Programs of tests/ with sources of their own choice, a part of the Makefile above.
# Tests of programs that read foreign bytes, for the sanitizers.
SANITIZED := $(patsubst %,tests/%/run,\
	golden recordings damage backtest explain faults follow options)
# Tests of code that several threads run, and the stages that they need, for ThreadSanitizer.
THREADS_SRC := tests/unit/main.cc $(wildcard $(addprefix tests/unit/,run/*.cc output/spool/*.cc \
	output/sinks/*.cc $(patsubst %,output/%.cc,backlog folder line_peer queued_sink) \
	$(patsubst %,enrich/%.cc,container_pods containers epochs pods table user_names) \
	base/count_allocations.cc base/fifo.cc base/log.cc capture/ring.cc))
THREADS_LIB_SRC := $(filter-out userspace/scap/% userspace/service/% userspace/web/% \
	build/gen/web%,$(LIB_SRC))

$(B)/unit-threads: $(call obj,$(THREADS_SRC) $(THREADS_LIB_SRC))
	$(link)
	$(Q)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@
# Static programs for the guest: each .c is a program build/tests/NAME, except that tests/events/ is
# one.
EVENTS_SRC := $(wildcard tests/events/*.c)
GUEST_SRC := $(wildcard tests/vm/*.c tests/vm/*/*.c bench/overhead/*.c)
# Ways around the sensor: one program, and a 32-bit one without a C library.
EVASION_SRC := $(filter-out %32.c,$(wildcard tests/evasion/*.c))
GUEST := build/tests/events build/tests/evasion build/tests/evasion32 \
	$(patsubst %.c,build/tests/%,$(notdir $(GUEST_SRC))) build/tests/libnss_test.so.2
guestcc = $(CC) -O2 -g -Wall -Wextra -Werror -Ikmod/uapi -static -pthread $(filter %.c,$^) \
	-luring -o $@

guest: $(GUEST)
vpath %.c $(sort $(dir $(GUEST_SRC)))
build/tests/events: $(EVENTS_SRC) $(wildcard tests/events/*.h kmod/uapi/saker/*)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(guestcc)
build/tests/evasion: $(EVASION_SRC) $(wildcard tests/evasion/*.h tests/events/int80.h)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(guestcc)
build/tests/evasion32: tests/evasion/program32.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) -m32 -O2 -Wall -Wextra -Werror -ffreestanding -nostdlib -static -fno-pie -no-pie \
	  -fno-stack-protector $< -o $@
build/tests/%: %.c $(wildcard tests/vm/*/*.h kmod/uapi/saker/*)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(guestcc)

# A directory service that the C library of the guest loads.
build/tests/libnss_test.so.2: tests/vm/names/module/nss_test.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) -O2 -Wall -Wextra -Werror -shared -fPIC $< -o $@

.PHONY: test-apiserver test-debug-kernel test-neighbours test-runtimes
test-runtimes: all ## containerd, Docker, systemd-nspawn and LXC in the VM, 5 minutes
	@tools/install-deps build vm test runtimes && tests/run runtimes
test-neighbours: all ## daemon and module with those of an earlier version, in the VM
	@TIMEOUT=3600 tests/run tests/neighbours/test
test-debug-kernel: all ## every event on a kernel that checks itself; builds that once, 20 minutes
	@TIMEOUT=3600 KERNELS=debug tests/run vm
test-apiserver: all ## chart and PolicyReports on a real kube-apiserver; builds it once, 10 minutes
	@tools/kubernetes/apiserver > /dev/null && tests/run tests/apiserver/test

# The fuzzers have a build of their own of what reads foreign bytes, made once, with coverage and
# with those checks that cost little to compile: it is built more often than it runs long.
FUZZ_CXX ?= clang++
FUZZ_FLAGS := -std=c++20 -O1 -fno-sanitize-recover=all -Iuserspace -Ikmod/uapi -MMD -MP \
	-fsanitize=address,bounds,shift,signed-integer-overflow,bool,enum \
	-fsanitize=unreachable,return,float-cast-overflow
FUZZ_LIB_SRC := $(filter-out $(addsuffix /%,$(addprefix userspace/,output run service web)) \
	build/gen/web%,$(LIB_SRC)) \
	$(wildcard userspace/service/config/*.cc userspace/output/kinds/*.cc) \
	$(addprefix userspace/output/,clock.cc escape.cc) \
	$(addprefix userspace/service/,channel.cc http_request.cc web_server.cc) \
	$(addprefix userspace/output/spool/,block_reader.cc block_writer.cc record.cc)
.SECONDARY: $(patsubst %.cc,build/fuzz/obj/%.o,$(FUZZ_SRC))
build/fuzz/obj/%.o: %.cc | build/fuzz/obj/most.h.pch
	@mkdir -p $(@D)
	$(call say,CXX,$@)
	$(Q)$(CCACHE) $(FUZZ_CXX) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link \
	  -include build/fuzz/obj/most.h -c $< -o $@
build/fuzz/obj/most.h.pch: userspace/base/precompiled.h
	@mkdir -p $(@D)
	$(call say,CXX,$@)
	$(Q)cp $< $(@:.pch=) && $(FUZZ_CXX) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link \
	  -Xclang -fno-pch-timestamp -x c++-header $(@:.pch=) -o $@
build/fuzz/libsaker.a: $(patsubst %.cc,build/fuzz/obj/%.o,$(FUZZ_LIB_SRC))
	$(call say,AR,$@)
	$(Q)rm -f $@; $(AR) rcs $@ $^
# Unit tests of that code, with the same build: the suite "bytes".
BYTES_SRC := tests/unit/main.cc tests/unit/base/count_allocations.cc $(wildcard $(patsubst \
	%,tests/unit/%/*.cc,decode enrich fields lang match output output/kinds recording scap \
	service service/config))
BYTES_LIB_SRC := $(filter-out $(FUZZ_LIB_SRC) userspace/web/% build/gen/web%,$(LIB_SRC))
FUZZED_SRC := $(FUZZ_LIB_SRC) $(FUZZ_SRC) $(BYTES_LIB_SRC) $(BYTES_SRC)
build/fuzz/unit-bytes: $(patsubst %.cc,build/fuzz/obj/%.o,$(BYTES_SRC) $(BYTES_LIB_SRC)) \
	build/fuzz/libsaker.a
	$(link)
	$(Q)$(FUZZ_CXX) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link $^ $(LDLIBS) $(WEB_LIBS) -o $@
build/fuzz/%: build/fuzz/obj/tests/fuzz/%.o build/fuzz/libsaker.a
	$(link)
	$(Q)$(FUZZ_CXX) $(FUZZ_FLAGS) -fsanitize=fuzzer $^ $(LDLIBS) -o $@
