#include "pages/login_page.hpp"

namespace loomline::edge {

http::Response login_page(const http::Request& request, bool failed, int status) {
  PageFrame frame;
  frame.language = language_of(request);
  frame.address = "/ops";
  const auto text = [&](std::string_view key) { return Text(say(frame.language, key)); };
  frame.title = say(frame.language, "ops.login.title");
  const std::string language = chosen_language(request);
  frame.main << "<section class=\"card notice-page\"><h1>" << text("ops.login.title") << "</h1>";
  if (failed)
    frame.main << "<p class=form-error role=alert id=login-error>" << icon("alert") << text("ops.login.bad") << "</p>";
  frame.main << "<form method=post action=\"" << Text("/ops/login" + (language.empty() ? "" : "?" + language))
             << "\"><label for=token>" << text("ops.login.token")
             << "</label><input id=token name=token type=password autocomplete=current-password required";
  if (failed) frame.main << " aria-invalid=true aria-describedby=login-error";
  frame.main << "><p class=\"muted small\">" << text("ops.login.text") << "</p><button type=submit>"
             << text("ops.login.go") << "</button></form></section>";
  return render(frame, status);
}

}  // namespace loomline::edge
