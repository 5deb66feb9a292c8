#include "scenario.hpp"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>

#include "loomline/eventing/testing.hpp"
#include "match.hpp"
#include "readable.hpp"
#include "script.hpp"

namespace loomline::scenarios {
namespace {

using google::protobuf::Message;
using google::protobuf::TextFormat;

class Run {
 public:
  Run(const Subject& about, std::string folder)
      : subject_(about), folder_(std::move(folder)), service_(about.make_service()) {
    for (const auto& [kind, aggregate] : service_->aggregates())
      for (const auto& [method, command] : aggregate->commands)
        commands_.emplace(method.substr(method.rfind('.') + 1), command);
  }

  std::vector<std::string> all(const std::vector<Line>& lines) {
    for (const auto& line : lines) {
      line_ = line.number;
      step(line);
    }
    expect_silence();
    return std::move(problems_);
  }

 private:
  void problem(const std::string& what) { problems_.push_back("line " + std::to_string(line_) + ": " + what); }

  void step(const Line& line) {
    const auto text = bindings_.substitute(line.rest);
    if (line.verb == "let") return let(text);
    if (line.verb == "skip") return skip(text);
    if (line.verb == "at") return at(text);
    if (!harness_) return problem("the first line says when: at 2026-03-02T08:00:00Z");
    if (line.verb == "hear") return hear(text);
    if (line.verb == "again") return again();
    if (line.verb == "call") return call(text);
    if (line.verb == "ask") return ask(text);
    if (line.verb == "answer") return answer(text);
    if (line.verb == "fail") return fail(text);
    if (line.verb == "say") return say(text);
    if (line.verb == "waits") return waits(text);
    problem("no such verb: " + line.verb);
  }

  // "Name {text}" into a message of the type, or nothing and a problem.
  std::unique_ptr<Message> parse(const Message* prototype, const std::string& body) {
    if (!prototype) return problem("no such type"), nullptr;
    std::unique_ptr<Message> message(prototype->New());
    auto inner = body;
    if (!inner.empty() && inner.front() == '{') inner = inner.substr(1, inner.rfind('}') - 1);
    const auto text = to_text_form(*message->GetDescriptor(), inner);
    if (!text.ok()) return problem(text.status().message()), nullptr;
    if (!TextFormat::ParseFromString(*text, message.get())) return problem("cannot be read: " + *text), nullptr;
    return message;
  }
  static std::pair<std::string, std::string> split(const std::string& text) {
    const auto space = text.find(' ');
    return {text.substr(0, space), space == std::string::npos ? "" : text.substr(space + 1)};
  }

