// The contracts as data: every descriptor with its comments, and the declaration of topics.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/common/v1/topics.pb.h"

namespace loomline::contract {

struct Contracts {
  google::protobuf::FileDescriptorSet files;
  common::v1::TopicCatalog topics;
};

// Reads a descriptor set and a topics.textproto, and adds the events that name a topic. Throws std::runtime_error with
// what is wrong.
Contracts load(const std::string& descriptor_set, const std::string& topics);
// Those of this build.
Contracts load_built();

// Public: of a package loomline.<domain>.v<n>. What a service keeps for itself (loomline.<domain>.state.v<n>) is not.
bool is_public(const google::protobuf::FileDescriptorProto& file);

// Descriptors linked to each other, from `files`. The public ones in order of package, then of declaration.
class Linked {
 public:
  explicit Linked(const Contracts& contracts);
  const std::vector<const google::protobuf::FileDescriptor*>& files() const { return files_; }
  std::vector<const google::protobuf::Descriptor*> messages() const;  // nested ones, too; no map entries
  std::vector<const google::protobuf::EnumDescriptor*> enums() const;
  std::vector<const google::protobuf::ServiceDescriptor*> services() const;
  const google::protobuf::Descriptor* message(const std::string& full_name) const;

 private:
  std::unique_ptr<google::protobuf::DescriptorPool> pool_;
  std::vector<const google::protobuf::FileDescriptor*> files_;
};

// The comment before a declaration, as one paragraph; empty where there is none.
template <class Descriptor>
std::string comment(const Descriptor& descriptor) {
  google::protobuf::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return {};
  std::string out;
  bool space = false;
  for (const char c : location.leading_comments) {
    if (c == '\n' || c == ' ') {
      space = !out.empty();
      continue;
    }
    if (space) out += ' ';
    space = false;
    out += c;
  }
  return out;
}

// "loomline.common.v1" of "loomline.common.v1.Role".
std::string package_of(std::string_view full_name);

}  // namespace loomline::contract
