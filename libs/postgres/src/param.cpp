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

ArrayEncoder::ArrayEncoder(unsigned element_oid) : element_oid_(element_oid) {}

void ArrayEncoder::begin_element(std::uint32_t size) {
  if (count_++ == 0) {
    append_be(out_, std::uint32_t{1});  // dimensions
    append_be(out_, std::uint32_t{0});  // has nulls; patched at the end
    append_be(out_, static_cast<std::uint32_t>(element_oid_));
    append_be(out_, std::uint32_t{0});  // length; patched at the end
    append_be(out_, std::uint32_t{1});  // lower bound
  }
  append_be(out_, size);
}

void ArrayEncoder::add(std::int64_t value) {
  begin_element(8);
  append_be(out_, static_cast<std::uint64_t>(value));
}
void ArrayEncoder::add(bool value) {
  begin_element(1);
  out_.push_back(value ? '\1' : '\0');
}
void ArrayEncoder::add(double value) {
  begin_element(8);
  append_be(out_, std::bit_cast<std::uint64_t>(value));
}
void ArrayEncoder::add(std::string_view bytes) {
  begin_element(static_cast<std::uint32_t>(bytes.size()));
  out_.append(bytes);
}
void ArrayEncoder::add_null() {
  begin_element(~std::uint32_t{0});
  has_null_ = true;
}

Param ArrayEncoder::finish() && {
  // As text, it needs neither memory here nor a copy in libpqxx: most arrays of a commit are empty.
  if (count_ == 0) return Param(std::string_view("{}"));
  put_be(out_.data() + 4, std::uint32_t{has_null_ ? 1U : 0U});
  put_be(out_.data() + 12, count_);
  Param param(nullptr);
  param.null_ = false;
  param.binary_ = true;
  param.owned_ = std::move(out_);
  return param;
}

}  // namespace loomline::postgres