  void let(const std::string& text) {
    const auto equals = text.find('=');
    auto value = text.substr(text.find_first_not_of(' ', equals + 1));
    if (value.front() == '@') {
      std::stringstream file;
      file << std::ifstream(folder_ + "/" + value.substr(1)).rdbuf();
      if (file.str().empty()) return problem(value.substr(1) + " cannot be read");
      value = file.str();
    }
    bindings_.bind(text.substr(0, text.find(' ')), value);
  }
  void skip(const std::string& text) {
    std::istringstream names(text);
    for (std::string name; names >> name;) {
      if (!prototype_of(name)) problem("no such event: " + name);
      skipped_.insert(name);
    }
  }
  void at(const std::string& text) {
    auto time = parse_rfc3339(text);
    if (!time.ok()) return problem(time.status().to_string());
    if (!harness_) {
      harness_.emplace(std::move(*service_), *time);
      if (subject_.queries) queries_ = subject_.queries(*harness_);
      return;
    }
    expect_silence();
    harness_->advance_to(*time);
    take();
  }
  void hear(const std::string& text) {
    expect_silence();
    const auto [name, body] = split(text);
    heard_ = parse(prototype_of(name), body);
    if (!heard_) return;
    heard_id_ = "evt/" + std::to_string(++events_);
    deliver();
  }
  void again() {
    expect_silence();
    if (heard_) deliver();
  }
  void deliver() {
    const auto verdict = harness_->deliver(*heard_, source_of(*heard_), heard_id_);
    if (verdict.kind() == eventing::Verdict::Kind::refused) problem("was refused: " + verdict.reason());
    take();
  }
  void call(const std::string& text) {
    expect_silence();
    const auto [name, body] = split(text);
    const auto command = commands_.find(name);
    if (command == commands_.end()) return problem("no such command: " + name);
    const auto request = parse(command->second.request, body);
    if (!request) return;
    answer_.reset(command->second.response->New());
    status_ = harness_->execute(command->second.method, *request, *answer_, {});
    expected_failure_ = false;
    called_at_ = line_;
    take();
  }
  void ask(const std::string& text) {
    expect_silence();
    const auto [name, body] = split(text);
    const auto query = queries_.find(name);
    if (query == queries_.end()) return problem("no such query: " + name);
    const auto request = parse(query->second.request, body);
    if (!request) return;
    answer_.reset(query->second.response->New());
    status_ = query->second.answer(*request, *answer_);
    expected_failure_ = false;
    called_at_ = line_;
  }
  void answer(const std::string& text) {
    if (!answer_) return problem("nothing was asked");
    const auto expected = parse(answer_.get(), text);
    if (!expected) return;
    if (auto difference = bindings_.match(*expected, *answer_); !difference.empty()) problem("answer: " + difference);
  }
  void fail(const std::string& text) {
    expected_failure_ = true;
    std::string code(name(status_.code()));
    std::transform(code.begin(), code.end(), code.begin(), [](unsigned char c) { return std::toupper(c); });
    const auto actual = code + " " + status_.reason();
    if (actual != text) problem("expected " + text + ", was " + status_.to_string());
  }
  void say(const std::string& text) {
    const auto [name, body] = split(text);
    const auto found = std::find_if(said_.begin(), said_.end(),
                                    [&](const auto& event) { return event->GetDescriptor()->name() == name; });
    if (found == said_.end())
      return problem("expected " + name + (said_.empty() ? ", but nothing more was said" : ", was " + names_said()));
    const auto actual = *found;
    said_.erase(found);
    const auto expected = parse(actual.get(), body);
    if (!expected) return;
    if (auto difference = bindings_.match(*expected, *actual); !difference.empty()) problem(name + ": " + difference);
  }
  std::string names_said() const {
    std::string names;
    for (const auto& event : said_) names += (names.empty() ? "" : ", ") + event->GetDescriptor()->name();
    return names;
  }
  void waits(const std::string& text) {
    if (std::to_string(harness_->waiting()) != text)
      problem(std::to_string(harness_->waiting()) + " events wait, expected " + text);
  }
  void take() {
    eventing::testing::settle({&*harness_});
    said_ = harness_->take();
    std::erase_if(said_, [this](const auto& event) { return skipped_.count(event->GetDescriptor()->name()) > 0; });
  }
  void expect_silence() {
    for (const auto& event : said_)
      problem("not expected before here: " + event->GetDescriptor()->name() + " " + event->ShortDebugString());
    said_.clear();
    if (!status_.ok() && !expected_failure_)
      problem("the call in line " + std::to_string(called_at_) + " failed: " + status_.to_string());
    status_ = {};
  }

  const Subject& subject_;
  const std::string folder_;
  std::optional<eventing::Service> service_;
  std::optional<eventing::testing::Harness> harness_;
  std::map<std::string, eventing::CommandHandler> commands_;
  Queries queries_;
  std::set<std::string> skipped_;
  Bindings bindings_;
  std::vector<std::shared_ptr<const Message>> said_;
  std::unique_ptr<Message> heard_, answer_;
  std::string heard_id_;
  Status status_;
  bool expected_failure_ = false;
  int line_ = 0, called_at_ = 0, events_ = 0;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> run(const std::string& path, const Subject& subject) {
  const auto lines = read_script(path);
  if (lines.empty()) return {path + " cannot be read or is empty"};
  return Run(subject, std::filesystem::path(path).parent_path().string()).all(lines);
}

}  // namespace loomline::scenarios
