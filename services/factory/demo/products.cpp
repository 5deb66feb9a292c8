#include "products.hpp"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace loomline::demo {

namespace {

namespace fs = std::filesystem;

Result<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in && text.empty()) return invalid(path.string(), "cannot be read", "check that it exists and is readable");
  return text;
}

Status read_json(const fs::path& path, google::protobuf::Message& into) {
  auto text = read_file(path);
  if (!text.ok()) return text.status();
  const auto parsed = google::protobuf::util::JsonStringToMessage(*text, &into);
  if (!parsed.ok())
    return invalid(path.string(),
                   "is not the JSON of " + std::string(into.GetDescriptor()->full_name()) + ": " + parsed.ToString(),
                   "mend the file; the contract is in proto/");
  return {};
}

}  // namespace

Result<Product> load_product(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) files.push_back(entry.path());
  if (error)
    return invalid(folder, "is no folder with a product", "give one with model.uvl, its JSON files and plant.json");
  std::sort(files.begin(), files.end());
  Product out;
  for (const auto& file : files) {
    if (file.extension() != ".json") continue;
    const bool is_plant = file.filename().string().starts_with("plant");
    scheduling::v1::Plant plant;
    configuration::v1::ProductPackage part;
    if (auto status = is_plant ? read_json(file, plant) : read_json(file, part); !status.ok()) return status;
    if (is_plant)
      out.plants.push_back(std::move(plant));
    else
      out.package.MergeFrom(part);
  }
  if (out.package.uvl().empty()) {
    auto uvl = read_file(fs::path(folder) / "model.uvl");
    if (!uvl.ok()) return uvl.status();
    out.package.set_uvl(std::move(uvl).value());
  }
  if (out.package.model_id().empty()) return invalid(folder, "has no JSON file with a model_id", "add product.json");
  if (out.plants.empty()) return invalid(folder, "has no plant.json", "add the plant that makes the product");
  return out;
}

}  // namespace loomline::demo
