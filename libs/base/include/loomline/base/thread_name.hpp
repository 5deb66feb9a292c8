// What a thread is called in top, perf and a debugger: "tracking.lane".
#pragma once

#include <pthread.h>

#include <string>
#include <string_view>

namespace loomline {

// Names the current thread. Linux keeps 15 characters: a long name of a service is cut, the role is not.
inline void name_thread(std::string_view service, std::string_view role) {
  constexpr std::size_t kMost = 15;
  std::string name(service.substr(0, kMost - role.size() - 1));
  if (!name.empty()) name += '.';
  name += role;
  pthread_setname_np(pthread_self(), name.c_str());
}

}  // namespace loomline
