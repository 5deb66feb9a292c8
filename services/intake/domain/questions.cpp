#include "domain/questions.hpp"

#include <algorithm>
#include <array>

namespace loomline::intake::domain {
namespace {

struct AutomaticQuestion {
  std::string_view id, en, zh;
  bool (*missing)(const state::v1::OrderRecord&);
};

bool wish_missing(const state::v1::OrderRecord& order) { return order.wishes().empty(); }
bool quantity_missing(const state::v1::OrderRecord& order) {
  return std::any_of(order.wishes().begin(), order.wishes().end(),
                     [](const v1::Wish& wish) { return wish.quantity() == 0; });
}
bool ship_to_missing(const state::v1::OrderRecord& order) {
  const auto* party = ship_to(order);
  return party == nullptr || party->country().empty();
}

constexpr std::array automatic_questions = {
    AutomaticQuestion{question_wish, "Which product do you want, and with which options?", "您需要哪种产品和哪些选项？",
                      wish_missing},
    AutomaticQuestion{question_quantity, "How many pieces of each product do you want?", "每种产品您需要多少件？",
                      quantity_missing},
    AutomaticQuestion{question_ship_to, "To which country shall we deliver?", "货物送往哪个国家？", ship_to_missing},
};

}  // namespace

bool quantity_is_asked(v1::Channel channel) { return channel == v1::CHANNEL_EMAIL || channel == v1::CHANNEL_PHONE; }

const common::v1::Party* ship_to(const state::v1::OrderRecord& order) {
  for (const auto& party : order.parties())
    if (party.role() == common::v1::PARTY_ROLE_SHIP_TO) return &party;
  return nullptr;
}

std::vector<v1::Question> open_questions(const state::v1::OrderRecord& order) {
  std::vector<v1::Question> open;
  for (const auto& question : automatic_questions) {
    if (!question.missing(order)) continue;
    auto& out = open.emplace_back();
    out.set_question_id(std::string(question.id));
    out.mutable_text()->set_en(std::string(question.en));
    out.mutable_text()->set_zh(std::string(question.zh));
    out.set_automatic(true);
  }
  open.insert(open.end(), order.open_questions().begin(), order.open_questions().end());
  return open;
}

bool is_automatic(std::string_view question_id) {
  return std::any_of(automatic_questions.begin(), automatic_questions.end(),
                     [&](const AutomaticQuestion& question) { return question.id == question_id; });
}

}  // namespace loomline::intake::domain
