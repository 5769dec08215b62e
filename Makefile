# SPDX-License-Identifier: GPL-2.0-or-later
# Kbuild builds the modules by itself (make -C KDIR M=$PWD modules); this adds user space, checks,
# tests and installation.

# Kernel build folder for modules, modules_install: the running kernel's unless given.
KDIR    ?= /lib/modules/$(shell uname -r)/build
PREFIX  ?= /usr/local
DESTDIR ?=
O       ?= $(CURDIR)/build/userspace
export PREFIX DESTDIR

RIG := selftests/rig

.DEFAULT_GOAL := help
.PHONY: help all modules userspace check test test-all test-qemu test-list fuzz soak-fuzz demo generate bench bench-l4 \
	bench-sniff bench-relay bench-checks bench-http bench-l4-scale bench-report install modules_install clean

help: ## show this list
	@sed -n 's/^\([a-z0-9%_-]*\):[^#]*## /\1\t/p' Makefile | expand -t 18
	@echo
	@echo 'variables: KDIR (kernel to build modules for), PREFIX, DESTDIR,'
	@echo '           T=PATTERN and TARGET="NAME..." (for test, test-all, test-qemu)'

all: modules userspace ## build the modules for KDIR and the user space, on this host

modules: ## build the modules for KDIR
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

userspace: ## build the user space
	$(MAKE) -C userspace O=$(O) all

check: ## run the static checks (in the rig's root tree)
	selftests/check/run

test: ## run the unit tests, and selftests on Debian's 6.12 kernel
	selftests/run-tests --set test $(if $(TARGET),--target "$(TARGET)") $(T)

test-all: ## run test, then all on the UML debug kernel and a choice on 7.x
	selftests/run-tests --set all $(if $(TARGET),--target "$(TARGET)") $(T)

test-qemu: ## run all selftests that need a guest on Debian's 6.12 kernel, 10 minutes without KVM
	selftests/run-tests --target "$(or $(TARGET),qemu-6.12)" --anywhere $(T)

test-list: ## list the tests, their targets and what they are about
	@selftests/run-tests --list $(T)

fuzz: ## fuzz the parsers for a minute each (T=NAME for one; make soak-fuzz: an hour)
	selftests/fuzz/run $(T)

soak-fuzz:
	selftests/fuzz/run --seconds 3600 $(T)

# The daemon with AddressSanitizer, on the debug kernel.
soak-daemon-reload:
	$(RIG)/in-root -- $(MAKE) -s -C userspace O=/src/build/asan SANITIZE=1 all
	SLUICE_LONG=1 selftests/run-tests --target "$(or $(TARGET),uml-debug)" --exact daemon-reload

# The same in user space, on this host's kernel: ten minutes, an upgrade every half a minute.
soak-proxy-life:
	$(RIG)/in-root -- $(MAKE) -s -C userspace O=/src/build/asan SANITIZE=1 all tools
	$(RIG)/in-root -- env SLUICED=/src/build/asan/sluiced unshare --net selftests/http/life.py 600 30

# 10 GB of each kind, what is slow and what comes 50 at once smaller: half an hour, of the release build.
soak-proxy-body:
	$(RIG)/in-root -- $(MAKE) -s -C userspace O=/src/build/userspace all tools
	$(RIG)/in-root -- env SLUICED=/src/build/userspace/sluiced unshare --net \
		selftests/http/body.py 10000 2000 1000 120

soak-%: ## run the long form of one selftest (make soak-NAME)
	SLUICE_LONG=1 selftests/run-tests --target "$(or $(TARGET),qemu-6.12)" \
		$(if $(filter host native unit,$(TARGET)),,--anywhere) --exact $*

demo: ## balance real HTTP and DNS traffic in a guest, and show it
	$(RIG)/run qemu-6.12 -- /src/selftests/demo/demo.sh

generate: ## write anew what is generated, as from the netlink specification
	tools/generate

bench: ## measure a UDP packet beside the kernel's own balancer, 1 minute
	selftests/bench/run

bench-l4: ## measure Layer 4 beside its peers, 10 minutes; writes build/bench/l4.json
	selftests/bench/l4

bench-l4-scale: ## measure ten million connections and expiry, 10 minutes, 12 GB of memory
	selftests/bench/l4-scale

bench-sniff: ## measure routing by the first bytes beside HAProxy, 2 minutes; writes build/bench/sniff.json
	selftests/bench/sniff

bench-relay: ## measure requests through stratum relay beside HAProxy and nginx, 3 minutes; writes build/bench/relay.json
	selftests/bench/relay

bench-checks: ## measure what health checks cost beside HAProxy, 2 minutes; writes build/bench/checks.json
	selftests/bench/checks

bench-http: ## measure HTTP through stratum proxy beside HAProxy and nginx, 5 minutes; writes build/bench/http.json
	selftests/bench/http $(BENCH)

bench-report: ## write Documentation/benchmarks/ from what was measured last
	selftests/bench/write-report

install: modules_install ## install modules, user space and manual pages (DESTDIR, PREFIX)
	$(MAKE) -C userspace O=$(O) install

modules_install:
	$(MAKE) -C $(KDIR) M=$(CURDIR) $(if $(DESTDIR),INSTALL_MOD_PATH=$(DESTDIR)) modules_install

clean: ## remove everything built in the checkout (the rig's caches stay)
	rm -rf build
	[ ! -d $(KDIR) ] || $(MAKE) -C $(KDIR) M=$(CURDIR) clean
