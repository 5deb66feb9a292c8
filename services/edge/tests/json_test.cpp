// What the edge writes is what the library writes, for random messages of every type that an address answers or takes.
#include "loomline/wire/write_json.hpp"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>
#include <random>
#include <set>

#include "api/contracts.hpp"
#include "api/transcode.hpp"

namespace loomline::edge {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string by_library(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string out;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &out, options).ok());
  return out;
}

class RandomMessages {
 public:
  explicit RandomMessages(unsigned seed) : random_(seed) {}

  void fill(Message& message, int depth) {
    const auto& type = *message.GetDescriptor();
    const auto& reflection = *message.GetReflection();
    if (type.full_name() == "google.protobuf.Timestamp") {
      const int fraction[] = {0, 1, 1000, 999'000'000, 123'456'789, 5'000, 120'000'000};
      reflection.SetInt64(&message, type.FindFieldByName("seconds"), one_in(8) ? -62135596800 : below(4'000'000'000));
      reflection.SetInt32(&message, type.FindFieldByName("nanos"), fraction[below(7)]);
      return;
    }
    for (int i = 0; i < type.field_count(); ++i) {
      const auto& field = *type.field(i);
      if (one_in(3)) continue;
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && depth > 5) continue;
      for (auto times = field.is_repeated() ? below(4) : 1; times > 0; --times) set(message, field, depth);
    }
  }

 private:
  bool one_in(int n) { return below(n) == 0; }
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n)); }

  std::string text() {
    static const std::vector<std::string> pieces{
        "a",      "Zz 09",  "\"",     "\\",         "<b>",        "\n\t\x01", "\x7f", "压缩机", "。", "é",
        "Ü",      "\u2028", "\u200b", "\U0001F600", "\ufeff",     "\u00ad",   "&'/",  "\u06dd", "！", "한",
        "\u3000", "ー",     "\u9fff", "\ua000",     "\U000e0001", "",         "~",    "}{,:",   "€"};
    std::string out;
    for (auto n = below(5); n > 0; --n)
      out += pieces[static_cast<std::size_t>(below(static_cast<std::int64_t>(pieces.size())))];
    return out;
  }
  template <class Number>
  Number number() {
    const Number some[] = {0, 1, std::numeric_limits<Number>::max(), std::numeric_limits<Number>::lowest(), 42};
    return one_in(2) ? some[below(5)] : static_cast<Number>(random_());
  }

  void set(Message& message, const FieldDescriptor& field, int depth) {
    const auto& reflection = *message.GetReflection();
    const bool many = field.is_repeated();
    const auto put = [&](auto add, auto assign, auto value) {
      if (many)
        (reflection.*add)(&message, &field, std::move(value));
      else
        (reflection.*assign)(&message, &field, std::move(value));
    };
    using R = google::protobuf::Reflection;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return fill(many ? *reflection.AddMessage(&message, &field) : *reflection.MutableMessage(&message, &field),
                    depth + 1);
      case FieldDescriptor::CPPTYPE_STRING:
        return put(&R::AddString, &R::SetString, text());
      case FieldDescriptor::CPPTYPE_BOOL:
        return put(&R::AddBool, &R::SetBool, one_in(2));
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto& values = *field.enum_type();
        const int known = values.value(static_cast<int>(below(values.value_count())))->number();
        return put(&R::AddEnumValue, &R::SetEnumValue, one_in(6) ? 4711 : known);
      }
      case FieldDescriptor::CPPTYPE_INT32:
        return put(&R::AddInt32, &R::SetInt32, number<std::int32_t>());
      case FieldDescriptor::CPPTYPE_UINT32:
        return put(&R::AddUInt32, &R::SetUInt32, number<std::uint32_t>());
      case FieldDescriptor::CPPTYPE_INT64:
        return put(&R::AddInt64, &R::SetInt64, number<std::int64_t>());
      case FieldDescriptor::CPPTYPE_UINT64:
        return put(&R::AddUInt64, &R::SetUInt64, number<std::uint64_t>());
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return put(&R::AddDouble, &R::SetDouble, static_cast<double>(below(1000)) / 7);
      case FieldDescriptor::CPPTYPE_FLOAT:
        return put(&R::AddFloat, &R::SetFloat, static_cast<float>(below(1000)) / 7);
    }
  }

  std::mt19937_64 random_;
};

TEST(JsonWriter, WritesWhatTheLibraryWrites) {
  std::set<const Descriptor*> types;
  for (const auto& route : api_routes()) {
    types.insert(route.method->input_type());
    types.insert(route.method->output_type());
  }
  ASSERT_GT(types.size(), 50U);
  for (unsigned seed = 0; seed < 40; ++seed) {
    RandomMessages random(seed);
    for (const auto* type : types) {
      const auto message = make_message(*type);
      if (seed > 0) random.fill(*message, 0);
      std::string ours;
      wire::write_json(*message, ours);
      // The library puts times behind the other fields; the order says nothing.
      ASSERT_EQ(boost::json::parse(ours), boost::json::parse(by_library(*message)))
          << type->full_name() << ", seed " << seed;
    }
  }
}

}  // namespace
}  // namespace loomline::edge
