// What differs between libpqxx 6.4 (Debian 12) and 7.10 (Debian 13). Everything else is written against both, and only
// sources of this library include this header: libpqxx is heavy to compile.
#pragma once

#include <memory>
#include <pqxx/connection>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/row>
#include <pqxx/transaction>
#include <pqxx/version>
#include <span>
#include <string>

#if PQXX_VERSION_MAJOR < 7
#include <pqxx/binarystring>
#include <pqxx/errorhandler>
#else
#include <pqxx/params>
#include <pqxx/prepared_statement>
#endif

#include "loomline/postgres/param.hpp"

namespace loomline::postgres::driver {

// Text for libpqxx, which ends it at a NUL; an empty view may hold a null pointer.
inline std::string text_of(const Param& param) { return std::string(param.wire()); }

#if PQXX_VERSION_MAJOR < 7

// Version 6 marks as deprecated what version 7 does another way, and offers nothing else for it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

// An open connection that says nothing on stderr.
struct Session {
  explicit Session(const std::string& conninfo) : link(conninfo) {
    // A session that is lost must not come back in silence: what was in doubt would look done.
    link.inhibit_reactivation(true);
  }
  pqxx::connection link;
  pqxx::quiet_errorhandler quiet{link};
};

inline void close(pqxx::connection& link) { link.disconnect(); }

// The statement is planned now, so that a failure here is known to have done nothing.
inline void prepare(pqxx::connection& link, const std::string& name, const std::string& sql) {
  link.prepare(name, sql);
  try {
    link.prepare_now(name);
  } catch (...) {
    link.unprepare(name);
    throw;
  }
}

// The only call of version 6 that takes text, binary and NULL in an order known at run time.
inline pqxx::result execute(pqxx::transaction_base& transaction, const std::string& name,
                            std::span<const Param> params) {
  auto call = transaction.prepared(name);
  for (const auto& param : params) {
    if (param.null()) {
      call();
    } else if (param.binary()) {
      const auto wire = param.wire();
      call(pqxx::binarystring(wire.data() != nullptr ? wire.data() : "", wire.size()));
    } else {
      call(text_of(param));
    }
  }
  return call.exec();
}

// These errors of version 6 carry no SQLSTATE.
inline std::string sqlstate(const pqxx::transaction_rollback& error) {
  if (dynamic_cast<const pqxx::serialization_failure*>(&error) != nullptr) return "40001";
  if (dynamic_cast<const pqxx::deadlock_detected*>(&error) != nullptr) return "40P01";
  if (dynamic_cast<const pqxx::statement_completion_unknown*>(&error) != nullptr) return "40003";
  return "40000";
}

#pragma GCC diagnostic pop

#else

struct Session {
  explicit Session(const std::string& conninfo) : link(conninfo) {
    link.set_notice_handler([](pqxx::zview) noexcept {});
  }
  pqxx::connection link;
};

inline void close(pqxx::connection& link) { link.close(); }

inline void prepare(pqxx::connection& link, const std::string& name, const std::string& sql) {
  link.prepare(name, sql);
}

inline pqxx::result execute(pqxx::transaction_base& transaction, const std::string& name,
                            std::span<const Param> params) {
  pqxx::params values;
  values.reserve(params.size());
  for (const auto& param : params) {
    if (param.null()) {
      values.append();
    } else if (param.binary()) {
      values.append(pqxx::binary_cast(param.wire()));
    } else {
      values.append(text_of(param));
    }
  }
  return transaction.exec(pqxx::prepped{name}, values);
}

inline std::string sqlstate(const pqxx::transaction_rollback& error) { return error.sqlstate(); }

#endif

}  // namespace loomline::postgres::driver
