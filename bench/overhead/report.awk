# SPDX-License-Identifier: Apache-2.0
# Rows "STATE OPERATION INSTRUCTIONS" of several runs -> a table, kernel.json, and the verdicts.
BEGIN {
  # Maximum additional cost of a call. 0: not one instruction, as long as no rule asks for it.
  split("openat+close 1200 openat120+close 1800 connect+close 1200 fork+exec+wait 8000", b, " ")
  for (i = 1; i in b; i += 2) budget[b[i]] = b[i + 1]
  split("getppid read write epoll_wait futex sendto recvfrom pread", z, " ")
  for (i in z) free[z[i]] = 1
  # Each state has its own connection, and the path through TCP differs by a few instructions
  # between connections, with and without the module.
  noise["sendto"] = noise["recvfrom"] = 4
}
FNR == 1 {run++}
{
  key = $2 "/" $1
  if (!(key in value)) {
    value[key] = $3
    keys[++nkeys] = key
  } else if (value[key] != $3) {
    differs[key] = differs[key] " " $3
  }
  if (!($2 in known)) {
    known[$2] = 1
    names[++nnames] = $2
  }
}
function added(name, state) {
  return value[name "/" state] - value[name "/none"]
}
function verdict(name,    worst) {
  if (name in free && (added(name, "unasked") > noise[name] + 0 ||
                       added(name, "unasked") < -noise[name])) {
    over = 1
    return "OVER: must be 0 unasked"
  }
  if (!(name in budget))
    return name in free ? "ok: 0 unasked" (noise[name] ? ", within " noise[name] : "") : ""
  worst = added(name, "asked")
  if (added(name, "matched") > worst) worst = added(name, "matched")
  if (worst > budget[name]) over = 1
  return (worst > budget[name] ? "OVER: budget " : "ok: budget ") budget[name]
}
END {
  printf "\nInstructions on %s", kernel
  printf " (QEMU -icount; consumer stopped while the producer is measured)\n\n"
  printf "%-20s %10s %9s %9s %9s\n", "operation", "without", "unasked", "asked", "matched"
  for (i = 1; i <= nnames; i++) {
    n = names[i]
    printf "%-20s %10d %+9d %+9d %+9d  %s\n", n, value[n "/none"], added(n, "unasked"),
      added(n, "asked"), added(n, "matched"), verdict(n)
  }
  printf "[\n" > json
  for (i = 1; i <= nkeys; i++)
    printf "  {\"case\": \"%s\", \"unit\": \"instructions\", \"value\": %d}%s\n", keys[i],
      value[keys[i]], (i < nkeys ? "," : "") > json
  printf "]\n" > json
  close(json)
  for (k in differs) {
    ndiffer++
    print "\nthe runs differ at " k ": " value[k] differs[k]
  }
  if (ndiffer) print "The runs differ: something in the guest goes by the outside's time" \
    " (a wait for a device, or random numbers)."
  else print "\n" runs " runs agree to the instruction."
  print "written: " json
  exit (over || ndiffer) ? 1 : 0
}
