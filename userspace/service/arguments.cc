// SPDX-License-Identifier: Apache-2.0
#include "service/arguments.h"

#include <getopt.h>

#include "base/nearest.h"

namespace saker::service {

const char* const usage =
    "Usage: sakerd [-c FILE] [-r RULES]... [-o KEY=VALUE]...\n"
    "Watches this host and reports what the rules describe.\n"
    "\n"
    "  -c, --config FILE    configuration, by default /etc/saker/saker.toml if it is there\n"
    "  -r, --rules PATH     a rule file, or a directory of them; may be given several times; "
    "takes\n"
    "                       the place of rules_files in the configuration\n"
    "  -o, --option K=V     sets a key of the configuration: -o priority=warning\n"
    "      --check          reads configuration and rules, tells every mistake, and ends\n"
    "  -V, --version        prints the version\n"
    "  -h, --help           prints this\n"
    "\n"
    "Signals: SIGTERM, SIGINT end it after everything seen so far is reported; SIGHUP reads\n"
    "configuration and rules again; SIGUSR1 opens output files anew (log rotation).\n"
    "Exit status: 0 ended as asked; 1 wrong configuration or rules, or the sensor cannot run;\n"
    "2 wrong command line.\n";

namespace {

enum : int { opt_check = 256 };

constexpr option options[] = {{"config", required_argument, nullptr, 'c'},
                              {"rules", required_argument, nullptr, 'r'},
                              {"option", required_argument, nullptr, 'o'},
                              {"check", no_argument, nullptr, opt_check},
                              {"version", no_argument, nullptr, 'V'},
                              {"help", no_argument, nullptr, 'h'},
                              {nullptr, 0, nullptr, 0}};

std::string unknown_option(int argc, char** argv) {
  std::string text = optind > 0 && optind <= argc ? argv[optind - 1] : "";
  std::string message = "unknown option, or one without its value: " + text;
  Nearest nearest(text);
  std::vector<std::string> names;
  for (const option& o : options)
    if (o.name) names.push_back(std::string("--") + o.name);
  for (const std::string& name : names) nearest.offer(name);
  if (!nearest.best().empty() && nearest.best() != text)
    message += "; did you mean " + std::string(nearest.best()) + "?";
  return message + " (sakerd --help lists them)";
}

}  // namespace

Result<Arguments> parse_arguments(int argc, char** argv) {
  Arguments out;
  opterr = 0;
  optind = 1;
  for (int c; (c = ::getopt_long(argc, argv, "c:r:o:Vh", options, nullptr)) != -1;) {
    switch (c) {
      case 'c':
        out.config = optarg;
        out.config_given = true;
        break;
      case 'r': out.rules.push_back(optarg); break;
      case 'o': out.overrides.push_back(optarg); break;
      case opt_check: out.check = true; break;
      case 'V': out.version = true; break;
      case 'h': out.help = true; break;
      default: return Error{unknown_option(argc, argv)};
    }
  }
  if (optind < argc)
    return Error{"unexpected argument \"" + std::string(argv[optind]) +
                 "\"; rule files are given with -r"};
  return out;
}

}  // namespace saker::service
