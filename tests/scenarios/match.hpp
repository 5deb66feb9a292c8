// Names bound to text while a scenario runs, and the comparison that binds them.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <string>

namespace loomline::scenarios {

class Bindings {
 public:
  void bind(const std::string& name, const std::string& text) { values_[name] = text; }
  // Puts in the text of every bound $name.
  std::string substitute(std::string text) const;
  // Every value that stands in `expected` stands in `actual`; empty where so, else the first difference. A repeated
  // field that is given at all is given whole.
  std::string match(const google::protobuf::Message& expected, const google::protobuf::Message& actual);

 private:
  std::string match_field(const google::protobuf::Message& expected, const google::protobuf::Message& actual,
                          const google::protobuf::FieldDescriptor& field, int index);
  std::map<std::string, std::string> values_;
};

}  // namespace loomline::scenarios
