#include "loomline/postgres/param.hpp"

#include <bit>

#include "src/wire.hpp"

namespace loomline::postgres {

Param::Param(std::string_view text) : borrowed_(true), text_(text) {}
Param::Param(const std::string& text) : Param(std::string_view(text)) {}
Param::Param(const char* text) : Param(std::string_view(text)) {}
Param::Param(Bytes bytes) : binary_(true), borrowed_(true), oid_(17), text_(bytes.data) {}
Param::Param(bool value) : binary_(true), oid_(16), owned_(1, value ? '\1' : '\0') {}
Param::Param(double value) : binary_(true), oid_(701) { append_be(owned_, std::bit_cast<std::uint64_t>(value)); }
Param::Param(Time value) : binary_(true), oid_(1184) {
  append_be(owned_, static_cast<std::uint64_t>(value.time_since_epoch().count() - kEpoch2000Micros));
}
Param::Param(Int64 value) : binary_(true), oid_(20) { append_be(owned_, static_cast<std::uint64_t>(value.value)); }

ArrayEncoder::ArrayEncoder(unsigned element_oid, unsigned array_oid) : array_oid_(array_oid) {
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
  param.oid_ = array_oid_;
  param.owned_ = std::move(out_);
  return param;
}

}  // namespace loomline::postgres
