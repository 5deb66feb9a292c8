#include "board.hpp"

#include <algorithm>
#include <iomanip>
#include <map>
#include <ostream>
#include <sstream>
#include <vector>

#include "loomline/wire/milestones.hpp"

namespace loomline::demo {

namespace {

using production::v1::Milestone;
using tracking::v1::JourneyStatus;

// Milestones in their order; what has reached none before them.
int place_of(Milestone milestone) {
  const auto& all = wire::milestones().all();
  const auto found = std::find(all.begin(), all.end(), milestone);
  return found == all.end() ? 0 : 1 + static_cast<int>(found - all.begin());
}

// The name and place of a stage: wishes first, then active orders by milestone, then the ends.
std::pair<int, std::string> stage_of(const tracking::v1::StageCount& stage) {
  switch (stage.status()) {
    case tracking::v1::JOURNEY_STATUS_WISH:
      return {0, "wish"};
    case tracking::v1::JOURNEY_STATUS_DELIVERED:
      return {1050, "delivered"};
    case tracking::v1::JOURNEY_STATUS_CLOSED:
      return {1060, "surveyed"};
    case tracking::v1::JOURNEY_STATUS_CANCELLED:
      return {1070, "cancelled"};
    case tracking::v1::JOURNEY_STATUS_REFUSED:
      return {1080, "refused"};
    default:
      break;
  }
  std::string name = wire::milestones().name(stage.milestone());
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return c == '_' ? ' ' : std::tolower(c); });
  return {1 + place_of(stage.milestone()), name};
}

std::map<std::pair<int, std::string>, std::int64_t> stages_of(const tracking::v1::CountOrdersResponse& counts) {
  std::map<std::pair<int, std::string>, std::int64_t> out;
  for (const auto& stage : counts.stages())
    if (stage.orders() > 0) out[stage_of(stage)] += stage.orders();
  return out;
}

}  // namespace

std::string one_line(const tracking::v1::CountOrdersResponse& counts) {
  std::string out;
  for (const auto& [stage, orders] : stages_of(counts))
    out += (out.empty() ? "" : ", ") + std::to_string(orders) + " " + stage.second;
  if (counts.late() > 0) out += ", " + std::to_string(counts.late()) + " of them late";
  return out.empty() ? "no orders" : out;
}

bool Board::due() const {
  const auto age = std::chrono::steady_clock::now() - shown_;
  return terminal_ ? age >= std::chrono::milliseconds(500) : age >= std::chrono::seconds(10);
}

void Board::show(Time business, const tracking::v1::CountOrdersResponse& counts) {
  shown_ = std::chrono::steady_clock::now();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(shown_ - began_).count();
  const std::string date = format_rfc3339(business).substr(0, 16);
  if (!terminal_) {
    *out_ << std::setw(5) << seconds << " s  " << date << "  " << one_line(counts) << std::endl;
    return;
  }
  std::ostringstream text;
  if (lines_ > 0) text << "\033[" << lines_ << "A\033[J";
  lines_ = 1;
  text << "  business time " << date << "Z, " << seconds << " s\n";
  for (const auto& [stage, orders] : stages_of(counts)) {
    const auto bar = static_cast<std::size_t>(std::min<std::int64_t>(orders, 50));
    text << "  " << std::left << std::setw(16) << stage.second << std::right << std::setw(6) << orders << "  "
         << std::string(bar, '#') << "\n";
    ++lines_;
  }
  text << "  " << std::left << std::setw(16) << "late" << std::right << std::setw(6) << counts.late() << "\n";
  ++lines_;
  *out_ << text.str() << std::flush;
}

void Board::finish() { lines_ = 0; }

}  // namespace loomline::demo
