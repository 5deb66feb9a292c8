#include "product_files.hpp"

#include <algorithm>
#include <filesystem>

#include "context.hpp"

namespace loomline::cli {
namespace {

namespace fs = std::filesystem;

Status merge(const fs::path& file, ProductFiles& product) {
  if (file.filename().string().starts_with("plant")) return read_message(file.string(), product.plants.emplace_back());
  configuration::v1::ProductPackage part;
  if (auto status = read_message(file.string(), part); !status.ok()) return status;
  product.package.MergeFrom(part);
  return {};
}

Status read_folder(const fs::path& folder, ProductFiles& product) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());  // the same folder gives the same package everywhere
  if (files.empty()) {
    return invalid(folder.string(), "holds no JSON file", "put a product.json of the contract's ProductPackage there");
  }
  for (const auto& file : files) {
    if (auto status = merge(file, product); !status.ok()) return status;
  }
  return {};
}

}  // namespace

Result<ProductFiles> read_product(const std::string& path, const std::string& uvl) {
  ProductFiles product;
  std::error_code ignored;
  const bool folder = fs::is_directory(path, ignored);
  if (auto status = folder ? read_folder(path, product) : read_message(path, product.package); !status.ok()) {
    return status;
  }
  std::string model = uvl;
  if (model.empty() && folder && fs::exists(fs::path(path) / "model.uvl"))
    model = (fs::path(path) / "model.uvl").string();
  if (!model.empty()) {
    auto text = read_file(model);
    if (!text.ok()) return text.status();
    product.package.set_uvl(std::move(*text));
  }
  return product;
}

}  // namespace loomline::cli
