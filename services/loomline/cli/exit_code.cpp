#include "exit_code.hpp"

namespace loomline::cli {

int exit_code(const Status& status) {
  switch (status.code()) {
    case Code::ok:
      return exit_ok;
    case Code::invalid_argument:
    case Code::out_of_range:
    case Code::unimplemented:
      return exit_usage;
    case Code::not_found:
      return exit_not_found;
    case Code::unavailable:
    case Code::deadline_exceeded:
    case Code::resource_exhausted:
    case Code::cancelled:
      return exit_unavailable;
    case Code::permission_denied:
    case Code::unauthenticated:
      return exit_permission;
    case Code::already_exists:
    case Code::failed_precondition:
    case Code::aborted:
      return exit_conflict;
    default:
      return exit_internal;
  }
}

}  // namespace loomline::cli
