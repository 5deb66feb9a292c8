// The queries, over a harness that lived through a few orders.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "api/quality_api.hpp"
#include "loomline/eventing/testing.hpp"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/production/v1/production.pb.h"
#include "loomline/quality/service.hpp"
#include "loomline/scheduling/v1/events.pb.h"

namespace loomline::quality {
namespace {

constexpr Time start{std::chrono::seconds(1'772'438'400)};

class QualityApiTest : public testing::Test {
 protected:
  // Up to its pending inspection.
  void make_order(const std::string& order, const std::string& plant) {
    intake::v1::OrderPlaced placed;
    placed.set_order_id(order);
    auto& line = *placed.add_lines();
    line.set_line_id("lin_1");
    line.set_quantity(1);
    line.mutable_spec()->mutable_product_name()->set_en("Compressor");
    harness.deliver(placed, "intake");
    scheduling::v1::LineScheduled scheduled;
    scheduled.set_order_id(order);
    scheduled.set_line_id("lin_1");
    scheduled.add_unit_ids("unt_" + order.substr(4));
    harness.deliver(scheduled, "scheduling");
    end_operation(order, plant, 1);
  }
  void end_operation(const std::string& order, const std::string& plant, std::uint32_t attempt) {
    scheduling::v1::OperationProgressed ended;
    ended.set_order_id(order);
    ended.set_line_id("lin_1");
    ended.add_unit_ids("unt_" + order.substr(4));
    ended.set_plant_id(plant);
    ended.set_op_id("op_test");
    ended.set_state(5);
    ended.set_attempt(attempt);
    ended.add_lot_ids("lot_a");
    auto& characteristic = *ended.add_characteristics();
    characteristic.set_characteristic_id("chr_x");
    characteristic.set_upper_limit(10);
    characteristic.add_rework_op_ids("op_fix");
    ended.mutable_occurred_at()->set_seconds(1'772'438'400);
    harness.deliver(ended, "scheduling");
  }
  v1::ListInspectionsResponse list(const std::string& plant, v1::InspectionState state = {}) {
    v1::ListInspectionsRequest request;
    request.set_plant_id(plant);
    request.set_state(state);
    return queries.list_inspections("main", request).value();
  }
  void measure(const v1::Inspection& inspection, std::int64_t value) {
    v1::RecordMeasurementsRequest request;
    request.set_order_id(inspection.order_id());
    request.set_inspection_id(inspection.inspection_id());
    auto& measured = *request.add_measurements();
    measured.set_characteristic_id("chr_x");
    measured.set_sample(1);
    measured.set_value(value);
    const auto done = harness.execute<v1::RecordMeasurementsResponse>(
        "loomline.quality.v1.QualityService.RecordMeasurements", request, {});
    ASSERT_TRUE(done.ok()) << done.status().to_string();
  }
  Result<v1::GetCertificateResponse> certificate(const std::string& order) {
    v1::GetCertificateRequest request;
    request.set_order_id(order);
    return queries.get_certificate("main", request);
  }

  eventing::testing::Harness harness{make_service(), start};
  api::QualityApi queries{harness};
};

TEST_F(QualityApiTest, lists_what_a_plant_has_to_measure) {
  make_order("ord_1", "plt_a");
  make_order("ord_2", "plt_a");
  make_order("ord_3", "plt_b");
  EXPECT_EQ(list("plt_a").inspections_size(), 2);
  EXPECT_EQ(list("plt_b").inspections_size(), 1);
  EXPECT_EQ(list("plt_c").inspections_size(), 0);
  measure(list("plt_b").inspections(0), 5);
  EXPECT_EQ(list("plt_b").inspections_size(), 0);
  EXPECT_EQ(list("plt_b", v1::INSPECTION_STATE_PASSED).inspections_size(), 1);
}

TEST_F(QualityApiTest, lists_every_failure_once) {
  make_order("ord_1", "plt_a");
  measure(list("plt_a").inspections(0), 11);
  EXPECT_EQ(list("plt_a", v1::INSPECTION_STATE_FAILED).inspections_size(), 1);
}

TEST_F(QualityApiTest, lists_inspections_by_the_page) {
  for (int i = 0; i < 7; ++i) make_order("ord_" + std::to_string(i), "plt_a");
  v1::ListInspectionsRequest request;
  request.set_plant_id("plt_a");
  request.mutable_page()->set_page_size(3);
  std::vector<std::string> seen;
  std::vector<int> sizes;
  do {
    const auto page = queries.list_inspections("main", request).value();
    for (const auto& inspection : page.inspections()) seen.push_back(inspection.inspection_id());
    sizes.push_back(page.inspections_size());
    // What is measured between two pages disturbs neither.
    measure(page.inspections(page.inspections_size() - 1), 5);
    request.mutable_page()->set_page_token(page.next_page_token());
  } while (!request.page().page_token().empty());
  EXPECT_EQ(sizes, (std::vector{3, 3, 1}));
  EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 7U);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));  // all of one time
  EXPECT_EQ(list("plt_a").inspections_size(), 4);
}

TEST_F(QualityApiTest, a_full_last_page_names_no_next_one) {
  for (int i = 0; i < 3; ++i) make_order("ord_" + std::to_string(i), "plt_a");
  v1::ListInspectionsRequest request;
  request.set_plant_id("plt_a");
  request.mutable_page()->set_page_size(3);
  const auto page = queries.list_inspections("main", request).value();
  EXPECT_EQ(page.inspections_size(), 3);
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(QualityApiTest, names_a_bad_page) {
  v1::ListInspectionsRequest request;
  request.set_plant_id("plt_a");
  request.mutable_page()->set_page_size(501);
  for (const auto* token : {"x", "1", "1.", "1.2", "a.b.ins_1", "99999999999999999999.1.ins_1"}) {
    request.mutable_page()->set_page_token(token);
    const auto answer = queries.list_inspections("main", request);
    ASSERT_FALSE(answer.ok()) << token;
    ASSERT_EQ(answer.status().violations().size(), 2U) << token;
    EXPECT_EQ(answer.status().violations().at(0).field, "page.page_size");
    EXPECT_EQ(answer.status().violations().at(1).field, "page.page_token");
  }
}

TEST_F(QualityApiTest, names_a_bad_plant_id) {
  const auto answer = queries.list_inspections("main", {});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.status().violations().at(0).field, "plant_id");
}

TEST_F(QualityApiTest, a_certificate_shows_the_passing_attempt_and_counts_the_failed_one) {
  make_order("ord_1", "plt_a");
  measure(list("plt_a").inspections(0), 11);
  end_operation("ord_1", "plt_a", 2);
  measure(list("plt_a").inspections(0), 9);
  EXPECT_EQ(certificate("ord_1").status().code(), Code::not_found);
  scheduling::v1::UnitCompleted completed;
  completed.set_order_id("ord_1");
  completed.set_line_id("lin_1");
  completed.set_unit_id("unt_1");
  completed.set_serial("SN-1");
  harness.deliver(completed, "scheduling");
  const auto answer = certificate("ord_1");
  ASSERT_TRUE(answer.ok()) << answer.status().to_string();
  ASSERT_EQ(answer->certificates_size(), 1);
  EXPECT_EQ(answer->certificates(0).product_name().en(), "Compressor");
  const auto& unit = answer->certificates(0).units(0);
  EXPECT_EQ(unit.serial(), "SN-1");
  EXPECT_EQ(unit.reworks(), 1U);
  EXPECT_EQ(unit.lot_ids_size(), 1);
  ASSERT_EQ(unit.inspections_size(), 1);
  EXPECT_EQ(unit.inspections(0).attempt(), 2U);
}

constexpr std::size_t grpc_default = std::size_t{4}
                                     << 20;  // what a client takes of one answer, if nobody says otherwise

// Two lines of so many pieces, each measured in forty ways.
class LargeOrder : public QualityApiTest {
 protected:
  static constexpr int lines = 2, pieces = 500;
  static std::string unit_id(int line, int piece) {
    const auto digits = std::to_string(pieces * line + piece);
    return "unt_" + std::string(4 - digits.size(), '0') + digits;
  }
  static std::string line_id(int line) { return "lin_" + std::to_string(line); }

