# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1 6.12 5.10
# vm: --file tools/demo/session
# The shipped rules detect every attack of the generator, and no record is lost.
sh session generate --report > /tmp/report 2>&1
status=$?
sed -n '/^SCENARIO/,/^\*\|^records/p' /tmp/report | grep -vE '^(SCENARIO|\*|records)' |
while read -r name rest; do
  case $rest in
    *' seen '*) echo "ok - $name" ;;
    *) echo "not ok - $name: $rest" ;;
  esac
done
grep -q ' 0 lost$' /tmp/report && echo "ok - nothing was lost" || echo "not ok - nothing was lost"
[ $status = 0 ] || cat /tmp/report
exit $status
