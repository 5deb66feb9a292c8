#include "loomline/http/json.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <deque>
#include <set>
#include <vector>

#include "loomline/http/url.hpp"

namespace loomline::http {
namespace {

Status bad(std::string reason, std::size_t offset, std::string problem, std::string remedy) {
  return Status(Code::invalid_argument, std::move(reason), "The body is not acceptable JSON.")
      .with({"body[" + std::to_string(offset) + "]", std::move(problem), std::move(remedy)});
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// The names of one object's members so far. Few are compared one by one; a set is made where there are many, so that no
// number of them takes quadratic time.
class Names {
 public:
  // False where it is there already.
  bool add(std::string_view name) {
    static constexpr std::size_t kFew = 32;
    if (few_.size() < kFew) {
      if (std::find(few_.begin(), few_.end(), name) != few_.end()) return false;
      few_.push_back(name);
      return true;
    }
    if (many_.empty()) many_.insert(few_.begin(), few_.end());
    return many_.insert(name).second;
  }
  void clear() {
    few_.clear();
    many_.clear();
  }

 private:
  std::vector<std::string_view> few_;
  std::set<std::string_view> many_;
};

// An automaton with an explicit stack of open brackets: O(n) time; memory for max_depth and the members' names.
class Scanner {
 public:
  Scanner(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  Status run() {
    Expect expect = Expect::value;
    for (;;) {
      skip_space();
      if (at_ == text_.size()) {
        if (expect == Expect::end) return {};
        return syntax("ends too early");
      }
      auto next = step(expect);
      if (!next) return next.status();
      expect = *next;
    }
  }

 private:
  enum class Expect { value, first_value_or_close, first_key_or_close, key, separator, end };

  Result<Expect> step(Expect expect) {
    const char c = text_[at_];
    switch (expect) {
      case Expect::end:
        return syntax("goes on after its value");
      case Expect::separator:
        return separator(c);
      case Expect::first_key_or_close:
        if (c == '}') return close(c);
        return key(c);
      case Expect::key:
        return key(c);
      case Expect::first_value_or_close:
        if (c == ']') return close(c);
        return value(c);
      case Expect::value:
        return value(c);
    }
    return syntax("is not JSON");
  }

  Result<Expect> value(char c) {
    if (++values_ > limits_.max_values)
      return bad("JSON_SIZE", at_, "holds more than " + std::to_string(limits_.max_values) + " values",
                 "send less at once");
    if (c == '{' || c == '[') {
      if (static_cast<int>(open_.size()) >= limits_.max_depth)
        return bad("JSON_DEPTH", at_, "is nested more than " + std::to_string(limits_.max_depth) + " levels deep",
                   "flatten the document");
      open(c);
      ++at_;
      return c == '{' ? Expect::first_key_or_close : Expect::first_value_or_close;
    }
    Status status = c == '"' ? string() : (c == '-' || is_digit(c)) ? number() : literal();
    if (!status.ok()) return status;
    return after_value();
  }

  void open(char c) {
    open_.push_back(c);
    if (c != '{') return;
    if (names_.size() <= objects_) names_.emplace_back();
    names_[objects_++].clear();
  }

  // As it is meant: "\u0061" is "a". Most parsers keep the last of two members without a word.
  std::string_view name_of(std::string_view quoted) {
    const auto raw = quoted.substr(1, quoted.size() - 2);
    if (raw.find('\\') == raw.npos) return raw;
    boost::system::error_code error;
    const auto value = boost::json::parse(quoted, error);
    decoded_.emplace_back(error ? std::string(raw) : boost::json::value_to<std::string>(value));
    return decoded_.back();
  }

  Result<Expect> key(char c) {
    if (c != '"') return syntax("has a member without a quoted name");
    const std::size_t start = at_;
    if (auto status = string(); !status.ok()) return status;
    if (!names_[objects_ - 1].add(name_of(text_.substr(start, at_ - start))))
      return bad("JSON_TWICE", start, "names a member that stands there already", "leave one of the two out");
    skip_space();
    if (at_ == text_.size() || text_[at_] != ':') return syntax("has a member name without a colon");
    ++at_;
    return Expect::value;
  }

  Result<Expect> separator(char c) {
    if (c == ',') {
      ++at_;
      return open_.back() == '{' ? Expect::key : Expect::value;
    }
    return close(c);
  }

  Result<Expect> close(char c) {
    if ((c != '}' && c != ']') || (c == '}') != (open_.back() == '{'))
      return syntax("has neither a comma nor the closing bracket");
    if (open_.back() == '{') --objects_;
    open_.pop_back();
    ++at_;
    return after_value();
  }

  Expect after_value() const { return open_.empty() ? Expect::end : Expect::separator; }

  Status string() {
    const std::size_t start = at_++;
    for (; at_ < text_.size(); ++at_) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"') return check_text(start);
      if (byte < 0x20) return syntax("has a control character inside a string");
      if (byte != '\\') continue;
      ++at_;
      if (at_ == text_.size()) break;
      if (text_[at_] == 'u') {
        for (int i = 0; i < 4; ++i)
          if (++at_ >= text_.size() || !is_hex(text_[at_])) return syntax("has a \\u that no four hex digits follow");
      } else if (std::string_view("\"\\/bfnrt").find(text_[at_]) == std::string_view::npos) {
        return syntax("has an unknown escape in a string");
      }
    }
    at_ = start;
    return syntax("has a string that does not end");
  }

  Status check_text(std::size_t start) {
    ++at_;
    if (!is_valid_utf8(text_.substr(start, at_ - start))) {
      at_ = start;
      return syntax("has a string that is not UTF-8");
    }
    return {};
  }

  bool digits() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > start;
  }

  Status number() {
    static constexpr std::size_t kLongest = 64;  // no field needs more; some parsers are slow on thousands of digits
    const std::size_t start = at_;
    if (text_[at_] == '-') ++at_;
    if (at_ < text_.size() && text_[at_] == '0') {
      ++at_;
    } else if (!digits()) {
      return syntax("has a broken number");
    }
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      if (!digits()) return syntax("has a broken number");
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!digits()) return syntax("has a broken number");
    }
    if (at_ - start > kLongest) return bad("JSON_SIZE", start, "has a number of more than 64 characters", "round it");
    return {};
  }

  Status literal() {
    for (const std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return {};
      }
    }
    return syntax("has no value where one must stand");
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }

  Status syntax(std::string problem) const {
    return bad("JSON_SYNTAX", at_, std::move(problem), "send one JSON document as RFC 8259 has it");
  }

  std::string_view text_;
  const JsonLimits& limits_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
  std::vector<char> open_;
  std::size_t objects_ = 0;          // of them
  std::vector<Names> names_;         // of each open object, and room that was used before
  std::deque<std::string> decoded_;  // names that were written with escapes
};

}  // namespace

Status check_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes)
    return bad("JSON_SIZE", limits.max_bytes, "is longer than " + std::to_string(limits.max_bytes) + " bytes",
               "send less at once");
  return Scanner(text, limits).run();
}

Status check_json(std::string_view text, int max_depth) {
  JsonLimits limits;
  limits.max_depth = max_depth;
  return check_json(text, limits);
}

std::string json_quote(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      std::size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      length = std::min(length, text.size() - i);
      if (is_valid_utf8(text.substr(i, length))) {
        out += text.substr(i, length);
        i += length - 1;
      } else {
        out += "\xef\xbf\xbd";
      }
    } else if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f || c == '<' || c == '>' || c == '&') {
      out += "\\u00";
      out += {kHex[byte >> 4], kHex[byte & 15]};
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

}  // namespace loomline::http
