#include "texts.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>

namespace loomline::configuration::domain {
namespace {

using common::v1::LocalizedText;

struct Words {
  std::string en;
  std::string zh;
  // Joins with commas, in Chinese with its enumeration comma.
  void add(const LocalizedText& text) {
    en += (en.empty() ? "“" : ", “") + text.en() + "”";
    zh += (zh.empty() ? "“" : "、“") + (text.zh().empty() ? text.en() : text.zh()) + "”";
  }
  bool empty() const { return en.empty(); }
};

LocalizedText localized(std::string en, std::string zh) {
  LocalizedText out;
  out.set_en(std::move(en));
  out.set_zh(std::move(zh));
  return out;
}

// A rule is quoted only so far that the sentence can still be read.
std::string shortened(std::string text) {
  constexpr std::size_t kShown = 160;
  if (text.size() <= kShown) return text;
  std::size_t cut = kShown;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
  return text.substr(0, cut) + " ...";
}

std::string chinese_name(const Product& product, variability::FeatureId feature) {
  const auto text = domain::text_of(product, feature);
  return "“" + (text.zh().empty() ? text.en() : text.zh()) + "”";
}

std::string chinese_group(const Product& product, const variability::Group& group) {
  constexpr std::size_t kNamed = 6;
  std::string members;
  for (std::size_t i = 0; i < std::min(kNamed, group.members.size()); ++i)
    members += (members.empty() ? "" : "、") + chinese_name(product, group.members[i]);
  if (group.members.size() > kNamed) members += "等 " + std::to_string(group.members.size()) + " 项";
  std::string many = std::to_string(group.lower) + " 至 " + std::to_string(group.upper) + " 项";
  if (group.lower == group.upper) many = "且仅 " + std::to_string(group.lower) + " 项";
  if (group.lower == 1 && group.upper == group.members.size()) many = "至少一项";
  return chinese_name(product, group.owner) + "须从" + members + "中选择" + many;
}

// A constraint is shown as the model has it; what follows from the tree is said with the product's names.
std::string chinese_rule(const Product& product, const variability::Rule& rule) {
  const variability::ProductModel& model = product.reasoner->model();
  switch (rule.kind) {
    case variability::RuleKind::group:
      return chinese_group(product, model.groups()[rule.subject]);
    case variability::RuleKind::parent:
      return chinese_name(product, rule.subject) + "属于" + chinese_name(product, model.parent(rule.subject));
    case variability::RuleKind::mandatory:
      return chinese_name(product, model.parent(rule.subject)) + "必含" + chinese_name(product, rule.subject);
    case variability::RuleKind::constraint:
      break;
  }
  return shortened(variability::text_of(rule, model));
}

}  // namespace

LocalizedText text_of(const Product& product, variability::FeatureId feature) {
  const std::string& name = product.reasoner->model().name(feature);
  for (const auto& text : product.package.feature_texts())
    if (text.feature() == name) return text.name();
  return localized(name, "");
}

LocalizedText explain(const Product& product, const variability::Conflict& conflict) {
  const variability::ProductModel& model = product.reasoner->model();
  Words wanted;
  Words unwanted;
  for (const auto& choice : conflict.choices)
    (choice.selected ? wanted : unwanted).add(text_of(product, choice.feature));
  std::string en_rules;
  std::string zh_rules;
  for (const auto& rule : conflict.rules) {
    if (rule.kind == variability::RuleKind::parent) continue;  // that a part belongs to its whole goes without saying
    const std::string line = std::to_string(variability::line_of(rule, model));
    en_rules += (en_rules.empty() ? "" : "; ") + shortened(variability::text_of(rule, model)) + " (line " + line + ")";
    zh_rules += (zh_rules.empty() ? "" : "；") + chinese_rule(product, rule) + "（第 " + line + " 行）";
  }
  std::string en = wanted.empty() ? "This cannot be done" : wanted.en + " cannot be had together";
  std::string zh = wanted.empty() ? "无法满足" : wanted.zh + " 不能同时选择";
  if (conflict.choices.size() == 1 && !wanted.empty()) {
    en = wanted.en + " cannot be had";
    zh = wanted.zh + " 无法选择";
  }
  if (!unwanted.empty()) {
    en += " without " + unwanted.en;
    zh += "，且不能不选 " + unwanted.zh;
  }
  if (!en_rules.empty()) {
    en += ", because of: " + en_rules;
    zh += "，原因：" + zh_rules;
  }
  return localized(en + ".", zh + "。");
}

LocalizedText explain(const Product& product, const variability::Repair& repair) {
  Words take;
  Words leave;
  for (const auto& change : repair.changes) (change.selected ? take : leave).add(text_of(product, change.feature));
  if (take.empty()) return localized("Leave out " + leave.en + ".", "去掉 " + leave.zh + "。");
  if (leave.empty()) return localized("Take " + take.en + ".", "选择 " + take.zh + "。");
  return localized("Take " + take.en + " and leave out " + leave.en + ".",
                   "选择 " + take.zh + "，去掉 " + leave.zh + "。");
}

std::string kind_of(const variability::Rule& rule, const variability::ProductModel& model) {
  using variability::GroupKind;
  using variability::RuleKind;
  switch (rule.kind) {
    case RuleKind::constraint:
      return "constraint";
    case RuleKind::mandatory:
      return "mandatory";
    case RuleKind::parent:
      return "child-parent";
    case RuleKind::group:
      break;
  }
  const GroupKind kind = model.groups()[rule.subject].kind;
  return kind == GroupKind::alternative ? "alternative" : kind == GroupKind::any_of ? "or" : "cardinality";
}

std::string deterministic_bytes(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

}  // namespace loomline::configuration::domain
