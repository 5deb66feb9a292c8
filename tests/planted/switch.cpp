// Linked into test programs and into loomline-planted, and into nothing else: LOOMLINE_PLANTED names a mistake to make.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "loomline/base/planted.hpp"

namespace {

const bool switched = [] {
  const char* name = std::getenv("LOOMLINE_PLANTED");
  if (name == nullptr) return false;
  for (const auto& [text, bug] : loomline::planted::kBugs)
    if (text == std::string_view(name)) {
      loomline::planted::bug = bug;
      return true;
    }
  std::fprintf(stderr, "LOOMLINE_PLANTED=%s: no mistake is called so; planted.hpp of libs/base lists them, for example"
               " LOOMLINE_PLANTED=timer_stays\n", name);
  std::exit(2);
}();

}  // namespace
