#include "src/answer.hpp"

#include "src/session.hpp"
#include "src/text.hpp"

namespace loomline::postgres {
namespace {

void decode_bytes(Answer& answer) {
  const auto columns = static_cast<std::size_t>(answer.columns);
  const auto each = [&](auto&& use) {
    for (std::size_t column = 0; column < columns; ++column) {
      if (answer.types[column] != kBytea) continue;
      for (auto at = column; at < answer.fields.size(); at += columns) {
        if (answer.fields[at].data() != nullptr) use(answer.fields[at]);
      }
    }
  };
  std::size_t total = 1;  // so that an empty value has an address too: no address is NULL
  each([&](std::string_view& field) { total += hex_bytes(field); });
  if (total == 1 && columns == 0) return;
  answer.bytes = std::make_unique_for_overwrite<char[]>(total);
  char* next = answer.bytes.get();
  each([&](std::string_view& field) {
    const auto size = hex_bytes(field);
    read_hex(field, next);
    field = {next, size};
    next += size;
  });
}

}  // namespace

std::shared_ptr<const Answer> read(pqxx::result result) {
  auto answer = std::make_shared<Answer>();
  answer->rows = static_cast<int>(result.size());
  answer->columns = static_cast<int>(result.columns());
  answer->affected = static_cast<std::int64_t>(result.affected_rows());
  const auto columns = result.columns();
  for (pqxx::row::size_type column = 0; column < columns; ++column) {
    answer->types.push_back(static_cast<unsigned>(result.column_type(column)));
  }
  answer->fields.reserve(static_cast<std::size_t>(answer->rows) * static_cast<std::size_t>(columns));
  // Iterators: an index would copy the result's handles for each field.
  auto row = result.begin();
  for (int i = 0; i < answer->rows; ++i, ++row) {
    auto field = row->begin();
    for (pqxx::row::size_type column = 0; column < columns; ++column, ++field) {
      answer->fields.push_back(field->is_null() ? std::string_view() : std::string_view(field->c_str(), field->size()));
    }
  }
  decode_bytes(*answer);
  answer->text = std::make_shared<const pqxx::result>(std::move(result));
  return answer;
}

}  // namespace loomline::postgres
