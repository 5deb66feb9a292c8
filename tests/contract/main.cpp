// loomline-contracts: checks the contracts, and writes what is made from them.
#include <fstream>
#include <iostream>
#include <sstream>

#include "documents.hpp"
#include "lint.hpp"
#include "stored.hpp"

namespace {

using namespace loomline::contract;  // NOLINT: a main function

constexpr const char* usage =
    "loomline-contracts COMMAND\n"
    "  check             lint, and changes that break the last landed contracts or stores; exit 1 where there are any\n"
    "  snapshot [--write] the contracts and what is stored as a list; --write: into tests/contract/*.snapshot\n"
    "  docs [--write]     names of the reference documents; --write: writes them below docs/\n";

const std::string root = LOOMLINE_SOURCE_DIR;
const std::string snapshot_path = root + "/tests/contract/contracts.snapshot";
const std::string stored_path = root + "/tests/contract/stored.snapshot";

bool write(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) std::cerr << path << " cannot be written\n";
  return static_cast<bool>(out);
}

Snapshot landed(const std::string& path) {
  std::ifstream in(path);
  std::stringstream before;
  before << in.rdbuf();
  return parse_snapshot(before.str());
}

int check(const Contracts& contracts) {
  auto problems = lint(contracts);
  for (auto& change : breaking_changes(landed(snapshot_path), snapshot(contracts)))
    problems.push_back("breaking: " + change);
  for (auto& change : stored_changes(landed(stored_path), stored(contracts, all_services())))
    problems.push_back("stored: " + change);
  for (const auto& problem : problems) std::cout << problem << '\n';
  std::cout << problems.size() << " problems\n";
  return problems.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string command = argc > 1 ? argv[1] : "", option = argc > 2 ? argv[2] : "";
  const bool writes = option == "--write";
  if ((command != "check" && command != "snapshot" && command != "docs") || (!option.empty() && !writes) || argc > 3) {
    std::cerr << usage;
    return 2;
  }
  try {
    const auto contracts = load_built();
    if (command == "check") return check(contracts);
    if (command == "snapshot") {
      const auto text = to_text(snapshot(contracts)), kept = to_text(stored(contracts, all_services()));
      if (writes) return write(snapshot_path, text) && write(stored_path, kept) ? 0 : 1;
      std::cout << text << kept;
      return 0;
    }
    for (const auto& document : documents(contracts)) {
      std::cout << document.path << '\n';
      if (writes && !write(root + "/" + document.path, document.text)) return 1;
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
