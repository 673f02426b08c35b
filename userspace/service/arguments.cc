// SPDX-License-Identifier: Apache-2.0
#include "service/arguments.h"

#include <getopt.h>

#include "base/nearest.h"
#include "service/falco_arguments.h"

namespace saker::service {

const char* const usage =
    "Usage: sakerd [-c FILE] [-r RULES]... [-o KEY=VALUE]...\n"
    "Watches this host and reports events that match the rules.\n"
    "\n"
    "  -c, --config FILE    configuration, by default /etc/saker/saker.toml if it exists\n"
    "  -r, --rules PATH     a rule file, or a directory of them; may be given several times;\n"
    "                       replaces rules_files in the configuration\n"
    "  -o, --option K=V     sets a key of the configuration: -o priority=warning\n"
    "      --check          reads configuration and rules, reports every error, and ends\n"
    "  -M SECONDS           ends after this time\n"
    "  -P, --pidfile FILE   writes its process id to this file\n"
    "  -p, --print FORMAT   adds FORMAT to the output of every rule; -pc, -pk: container fields\n"
    "  -v, --verbose        sets log.level to debug\n"
    "      --version        prints the version\n"
    "  -h, --help           prints this\n"
    "\n"
    "Falco's command line is taken: -V FILE, -L, -l RULE, --list, --list-events and -e FILE run\n"
    "the command of saker(1) that does it; for others a message says what does it here.\n"
    "\n"
    "Signals: SIGTERM, SIGINT end it after everything seen so far is reported; SIGHUP reads\n"
    "configuration and rules again; SIGUSR1 reopens output files (log rotation).\n"
    "Exit status: 0 ended as asked; 1 wrong configuration or rules, or the sensor cannot run;\n"
    "2 wrong command line.\n";

namespace {

std::string unknown_option(int argc, char** argv) {
  std::string text = optind > 0 && optind <= argc ? argv[optind - 1] : "";
  std::string message = "unknown option, or one without its value: " + text;
  Nearest nearest(text);
  std::vector<std::string> names;
  for (const option* o = all_options(); o->name; o++) names.push_back(std::string("--") + o->name);
  for (const std::string& name : names) nearest.offer(name);
  if (!nearest.best().empty() && nearest.best() != text)
    message += "; did you mean " + std::string(nearest.best()) + "?";
  return message + " (sakerd --help lists them)";
}

}  // namespace

Result<DaemonArguments> parse_arguments(int argc, char** argv) {
  DaemonArguments out;
  opterr = 0;
  optind = 0;  // also resets the state left by another command line
  for (int c; (c = ::getopt_long(argc, argv, all_letters(), all_options(), nullptr)) != -1;) {
    switch (c) {
      case 'c':
        out.config = optarg;
        out.config_given = true;
        break;
      case 'r': out.rules.push_back(optarg); break;
      case 'o': out.overrides.push_back(optarg); break;
      case 'h': out.help = true; break;
      case '?': return Error{unknown_option(argc, argv)};
      default:
        if (Result<void> taken = take_falco_option(c, optarg, out); !taken) return taken.error();
    }
  }
  if (optind < argc)
    return Error{"unexpected argument \"" + std::string(argv[optind]) +
                 "\"; rule files are given with -r"};
  return out;
}

}  // namespace saker::service
