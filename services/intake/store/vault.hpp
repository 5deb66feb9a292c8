// The only place with personal data. Each subject is sealed with a key of its own, so that forgetting the key erases
// it, in every copy of the rows too. Never logs a value. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/intake/v1/intake.pb.h"
#include "loomline/postgres/pool.hpp"

namespace loomline::intake::store {

struct SubjectVersion {
  std::string subject_id;
  std::uint32_t version = 0;
};

class Vault {
 public:
  // `key`: 32 bytes, see vault_key().
  Vault(postgres::Pool& pool, std::string key) : pool_(pool), key_(std::move(key)) {}

  // `request` names the request that brings it: the same one again stores nothing and answers the same; with other
  // content failed_precondition IDEMPOTENCY_KEY_REUSED. Subject ids follow from it and from nothing else.
  Result<SubjectVersion> add_person(std::string_view tenant, std::string_view request,
                                    const v1::PersonalDetails& details);
  // A new version; the ones before stay as they are. not_found SUBJECT_UNKNOWN or SUBJECT_ERASED.
  Result<SubjectVersion> add_version(std::string_view tenant, std::string_view subject_id, std::string_view request,
                                     const v1::PersonalDetails& details);
  // A free text as a subject of its own; `belongs_to` is the person who wrote it, where known.
  Result<std::string> add_text(std::string_view tenant, std::string_view request, const std::string& text,
                               const std::string& belongs_to);

  // Version 0: the newest. A person's texts come with it. not_found SUBJECT_UNKNOWN, SUBJECT_VERSION_UNKNOWN or
  // SUBJECT_ERASED.
  Result<v1::GetSubjectResponse> read(std::string_view tenant, std::string_view subject_id, std::uint32_t version);

  // Erases the subject and the texts that belong to it, for good; again is ok. not_found SUBJECT_UNKNOWN.
  Status erase(std::string_view tenant, std::string_view subject_id);

 private:
  struct Put;
  Result<SubjectVersion> put(const Put& what);
  Result<SubjectVersion> put_in(postgres::Transaction& transaction, const Put& what);
  Result<std::string> subject_key(postgres::Transaction& transaction, std::string_view tenant,
                                  std::string_view subject_id, bool lock);

  postgres::Pool& pool_;
  std::string key_;
};

}  // namespace loomline::intake::store
