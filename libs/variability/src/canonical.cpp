#include "canonical.hpp"

namespace loomline::variability {

namespace {

void write_attributes(const Attributes& attributes, std::string& out, bool abstract);

// Text takes the quote that it does not contain: UVL has no escapes, and a source can hold only one of the two.
void write_value(const AttributeValue& value, std::string& out) {
  switch (value.kind) {
    case AttributeValue::Kind::flag:
      out += value.flag ? "true" : "false";
      break;
    case AttributeValue::Kind::number:
      out += value.number.to_string();
      break;
    case AttributeValue::Kind::text: {
      const char quote = value.text.find('\'') == std::string::npos ? '\'' : '"';
      out += quote + value.text + quote;
      break;
    }
    case AttributeValue::Kind::list:
      out += '[';
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        if (i > 0) out += ", ";
        write_value(value.items[i], out);
      }
      out += ']';
      break;
    case AttributeValue::Kind::nested:
      write_attributes(value.fields, out, false);
      break;
  }
}

void write_attributes(const Attributes& attributes, std::string& out, bool abstract) {
  out += '{';
  if (abstract) out += "abstract";
  bool first = !abstract;
  for (const auto& [name, value] : attributes) {
    if (!first) out += ", ";
    first = false;
    out += quoted_name(name) + ' ';
    write_value(value, out);
  }
  out += '}';
}

std::string heading(const Group& group) {
  switch (group.kind) {
    case GroupKind::mandatory:
      return "mandatory";
    case GroupKind::optional:
      return "optional";
    case GroupKind::alternative:
      return "alternative";
    case GroupKind::any_of:
      return "or";
    case GroupKind::cardinality:
      break;
  }
  return "[" + std::to_string(group.lower) + ".." + std::to_string(group.upper) + "]";
}

struct Pending {
  bool is_group;
  std::uint32_t id;
  std::size_t depth;
};

void write_tree(const ProductModel& model, std::string& out) {
  std::vector<Pending> stack{{false, model.root(), 1}};
  while (!stack.empty()) {
    const Pending next = stack.back();
    stack.pop_back();
    out.append(next.depth, '\t');
    if (next.is_group) {
      const Group& group = model.groups()[next.id];
      out += heading(group) + '\n';
      for (auto member = group.members.rbegin(); member != group.members.rend(); ++member)
        stack.push_back({false, *member, next.depth + 1});
      continue;
    }
    const Feature& feature = model.feature(next.id);
    out += quoted_name(feature.name);
    if (feature.abstract || !feature.attributes.empty()) {
      out += ' ';
      write_attributes(feature.attributes, out, feature.abstract);
    }
    out += '\n';
    for (auto group = feature.groups.rbegin(); group != feature.groups.rend(); ++group)
      stack.push_back({true, *group, next.depth + 1});
  }
}

}  // namespace

std::string canonical_text(const ProductModel& model) {
  std::string out;
  if (!model.name_space().empty()) out += "namespace " + quoted_name(model.name_space()) + "\n\n";
  out += "features\n";
  write_tree(model, out);
  if (!model.constraints().empty()) out += "\nconstraints\n";
  for (const Constraint& constraint : model.constraints())
    out += '\t' + to_string(constraint.expression, [&](FeatureId id) { return quoted_name(model.name(id)); }) + '\n';
  return out;
}

}  // namespace loomline::variability
