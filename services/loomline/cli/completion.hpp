// Shell completion: the scripts ask the program itself, so that they never go stale.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace loomline::cli {

inline constexpr std::string_view completion_command = "__complete";

// What may stand in the place of the last of `words` (the words after the program's name).
std::vector<std::string> candidates(const CLI::App& app, const std::vector<std::string>& words);

}  // namespace loomline::cli
