#include "completion.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "commands.hpp"

namespace loomline::cli {
namespace {

constexpr const char* bash_script = R"(# loomline completion for bash: source <(loomline completion bash)
_loomline() {
  local IFS=$'\n'
  COMPREPLY=($(loomline __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [[ ${#COMPREPLY[@]} -gt 0 ]] || compopt -o default
}
complete -F _loomline loomline
)";

constexpr const char* zsh_script = R"(#compdef loomline
# loomline completion for zsh: source <(loomline completion zsh), after compinit
_loomline() {
  local -a found
  found=("${(@f)$(loomline __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${found[1]}" ]]; then compadd -a found; else _files; fi
}
compdef _loomline loomline
)";

constexpr const char* fish_script = R"(# loomline completion for fish: loomline completion fish | source
function __loomline_complete
    set -l words (commandline -opc)[2..-1] (commandline -ct)
    loomline __complete $words 2>/dev/null
end
complete -c loomline -a '(__loomline_complete)'
)";

// Values that a flag takes, where they are few.
std::vector<std::string> values_of(const std::string& flag) {
  static const std::map<std::string, std::vector<std::string>> known{
      {"--output", {"table", "json"}},
      {"-o", {"table", "json"}},
      {"--role", {"staff", "portal", "mes", "ticketing"}},
      {"--log-format", {"json", "text"}},
      {"--log-level", {"trace", "debug", "info", "warn", "error", "off"}},
      {"--clock", {"wall", "topic"}},
      {"--target", {"all", "intake", "configuration", "scheduling", "quality", "aftersales", "tracking", "edge"}}};
  const auto found = known.find(flag);
  return found == known.end() ? std::vector<std::string>{} : found->second;
}

void add_flags(const CLI::App& app, std::vector<std::string>& out) {
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) out.push_back("--" + name);
  }
}

std::vector<const CLI::App*> named(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* candidate) { return !candidate->get_name().empty(); });
}

}  // namespace

std::vector<std::string> candidates(const CLI::App& root, const std::vector<std::string>& words) {
  const std::string last = words.empty() ? "" : words.back();
  const CLI::App* app = &root;
  std::vector<const CLI::App*> path{app};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    for (const auto* next : named(*app)) {
      if (next->get_name() != words[i]) continue;
      app = next;
      path.push_back(app);
      break;
    }
  }
  std::vector<std::string> all;
  const std::string before = words.size() >= 2 ? words[words.size() - 2] : "";
  if (auto values = values_of(before); !values.empty()) {
    all = std::move(values);
  } else if (last.starts_with("-")) {
    for (const auto* level : path) add_flags(*level, all);
  } else {
    for (const auto* sub : named(*app)) {
      all.push_back(sub->get_name());
    }
  }
  std::erase_if(all, [&](const std::string& word) { return !word.starts_with(last); });
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

void add_completion(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("completion", "Print the completion script of a shell");
  command->require_subcommand(1);
  command->footer(
      "Example, for good:\n  loomline completion bash > ~/.local/share/bash-completion/completions/loomline");
  for (const auto& [shell, script] : {std::pair{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}}) {
    command->add_subcommand(shell, std::string("For ") + shell)->callback([&context, text = script] {
      context.action = [&context, text] {
        context.out << text;
        return exit_ok;
      };
    });
  }
}

}  // namespace loomline::cli
