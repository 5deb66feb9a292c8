// The service in memory: publish, read, ask.
#include "loomline/configuration/service.hpp"

#include <gtest/gtest.h>

#include "api/configuration_api.hpp"
#include "loomline/eventing/testing.hpp"
#include "tests/sample.hpp"

namespace loomline::configuration {
namespace {

constexpr Time start{std::chrono::seconds(1'772'438'400)};
constexpr std::string_view publish_method = "loomline.configuration.v1.ConfigurationService.PublishModel";

class ConfigurationService : public testing::Test {
 protected:
  Result<v1::PublishModelResponse> publish(const v1::ProductPackage& package, const std::string& idempotency_key = "") {
    v1::PublishModelRequest request;
    *request.mutable_package() = package;
    return harness.execute<v1::PublishModelResponse>(publish_method, request, {.idempotency_key = idempotency_key});
  }

  eventing::testing::Harness harness{make_service(), start};
  api::ConfigurationApi queries{harness, harness};
};

TEST_F(ConfigurationService, VersionsAreImmutableAndContentCountsOnce) {
  const auto first = publish(bicycle());
  ASSERT_TRUE(first.ok()) << first.status().to_string();
  EXPECT_TRUE(first->created());
  EXPECT_EQ(first->model().version(), 1u);
  EXPECT_EQ(first->model().feature_count(), 9u);
  ASSERT_EQ(harness.take().size(), 1u);

  auto commented = bicycle();
  commented.set_uvl(commented.uvl() + "// nothing new\n");
  const auto again = publish(commented);
  EXPECT_FALSE(again->created());
  EXPECT_EQ(again->model().SerializeAsString(), first->model().SerializeAsString());
  EXPECT_TRUE(harness.take().empty());

  auto dearer = bicycle();
  dearer.set_warranty_days(730);
  EXPECT_EQ(publish(dearer)->model().version(), 2u);
  const auto said = harness.take();
  ASSERT_EQ(said.size(), 1u);
  const auto& event = dynamic_cast<const v1::ModelVersionPublished&>(*said.front());
  EXPECT_EQ(event.model_id(), "mdl_bicycle");
  EXPECT_EQ(event.model().version(), 2u);

  v1::GetModelRequest get;
  get.set_model_id("mdl_bicycle");
  EXPECT_EQ(queries.get_model("main", get)->model().version(), 2u);
  get.set_version(1);
  EXPECT_EQ(queries.get_model("main", get)->package().uvl(), bicycle().uvl());
  get.set_version(3);
  EXPECT_EQ(queries.get_model("main", get).status().reason(), "MODEL_VERSION_UNKNOWN");
  get.set_model_id("mdl_tricycle");
  EXPECT_EQ(queries.get_model("main", get).status().reason(), "MODEL_UNKNOWN");
  get.set_model_id("bicycle");
  EXPECT_EQ(queries.get_model("main", get).status().code(), Code::invalid_argument);
}

TEST_F(ConfigurationService, AWrongPackageChangesNothing) {
  auto package = bicycle();
  package.set_uvl("features");
  EXPECT_EQ(publish(package).status().reason(), "UVL_SYNTAX");
  package.clear_model_id();
  EXPECT_EQ(publish(package).status().violations().front().field, "package.model_id");
  EXPECT_TRUE(harness.take().empty());
  EXPECT_EQ(queries.list_models("main", {})->models_size(), 0);
}

TEST_F(ConfigurationService, ListsByPage) {
  for (const char* id : {"mdl_c", "mdl_a", "mdl_b"}) {
    auto package = bicycle();
    package.set_model_id(id);
    ASSERT_TRUE(publish(package).ok());
  }
  v1::ListModelsRequest request;
  request.mutable_page()->set_page_size(2);
  const auto first = queries.list_models("main", request).value();
  ASSERT_EQ(first.models_size(), 2);
  EXPECT_EQ(first.models(0).model_id(), "mdl_a");
  request.mutable_page()->set_page_token(first.next_page_token());
  const auto second = queries.list_models("main", request).value();
  ASSERT_EQ(second.models_size(), 1);
  EXPECT_EQ(second.models(0).model_id(), "mdl_c");
  EXPECT_TRUE(second.next_page_token().empty());
  EXPECT_EQ(queries.list_models("other", {})->models_size(), 0);
}

TEST_F(ConfigurationService, AnswersForTheVersionAsked) {
  ASSERT_TRUE(publish(bicycle()).ok());
  auto dearer = bicycle();
  dearer.mutable_uvl()->replace(dearer.uvl().find("Price 500"), 9, "Price 600");
  ASSERT_TRUE(publish(dearer).ok());
  v1::ValidateRequest request;
  request.set_model_id("mdl_bicycle");
  EXPECT_EQ(queries.validate("main", request)->configuration().price().unit_net().minor_units(), 62000);
  request.set_model_version(1);
  const auto old = queries.validate("main", request).value();
  EXPECT_EQ(old.configuration().price().unit_net().minor_units(), 52000);
  EXPECT_EQ(old.configuration().model_version(), 1u);
  v1::CompleteRequest complete;
  complete.set_model_id("mdl_bicycle");
  complete.set_seed(7);
  EXPECT_EQ(queries.complete("main", complete)->choices_size(), 9);
  EXPECT_EQ(queries.complete("main", complete)->SerializeAsString(),
            queries.complete("main", complete)->SerializeAsString());
}

}  // namespace
}  // namespace loomline::configuration
