#include "contracts.hpp"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "declared_topics.hpp"

namespace loomline::contract {

using namespace google::protobuf;  // NOLINT: descriptors, by name

namespace {

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path + " cannot be read");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

void add_nested(const Descriptor& message, std::vector<const Descriptor*>& out) {
  if (message.options().map_entry()) return;
  out.push_back(&message);
  for (int i = 0; i < message.nested_type_count(); ++i) add_nested(*message.nested_type(i), out);
}

}  // namespace

Contracts load(const std::string& descriptor_set, const std::string& topics) {
  Contracts contracts;
  if (!contracts.files.ParseFromString(read(descriptor_set)))
    throw std::runtime_error(descriptor_set + " is no descriptor set");
  if (!TextFormat::ParseFromString(read(topics), &contracts.topics))
    throw std::runtime_error(topics + " is no loomline.common.v1.TopicCatalog");
  if (const auto wrong = add_declared_events(contracts.files, contracts.topics); !wrong.empty())
    throw std::runtime_error(wrong);
  return contracts;
}

Contracts load_built() {
  return load(LOOMLINE_DESCRIPTOR_SET, std::string(LOOMLINE_SOURCE_DIR) + "/proto/loomline/topics.textproto");
}

bool is_public(const FileDescriptorProto& file) {
  return file.package().rfind("loomline.", 0) == 0 && file.package().find(".state.") == std::string::npos;
}

Linked::Linked(const Contracts& contracts) : pool_(std::make_unique<DescriptorPool>()) {
  for (const auto& file : contracts.files.file()) {
    const auto* built = pool_->BuildFile(file);
    if (!built) throw std::runtime_error(file.name() + " does not link");
    if (is_public(file)) files_.push_back(built);
  }
  std::sort(files_.begin(), files_.end(), [](const auto* a, const auto* b) {
    return std::tie(a->package(), a->name()) < std::tie(b->package(), b->name());
  });
}

std::vector<const Descriptor*> Linked::messages() const {
  std::vector<const Descriptor*> out;
  for (const auto* file : files_)
    for (int i = 0; i < file->message_type_count(); ++i) add_nested(*file->message_type(i), out);
  return out;
}

std::vector<const EnumDescriptor*> Linked::enums() const {
  std::vector<const EnumDescriptor*> out;
  for (const auto* file : files_)
    for (int i = 0; i < file->enum_type_count(); ++i) out.push_back(file->enum_type(i));
  for (const auto* message : messages())
    for (int i = 0; i < message->enum_type_count(); ++i) out.push_back(message->enum_type(i));
  return out;
}

std::vector<const ServiceDescriptor*> Linked::services() const {
  std::vector<const ServiceDescriptor*> out;
  for (const auto* file : files_)
    for (int i = 0; i < file->service_count(); ++i) out.push_back(file->service(i));
  return out;
}

const Descriptor* Linked::message(const std::string& full_name) const {
  return pool_->FindMessageTypeByName(full_name);
}

std::string package_of(std::string_view full_name) { return std::string(full_name.substr(0, full_name.rfind('.'))); }

}  // namespace loomline::contract
