// What the guides quote is what is compiled: every fenced block that names a file is a part of it, line by line.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace loomline::guide {
namespace {

namespace fs = std::filesystem;

const fs::path root = LOOMLINE_SOURCE_DIR;

std::string read(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

struct Quote {
  fs::path guide;
  std::string file, text;
};

// "```cpp services/x.cpp" begins one; "```cpp" alone is no quotation.
std::vector<Quote> quotes(const fs::path& guide) {
  std::vector<Quote> out;
  std::istringstream lines(read(guide));
  std::string line;
  for (bool inside = false; std::getline(lines, line);) {
    const bool fence = line.starts_with("```");
    if (inside && !fence && !out.back().file.empty()) out.back().text += line + "\n";
    if (!fence) continue;
    inside = !inside;
    const auto space = line.find(' ');
    if (inside) out.push_back({guide, space == line.npos ? "" : line.substr(space + 1), ""});
  }
  std::erase_if(out, [](const Quote& quote) { return quote.file.empty(); });
  return out;
}

std::vector<Quote> all_quotes() {
  std::vector<Quote> out;
  for (const auto& entry : fs::directory_iterator(root / "docs/guides"))
    for (auto& quote : quotes(entry.path())) out.push_back(std::move(quote));
  return out;
}

TEST(Guides, quote_what_is_in_the_files) {
  const auto all = all_quotes();
  ASSERT_GE(all.size(), 5U);
  for (const auto& quote : all) {
    const auto file = "\n" + read(root / quote.file);
    EXPECT_NE(file.find("\n" + quote.text), std::string::npos)
        << quote.guide << " quotes from " << quote.file << " what is not there:\n"
        << quote.text;
  }
}

TEST(Guides, a_new_stage_touches_exactly_the_three_files_that_the_guide_quotes) {
  std::set<std::string> touched, quoted;
  for (const auto& entry : fs::directory_iterator(root / "tests/guides/add_a_stage"))
    touched.insert("tests/guides/add_a_stage/" + entry.path().filename().string());
  for (const auto& quote : quotes(root / "docs/guides/add-a-stage.md"))
    if (quote.file.starts_with("tests/guides/add_a_stage/")) quoted.insert(quote.file);
  EXPECT_EQ(touched.size(), 3U);
  EXPECT_EQ(touched, quoted);
}

}  // namespace
}  // namespace loomline::guide
