#include "loomline/postgres/param.hpp"

#include <bit>

#include "src/text.hpp"
#include "src/wire.hpp"

namespace loomline::postgres {

Param::Param(std::string_view text) : borrowed_(true), text_(text) {}
Param::Param(const std::string& text) : Param(std::string_view(text)) {}
Param::Param(const char* text) : Param(std::string_view(text)) {}
Param::Param(Bytes bytes) : binary_(true), borrowed_(true), text_(bytes.data) {}
Param::Param(bool value) : owned_(value ? "t" : "f") {}
Param::Param(double value) : owned_(write_double(value)) {}
Param::Param(Time value) : owned_(write_time(value)) {}
Param::Param(Int64 value) : owned_(std::to_string(value.value)) {}

ArrayEncoder::ArrayEncoder(unsigned element_oid) {
  append_be(out_, std::uint32_t{1});  // dimensions
  append_be(out_, std::uint32_t{0});  // has nulls; patched at the end
  append_be(out_, static_cast<std::uint32_t>(element_oid));
  append_be(out_, std::uint32_t{0});  // length; patched at the end
  append_be(out_, std::uint32_t{1});  // lower bound
}

void ArrayEncoder::add(std::int64_t value) {
  ++count_;
  append_be(out_, std::uint32_t{8});
  append_be(out_, static_cast<std::uint64_t>(value));
}
void ArrayEncoder::add(bool value) {
  ++count_;
  append_be(out_, std::uint32_t{1});
  out_.push_back(value ? '\1' : '\0');
}
void ArrayEncoder::add(double value) {
  ++count_;
  append_be(out_, std::uint32_t{8});
  append_be(out_, std::bit_cast<std::uint64_t>(value));
}
void ArrayEncoder::add(std::string_view bytes) {
  ++count_;
  append_be(out_, static_cast<std::uint32_t>(bytes.size()));
  out_.append(bytes);
}
void ArrayEncoder::add_null() {
  ++count_;
  has_null_ = true;
  append_be(out_, ~std::uint32_t{0});
}

Param ArrayEncoder::finish() && {
  std::string patch;
  append_be(patch, std::uint32_t{has_null_ ? 1U : 0U});
  out_.replace(4, 4, patch);
  patch.clear();
  append_be(patch, count_);
  out_.replace(12, 4, patch);
  Param param(nullptr);
  param.null_ = false;
  param.binary_ = true;
  param.owned_ = std::move(out_);
  return param;
}

}  // namespace loomline::postgres
