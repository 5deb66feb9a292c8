#include "format.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "loomline/base/time.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::cli {
namespace {

// ISO 4217 currencies whose minor unit is not the hundredth.
int minor_digits(const std::string& currency) {
  for (const char* whole : {"JPY", "KRW", "VND", "CLP", "ISK", "UGX", "XAF", "XOF", "XPF"}) {
    if (currency == whole) return 0;
  }
  for (const char* thousandth : {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}) {
    if (currency == thousandth) return 3;
  }
  return 2;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

// The part that all values share is the enum's name in upper snake case: OrderState -> "ORDER_STATE_".
std::string value_prefix(const google::protobuf::EnumDescriptor* type) {
  std::string prefix;
  for (const char c : type->name()) {
    if (std::isupper(static_cast<unsigned char>(c)) && !prefix.empty()) prefix += '_';
    prefix += c;
  }
  return upper(prefix) + "_";
}

std::string short_name(const google::protobuf::EnumValueDescriptor* value) {
  const std::string prefix = value_prefix(value->type());
  std::string name(value->name());
  if (name.starts_with(prefix)) name.erase(0, prefix.size());
  return name;
}

std::string readable(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return c == '_' ? ' ' : std::tolower(c); });
  return name;
}

}  // namespace

std::string money(const common::v1::Money& value) {
  if (value.currency().empty()) return {};
  const int digits = minor_digits(value.currency());
  std::string text = std::to_string(value.minor_units());
  const std::string sign = text.starts_with('-') ? "-" : "";
  text.erase(0, sign.size());
  if (digits > 0) {
    if (static_cast<int>(text.size()) <= digits)
      text.insert(0, static_cast<std::size_t>(digits) + 1 - text.size(), '0');
    text.insert(text.size() - static_cast<std::size_t>(digits), ".");
  }
  return sign + text + " " + value.currency();
}

Result<common::v1::Money> parse_money(const std::string& text) {
  const auto bad = [] { return invalid("--budget", "is not an amount of money", "write for example 1200.50EUR"); };
  const auto end = text.find_first_not_of("0123456789.");
  if (end == 0 || end == std::string::npos || text.find_first_of("0123456789") >= end) return bad();
  const std::string amount = text.substr(0, end);
  const std::string currency = text.substr(text[end] == ' ' ? end + 1 : end);
  if (currency.size() != 3 || currency.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos)
    return bad();
  const auto dot = amount.find('.');
  std::string fraction = dot == std::string::npos ? "" : amount.substr(dot + 1);
  const auto digits = static_cast<std::size_t>(minor_digits(currency));
  if (fraction.size() > digits || fraction.find('.') != std::string::npos || amount.size() > 15) return bad();
  fraction.resize(digits, '0');
  const std::string whole = amount.substr(0, dot) + fraction;
  if (whole.empty()) return bad();
  common::v1::Money money;
  money.set_minor_units(std::stoll(whole));
  money.set_currency(currency);
  return money;
}

std::string moment(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return {};
  std::string text = format_rfc3339(wire::to_time(time));
  return text.substr(0, 10) + " " + text.substr(11, 5) + "Z";
}

std::string window(const scheduling::v1::Promise& promise) {
  if (!promise.has_window()) return {};
  std::string text = moment(promise.window().earliest()) + " .. " + moment(promise.window().latest());
  const auto permille = promise.probability_permille();
  if (permille == 0) return text;
  text += ", " + std::to_string(permille / 10);
  if (permille % 10 != 0) text += "." + std::to_string(permille % 10);
  return text + " %";
}

std::string enum_text(const google::protobuf::EnumDescriptor* type, int number) {
  if (number == 0) return {};
  const auto* value = type->FindValueByNumber(number);
  return value == nullptr ? std::to_string(number) : readable(short_name(value));
}

Result<int> parse_enum(const google::protobuf::EnumDescriptor* type, const std::string& field,
                       const std::string& text) {
  std::string wanted = upper(text);
  std::replace_if(
      wanted.begin(), wanted.end(), [](char c) { return c == '-' || c == ' '; }, '_');
  std::string legal;
  for (int i = 0; i < type->value_count(); ++i) {
    const auto* value = type->value(i);
    if (value->number() == 0) continue;
    if (short_name(value) == wanted || value->name() == wanted) return value->number();
    std::string shown = readable(short_name(value));
    std::replace(shown.begin(), shown.end(), ' ', '-');
    legal += (legal.empty() ? "" : ", ") + shown;
  }
  return invalid(field, "'" + text + "' is not known", "use one of: " + legal);
}

}  // namespace loomline::cli
