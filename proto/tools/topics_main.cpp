// loomline-topics DESCRIPTOR_SET TOPICS_TEXTPROTO HEADER: writes the complete topic catalogue as a header, which
// libs/eventing builds in.
#include <google/protobuf/text_format.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "declared_topics.hpp"

namespace {

std::string read(const char* path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

int fail(const std::string& what) {
  std::cerr << "loomline-topics: " << what << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return fail("usage: loomline-topics DESCRIPTOR_SET TOPICS_TEXTPROTO HEADER");
  google::protobuf::FileDescriptorSet files;
  loomline::common::v1::TopicCatalog catalog;
  if (!files.ParseFromString(read(argv[1]))) return fail(std::string(argv[1]) + " is no descriptor set");
  if (!google::protobuf::TextFormat::ParseFromString(read(argv[2]), &catalog))
    return fail(std::string(argv[2]) + " is no loomline.common.v1.TopicCatalog");
  if (const auto wrong = loomline::contract::add_declared_events(files, catalog); !wrong.empty()) return fail(wrong);
  std::string text;
  google::protobuf::TextFormat::PrintToString(catalog, &text);
  std::ofstream out(argv[3], std::ios::binary);
  out << "// Generated from proto/loomline/topics.textproto and from the events that name a topic.\n#pragma once\n\n"
      << "namespace loomline::eventing {\ninline constexpr const char* kTopicsTextproto = R\"textproto(" << text
      << ")textproto\";\n}\n";
  out.close();
  return out ? 0 : fail(std::string(argv[3]) + " cannot be written");
}
