# SPDX-License-Identifier: Apache-2.0
# Programs of tests/ with sources of their own choice, a part of the Makefile above.
# Tests of programs that read foreign bytes, for the sanitizers.
SANITIZED := $(patsubst %,tests/%/run,golden recordings damage backtest explain faults follow options)
# Tests of code that several threads run, and the stages that they need, for ThreadSanitizer.
THREADS_SRC := tests/unit/main.cc $(wildcard $(patsubst %,tests/unit/%/*.cc,base capture enrich output output/spool run))
THREADS_LIB_SRC := $(filter-out userspace/scap/% userspace/service/% userspace/web/% build/gen/web%,$(LIB_SRC))

$(B)/unit-threads: $(call obj,$(THREADS_SRC) $(THREADS_LIB_SRC))
	$(link)
	$(Q)$(CXX) $(CXXFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@
# A directory service that the C library of the guest loads.
build/tests/libnss_test.so.2: tests/vm/names/module/nss_test.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) -O2 -Wall -Wextra -Werror -shared -fPIC $< -o $@
