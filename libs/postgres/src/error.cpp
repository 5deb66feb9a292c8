#include "loomline/postgres/error.hpp"

namespace loomline::postgres {

ErrorKind classify(std::string_view state) {
  if (state == "40001" || state == "40P01") return ErrorKind::retryable;
  if (state == "23505") return ErrorKind::unique_violation;
  if (state.starts_with("23")) return ErrorKind::constraint;
  if (state == "57014" || state == "55P03") return ErrorKind::timeout;
  if (state.starts_with("LM")) return ErrorKind::refused;
  // 25P03: the server ended a session that idled in its transaction; 53300: too many connections.
  if (state.starts_with("08") || state.starts_with("57P") || state == "25P03" || state == "53300") {
    return ErrorKind::connection;
  }
  return ErrorKind::other;
}

std::string_view name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::connection:
      return "connection";
    case ErrorKind::in_doubt:
      return "in_doubt";
    case ErrorKind::retryable:
      return "retryable";
    case ErrorKind::unique_violation:
      return "unique_violation";
    case ErrorKind::constraint:
      return "constraint";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::refused:
      return "refused";
    case ErrorKind::other:
      return "other";
  }
  return "other";
}

}  // namespace loomline::postgres
