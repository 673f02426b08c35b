# SPDX-License-Identifier: Apache-2.0
# kernels: 6.1
# vm: --timeout 900 --mem 1536
# shared: data/falco_rules.yaml data/falco-incubating_rules.yaml data/falco-sandbox_rules.yaml
# Each action of Falco's event-generator makes its rule of the official files alert, live.
. ./lib.sh
modprobe saker || { bad "the module loads" ""; exit 1; }
sakerd -o rule_matching=all -o 'rules[]={"enable": {"rule": "*"}}' \
  -r falco_rules.yaml -r falco-incubating_rules.yaml -r falco-sandbox_rules.yaml \
  > /run/out 2> /run/err &
sakerd=$!
await "saker status > /dev/null 2>&1"
saker generate --official --timeout 40 > /run/table
cat /run/table
saker generate --official --list | while read -r action _; do
  row=$(grep "^$action " /run/table | tail -n 1)
  case $row in
    *' seen '*) echo "ok - $action" ;;
    *' skipped '*)
      why=$(grep -A1 "^$action " /run/table | tail -n 1 | sed 's/^ *//')
      echo "ok - $action # SKIP $why"
      ;;
    *) echo "not ok - $action"; grep -A4 "^$action:" /run/table | cut -c 1-300 ;;
  esac
done
kill $sakerd
wait $sakerd
