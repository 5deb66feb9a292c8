// Feeds files to a fuzz target without libFuzzer: NAME_replay FILE-OR-FOLDER... Exit status 2 where there is none to read.
// Each input is tried as it is, cut off at many places and with single bytes turned round, so that a change of the reader
// meets more than what the corpus holds.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& place) {
  std::vector<fs::path> out;
  if (fs::is_regular_file(place)) out.push_back(place);
  if (fs::is_directory(place))
    for (const auto& entry : fs::recursive_directory_iterator(place))
      if (entry.is_regular_file() && entry.path().filename() != "README.md") out.push_back(entry.path());
  return out;
}

// On the heap and exactly as long as it is, so that a sanitizer sees a read past the end.
void feed(const std::string& text) {
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

long replay(const std::string& text) {
  static constexpr std::size_t kPlaces = 200;
  const std::size_t step = text.size() / kPlaces + 1;
  long count = 1;
  feed(text);
  for (std::size_t at = 0; at < text.size(); at += step, count += 2) {
    feed(text.substr(0, at));
    std::string turned = text;
    turned[at] = static_cast<char>(turned[at] ^ (1 << at % 8));
    feed(turned);
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  long inputs = 0;
  long files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& path : files_of(argv[i])) {
      std::fprintf(stderr, "%s\n", path.c_str());  // the last one is the one that broke it
      std::ifstream file(path, std::ios::binary);
      inputs += replay(std::string(std::istreambuf_iterator<char>(file), {}));
      ++files;
    }
  }
  std::printf("%ld inputs made of %ld files: every promise holds\n", inputs, files);
  return files > 0 ? 0 : 2;
}
