# Saker: `make help` lists the targets. Everything that is made lies in build/.
# SAN=address|undefined|thread builds userspace with that sanitizer, into build/SAN/.
CXX ?= g++
SAN ?=
B := build$(if $(SAN),/$(SAN))
STAGES := base capture decode enrich lang match output service
CXXFLAGS ?= -O2 -g
override CXXFLAGS += -std=c++20 -Wall -Wextra -Wpedantic -Werror -Iuserspace -Ikmod/uapi -MMD -MP \
	$(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer)
LDLIBS := -luring -lxxhash -lyaml-cpp -lre2 -pthread

STAGE_SRC := $(foreach s,$(STAGES),$(wildcard userspace/$(s)/*.cc))
DAEMON_SRC := $(wildcard userspace/service/main.cc)
LIB_SRC := $(filter-out $(DAEMON_SRC),$(STAGE_SRC))
SAKER_SRC := $(wildcard tools/saker/*.cc)
UNIT_SRC := $(wildcard tests/unit/*.cc tests/unit/*/*.cc)
obj = $(patsubst %.cc,$(B)/obj/%.o,$(1))

.PHONY: all unit clean
all: $(if $(DAEMON_SRC),build/sakerd) $(if $(SAKER_SRC),build/saker)

$(B)/obj/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) -c $< -o $@

$(B)/libsaker.a: $(call obj,$(LIB_SRC))
	@rm -f $@; ar rcs $@ $^

$(B)/sakerd: $(call obj,$(DAEMON_SRC)) $(B)/libsaker.a
	$(CXX) $(CXXFLAGS) $^ $(LDLIBS) -o $@
$(B)/saker: $(call obj,$(SAKER_SRC)) $(B)/libsaker.a
	$(CXX) $(CXXFLAGS) $^ $(LDLIBS) -o $@
$(B)/unit: $(call obj,$(UNIT_SRC)) $(B)/libsaker.a
	$(CXX) $(CXXFLAGS) $^ $(LDLIBS) -o $@

unit: $(B)/unit
	$(B)/unit

clean:
	rm -rf build

-include $(patsubst %.o,%.d,$(call obj,$(STAGE_SRC) $(SAKER_SRC) $(UNIT_SRC)))
