// The lives of things, drawn from the tables that the domains enforce.
#include "loomline/quality/lives.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "documents.hpp"
#include "loomline/aftersales/lives.hpp"
#include "loomline/intake/lives.hpp"
#include "loomline/scheduling/lives.hpp"
#include "loomline/tracking/lives.hpp"

namespace loomline::contract {
namespace {

struct Arrow {
  std::string from, to, on;
  int from_number;
};

// "placed" for ORDER_STATE_PLACED.
std::string state_name(const google::protobuf::EnumDescriptor& type, int number) {
  auto name = wire::short_name(type, number);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

template <class State, std::size_t size>
std::string diagram(const wire::Lifecycle<State, size>& table) {
  const auto& type = *google::protobuf::GetEnumDescriptor<State>();
  std::vector<Arrow> arrows;
  std::set<int> left, entered;
  for (const auto& step : table) {
    if (step.from != step.to) left.insert(step.from);
    entered.insert(step.to);
    // More than one cause of the same step are one arrow.
    const auto name = [&](int number) { return number == 0 ? std::string("[*]") : state_name(type, number); };
    const auto same = std::find_if(arrows.begin(), arrows.end(), [&](const Arrow& arrow) {
      return arrow.from == name(step.from) && arrow.to == name(step.to);
    });
    if (same == arrows.end())
      arrows.push_back({name(step.from), name(step.to), std::string(step.on), step.from});
    else
      same->on += " / " + std::string(step.on);
  }
  std::string out = "```mermaid\nstateDiagram-v2\n";
  for (const auto& arrow : arrows) out += "  " + arrow.from + " --> " + arrow.to + " : " + arrow.on + "\n";
  for (const int state : entered)
    if (!left.count(state)) out += "  " + state_name(type, state) + " --> [*]\n";
  return out + "```\n";
}

template <class Table>
std::string life(const std::string& title, const std::string& owner, const Table& table) {
  return "\n## " + title + "\n\nEnforced by " + owner + ".\n\n" + diagram(table);
}

}  // namespace

std::string lives() {
  return "# The lives of things\n\nEach life is one table of legal transitions in the code of its one owner; these "
         "diagrams "
         "are drawn from the tables. Generated; do not edit.\n" +
         life("Order (commercial)", "[intake](../services/intake)", intake::order_life) +
         life("Unit", "[scheduling](../services/scheduling)", scheduling::unit_life) +
         life("Work order", "[scheduling](../services/scheduling)", scheduling::work_order_life) +
         life("Operation of a work order", "[scheduling](../services/scheduling)", scheduling::operation_life) +
         life("Shipment", "[scheduling](../services/scheduling)", scheduling::shipment_life) +
         life("Inspection", "[quality](../services/quality)", quality::inspection_life) +
         life("Disposition of a nonconformity", "[quality](../services/quality)", quality::disposition_life) +
         life("Ticket", "[aftersales](../services/aftersales)", aftersales::ticket_life) +
         life("Journey", "[tracking](../services/tracking)", tracking::journey_life);
}

}  // namespace loomline::contract
