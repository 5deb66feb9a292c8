#include "cache.hpp"

#include "loomline/base/hash.hpp"

namespace loomline::configuration::domain {

namespace {
constexpr std::size_t kCapacity = 64;
}

ProductCache& compiled_products() {
  static ProductCache cache(kCapacity);
  return cache;
}

std::shared_ptr<const Product> ProductCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, at->second);
  return at->second->product;
}

std::shared_ptr<const Product> ProductCache::keep(const std::string& key, std::shared_ptr<const Product> product) {
  const std::lock_guard lock(mutex_);
  if (const auto at = by_key_.find(key); at != by_key_.end()) return at->second->product;
  recent_.push_front({key, std::move(product)});
  by_key_[key] = recent_.begin();
  if (recent_.size() > capacity_) {
    by_key_.erase(recent_.back().key);
    recent_.pop_back();
  }
  return recent_.front().product;
}

Result<std::shared_ptr<const Product>> ProductCache::get(const std::string& serialized) {
  const std::string key = sha256_hex(serialized);
  if (auto known = find(key)) return known;
  v1::ProductPackage package;
  if (!package.ParseFromString(serialized))
    return Status(Code::data_loss, "PACKAGE_UNREADABLE", "A stored product package cannot be read; restore it.");
  auto compiled = compile(package);
  if (!compiled.ok()) return compiled.status();
  return keep(key, std::move(compiled).value());
}

Result<std::shared_ptr<const Product>> ProductCache::get(const v1::ProductPackage& package) {
  return get(package.SerializeAsString());
}

}  // namespace loomline::configuration::domain
