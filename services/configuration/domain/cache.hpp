// Compiled products by content: compiling is pure, so that remembering changes nothing but the time it takes.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "product.hpp"

namespace loomline::configuration::domain {

// Thread-safe. Two threads that ask for the same new product may both compile it; the first one's is kept.
class ProductCache {
 public:
  explicit ProductCache(std::size_t capacity) : capacity_(capacity) {}

  // `serialized` is the ProductPackage; its SHA-256 is the key. data_loss where it does not parse.
  Result<std::shared_ptr<const Product>> get(const std::string& serialized);
  Result<std::shared_ptr<const Product>> get(const v1::ProductPackage& package);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Product> product;
  };
  std::shared_ptr<const Product> find(const std::string& key);
  std::shared_ptr<const Product> keep(const std::string& key, std::shared_ptr<const Product> product);

  std::size_t capacity_;
  std::mutex mutex_;
  std::list<Entry> recent_;  // most recently used first
  std::map<std::string, std::list<Entry>::iterator> by_key_;
};

// The one of this process: the command that publishes and the queries share it.
ProductCache& compiled_products();

}  // namespace loomline::configuration::domain