  void SetUp() override {
    intake::v1::OrderPlaced placed;
    placed.set_order_id("ord_1");
    for (int line = 0; line < lines; ++line) {
      auto& ordered = *placed.add_lines();
      ordered.set_line_id(line_id(line));
      ordered.set_quantity(pieces);
    }
    harness.deliver(placed, "intake");
    for (int line = 0; line < lines; ++line) make(line);
  }
  void make(int line) {
    scheduling::v1::LineScheduled scheduled;
    scheduled.set_order_id("ord_1");
    scheduled.set_line_id(line_id(line));
    scheduling::v1::OperationProgressed ended;
    ended.set_order_id("ord_1");
    ended.set_line_id(line_id(line));
    ended.set_plant_id("plt_a");
    ended.set_op_id("op_test");
    ended.set_state(5);
    ended.set_attempt(1);
    for (int c = 0; c < 40; ++c) {
      auto& characteristic = *ended.add_characteristics();
      characteristic.set_characteristic_id("chr_" + std::to_string(c));
      characteristic.mutable_name()->set_en("Vibration at full load, bearing " + std::to_string(c));
      characteristic.mutable_name()->set_zh("满载振动，轴承 " + std::to_string(c));
      characteristic.mutable_nominal()->set_value(28);
      characteristic.mutable_nominal()->set_scale(1);
      characteristic.mutable_nominal()->set_unit("C16");
      characteristic.set_lower_limit(10);
      characteristic.set_upper_limit(45);
      characteristic.add_rework_op_ids("op_align");
    }
    for (int piece = 0; piece < pieces; ++piece) {
      scheduled.add_unit_ids(unit_id(line, piece));
      ended.add_unit_ids(unit_id(line, piece));
    }
    harness.deliver(scheduled, "scheduling");
    harness.deliver(ended, "scheduling");
    const auto pending = list("plt_a");
    for (const auto& inspection : pending.inspections()) measure_all(inspection);
    for (int piece = 0; piece < pieces; ++piece) {
      scheduling::v1::UnitCompleted completed;
      completed.set_order_id("ord_1");
      completed.set_line_id(line_id(line));
      completed.set_unit_id(unit_id(line, piece));
      completed.set_serial("SN-" + unit_id(line, piece));
      harness.deliver(completed, "scheduling");
    }
  }
  void measure_all(const v1::Inspection& inspection) {
    v1::RecordMeasurementsRequest request;
    request.set_order_id(inspection.order_id());
    request.set_inspection_id(inspection.inspection_id());
    for (const auto& characteristic : inspection.characteristics()) {
      auto& measured = *request.add_measurements();
      measured.set_characteristic_id(characteristic.characteristic_id());
      measured.set_sample(1);
      measured.set_value(31);
    }
    const auto done = harness.execute<v1::RecordMeasurementsResponse>(
        "loomline.quality.v1.QualityService.RecordMeasurements", request, {});
    ASSERT_TRUE(done.ok()) << done.status().to_string();
  }
  Result<v1::GetCertificateResponse> page(std::uint32_t size, const std::string& token) {
    v1::GetCertificateRequest request;
    request.set_order_id("ord_1");
    request.mutable_page()->set_page_size(size);
    request.mutable_page()->set_page_token(token);
    return queries.get_certificate("main", request);
  }
};

TEST_F(LargeOrder, has_its_certificates_by_pages_that_any_client_takes) {
  for (const std::uint32_t size : {0U, 33U, 500U}) {
    std::vector<std::string> units;
    std::size_t bytes = 0;
    std::string token;
    do {
      const auto answer = page(size, token);
      ASSERT_TRUE(answer.ok()) << answer.status().to_string();
      EXPECT_LT(answer->ByteSizeLong(), grpc_default);
      bytes += answer->ByteSizeLong();
      std::size_t given = 0;
      ASSERT_FALSE(answer->certificates().empty());
      for (const auto& certificate : answer->certificates()) {
        EXPECT_EQ(certificate.units_total(), static_cast<std::uint32_t>(pieces));
        EXPECT_FALSE(certificate.units().empty());
        for (const auto& unit : certificate.units()) {
          EXPECT_EQ(unit.inspections_size(), 1);
          units.push_back(unit.unit_id());
          ++given;
        }
      }
      EXPECT_LE(given, size == 0 ? 50U : size);
      token = answer->next_page_token();
    } while (!token.empty());
    EXPECT_GT(bytes, grpc_default) << "in one answer it would be too much";
    ASSERT_EQ(units.size(), static_cast<std::size_t>(lines * pieces)) << size;
    for (int line = 0; line < lines; ++line)
      for (int piece = 0; piece < pieces; ++piece)
        ASSERT_EQ(units[static_cast<std::size_t>(pieces * line + piece)], unit_id(line, piece));
  }
  EXPECT_EQ(page(501, "").status().violations().at(0).field, "page.page_size");
  EXPECT_EQ(page(0, "ord_1").status().violations().at(0).field, "page.page_token");
  EXPECT_EQ(page(0, "unt_none").status().violations().at(0).field, "page.page_token");
  const auto after_last = page(0, unit_id(lines - 1, pieces - 1));
  ASSERT_TRUE(after_last.ok()) << after_last.status().to_string();
  EXPECT_TRUE(after_last->certificates().empty() && after_last->next_page_token().empty());
}

TEST_F(QualityApiTest, a_certificate_needs_a_known_order) {
  EXPECT_EQ(certificate("ord_9").status().reason(), "CERTIFICATE_NOT_ISSUED");
  EXPECT_EQ(certificate("").status().code(), Code::invalid_argument);
}

}  // namespace
}  // namespace loomline::quality
