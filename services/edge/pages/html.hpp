// HTML that cannot be injected into: markup comes from string literals only, everything else is escaped.
#pragma once

#include <string>
#include <string_view>

#include "loomline/http/message.hpp"
#include "pages/texts.hpp"

namespace loomline::edge {

// A literal known at compile time.
class Markup {
 public:
  consteval Markup(const char* text) : text_(text) {}  // NOLINT: implicit by design
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// A text for people or an attribute's value: escaped.
struct Text {
  explicit Text(std::string text) : value(std::move(text)) {}
  explicit Text(std::string_view text) : value(text) {}
  explicit Text(std::int64_t number) : value(std::to_string(number)) {}
  std::string value;
};

class Html {
 public:
  Html& operator<<(Markup markup) { return out_ += markup.text(), *this; }
  Html& operator<<(const Text& text);
  Html& operator<<(const Html& other) { return out_ += other.out_, *this; }
  const std::string& str() const { return out_; }
  bool empty() const { return out_.empty(); }

 private:
  std::string out_;
};

struct PageFrame {
  Language language = Language::en;
  std::string title;
  // The page's own address without its language, for the language switch.
  std::string address;
  // Before the language switch, at the right of the bar.
  Html actions;
  Html main;
  bool live = false;  // loads the script that follows events
};
http::Response render(const PageFrame& frame, int status = 200);

// Versioned addresses of the embedded files, so that they may be kept for a year.
std::string style_address();
std::string script_address();

Html icon(std::string_view name);

}  // namespace loomline::edge
