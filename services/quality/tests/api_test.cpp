// The queries, over a harness that lived through a few orders.
#include <gtest/gtest.h>

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

TEST_F(QualityApiTest, a_certificate_needs_a_known_order) {
  EXPECT_EQ(certificate("ord_9").status().reason(), "CERTIFICATE_NOT_ISSUED");
  EXPECT_EQ(certificate("").status().code(), Code::invalid_argument);
}

}  // namespace
}  // namespace loomline::quality
