// Events name their topic; the catalogue is completed from that.
#include <gtest/gtest.h>

#include "contracts.hpp"
#include "declared_topics.hpp"

namespace loomline::contract {
namespace {

google::protobuf::FileDescriptorSet one_event(const std::string& topic) {
  google::protobuf::FileDescriptorSet files;
  auto& file = *files.add_file();
  file.set_package("loomline.paint.v1");
  file.add_message_type()->set_name("NoEvent");
  auto& event = *file.add_message_type();
  event.set_name("UnitPainted");
  event.mutable_options()->SetExtension(common::v1::topic, topic);
  return files;
}
common::v1::TopicCatalog one_topic() {
  common::v1::TopicCatalog catalog;
  catalog.add_topic()->set_name("loomline.paint.order");
  return catalog;
}

TEST(Declared, an_event_comes_to_the_topic_that_it_names) {
  auto catalog = one_topic();
  EXPECT_EQ(add_declared_events(one_event("loomline.paint.order"), catalog), "");
  ASSERT_EQ(catalog.topic(0).event_size(), 1);
  EXPECT_EQ(catalog.topic(0).event(0), "loomline.paint.v1.UnitPainted");
}

TEST(Declared, a_topic_that_nobody_declared_is_named) {
  auto catalog = one_topic();
  EXPECT_EQ(add_declared_events(one_event("loomline.pint.order"), catalog),
            "event loomline.paint.v1.UnitPainted names the topic loomline.pint.order, which topics.textproto does not "
            "declare");
}

TEST(Declared, a_catalogue_lists_no_events_itself) {
  auto catalog = one_topic();
  catalog.mutable_topic(0)->add_event("loomline.paint.v1.UnitPainted");
  EXPECT_NE(add_declared_events(one_event("loomline.paint.order"), catalog), "");
}

TEST(Declared, every_topic_carries_something) {
  const auto contracts = load_built();
  for (const auto& topic : contracts.topics.topic()) EXPECT_FALSE(topic.event().empty()) << topic.name();
}

}  // namespace
}  // namespace loomline::contract
