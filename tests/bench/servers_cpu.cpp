#include "servers_cpu.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace loomline::bench {
namespace {

struct Stat {
  int parent = 0;
  double own = 0, ended_children = 0;  // ticks
};

bool read_stat(int pid, Stat& out) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto after_name = text.rfind(')');
  if (after_name == std::string::npos) return false;
  std::istringstream fields(text.substr(after_name + 1));
  std::string word;
  double user = 0, system = 0, child_user = 0, child_system = 0;
  fields >> word >> out.parent;
  for (int i = 0; i < 9; ++i) fields >> word;
  fields >> user >> system >> child_user >> child_system;
  out.own = user + system;
  out.ended_children = child_user + child_system;
  return true;
}

bool is_postgres(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
  std::string name;
  return std::getline(file, name) && name == "postgres";
}

}  // namespace

double database_cpu_seconds(postgres::Connection& connection) {
  Stat backend, main;
  const int pid = connection.backend_pid();
  if (!is_postgres(pid) || !read_stat(pid, backend) || !read_stat(backend.parent, main)) return -1;
  double ticks = main.own + main.ended_children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    Stat child;
    if (read_stat(std::stoi(name), child) && child.parent == backend.parent) ticks += child.own;
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace loomline::bench
