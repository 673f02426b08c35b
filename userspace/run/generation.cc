// SPDX-License-Identifier: Apache-2.0
#include "run/generation.h"

#include <malloc.h>
#include <unistd.h>

#include "lang/compile.h"
#include "run/open_sinks.h"

namespace saker::run {
namespace {

output::FormatOptions format_options(const Config& config) {
  output::FormatOptions out;
  // Each form is rendered only if an output takes it; JSON also while somebody follows.
  out.text = out.json = false;
  for (const output::Settings& output : wanted_outputs(config)) {
    (output.form() == output::Form::json ? out.json : out.text) = true;
    // Of its content is the uuid by which one that came twice is known.
    if (spooled(config, output)) out.json = true;
  }
  out.iso_time = config.iso_time;
  out.base64 = config.base64;
  out.include_output = config.json_include_output;
  out.include_tags = config.json_include_tags;
  out.include_message = config.json_include_message;
  out.include_fields = config.json_include_fields;
  out.sources = config.noise.has_budget();
  out.messages = config.noise.fold_repeats;
  out.hostname = host_name();
  return out;
}

// The default file may be missing, but not one that was named.
Result<enrich::Hosts> hosts_of(const Config& config, const match::Program& program) {
  if (config.hosts_file.empty()) return enrich::Hosts();
  std::vector<std::string_view> asked = program.asked_names();
  Result<enrich::Hosts> hosts = enrich::Hosts::read(config.hosts_file, asked);
  if (hosts || config.hosts_file == Config().hosts_file)
    return hosts ? std::move(hosts) : enrich::Hosts();
  return Error{"names.hosts_file: " + hosts.error().message +
               "\n  hint: name a file in the format of /etc/hosts\n"};
}

Result<std::unique_ptr<Generation>> make_generation(const Config& config) {
  lang::RuleSet rules = lang::load_rules(config.rules_files, load_options(config));
  std::string errors, warnings;
  for (const lang::Diagnostic& diagnostic : rules.diagnostics())
    (diagnostic.error() ? errors : warnings) += lang::render(diagnostic);
  if (!rules.ok() || !errors.empty()) return Error{errors};

  Result<std::vector<std::byte>> bytes = lang::compile_conditions_of(rules, config.rule_matching);
  if (!bytes) return Error{"the rules cannot be compiled: " + bytes.error().message + "\n"};
  Result<std::unique_ptr<match::Program>> program = match::Program::load(std::move(*bytes));
  if (!program) return Error{"the compiled rules do not load: " + program.error().message + "\n"};

  Result<enrich::Hosts> hosts = hosts_of(config, **program);
  if (!hosts) return hosts.error();

  auto out = std::make_unique<Generation>();
  out->hosts = std::move(*hosts);
  Result<std::vector<output::RuleText>> texts = output::rule_texts(**program, config.static_fields);
  if (!texts) return Error{texts.error().message + "\n"};
  output::add_extra_fields(*texts, rules);
  out->program = std::move(*program);
  out->costs = std::make_unique<match::RuleCosts>(out->program->rule_count());
  out->texts = std::move(*texts);
  out->format = format_options(config);
  for (const lang::FileResult& file : rules.files) out->files.push_back(file.name);
  for (const lang::Rule& rule : rules.rules) out->rules_enabled += rule.enabled;
  out->rules_total = rules.rules.size();
  out->warnings = std::move(warnings);
  return out;
}

}  // namespace

std::string host_name() {
  // Falco's variable to name the host, for a container whose own host name is of no use.
  if (const char* name = std::getenv("FALCO_HOSTNAME"); name && *name) return name;
  char buffer[256] = "";
  ::gethostname(buffer, sizeof(buffer) - 1);
  return buffer;
}

lang::LoadOptions load_options(const Config& config) {
  lang::LoadOptions options;
  options.selection = config.rules;
  options.threshold = config.priority;
  options.append_output = config.append_output;
  options.static_fields = config.static_fields;
  options.standard_input = config.standard_input;
  if (config.kubernetes.enabled) options.plugins.insert(lang::kubernetes_plugin);
  return options;
}

Result<std::unique_ptr<Generation>> empty_generation() {
  Config config;
  config.rules_files.clear();
  return load_generation(config);
}

Result<std::unique_ptr<Generation>> load_generation(const Config& config) {
  Result<std::unique_ptr<Generation>> out = make_generation(config);
  // Loading needs several times the memory that it leaves in use, and nothing after it needs memory
  // in such small pieces.
  ::malloc_trim(0);
  return out;
}

}  // namespace saker::run
