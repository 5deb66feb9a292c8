#include "store/vault.hpp"

#include "loomline/base/hash.hpp"
#include "loomline/base/id.hpp"
#include "store/cipher.hpp"
#include "store/guard.hpp"

namespace loomline::intake::store {
namespace {

std::string joined(std::string_view tenant, std::string_view subject_id, std::string_view rest = {}) {
  return std::string(tenant) + "/" + std::string(subject_id) + "/" + std::string(rest);
}

std::string digest(std::string_view text) {
  const auto hash = sha256(text);
  return {hash.begin(), hash.end()};
}

// Without a time: a subject's id says nothing, not even since when it is known.
std::string subject_id_of(std::string_view tenant, std::string_view request) {
  return mint_id(prefix::subject, Time{}, "subject/" + joined(tenant, request));
}

Status unknown() { return not_found("SUBJECT_UNKNOWN", "There is no subject with this id."); }
Status erased() { return not_found("SUBJECT_ERASED", "The subject's personal data was erased."); }
Status unreadable() { return internal("The vault cannot open an entry: another key, or damaged bytes."); }

}  // namespace

struct Vault::Put {
  std::string_view tenant;
  std::string subject_id;
  std::string request;  // SHA-256
  bool create = false;
  std::string_view kind;  // "details" or "text"
  std::string plain;
  std::string belongs_to;
};

Result<SubjectVersion> Vault::add_person(std::string_view tenant, std::string_view request,
                                         const v1::PersonalDetails& details) {
  return put(
      {tenant, subject_id_of(tenant, request), digest(request), true, "details", details.SerializeAsString(), {}});
}

Result<SubjectVersion> Vault::add_version(std::string_view tenant, std::string_view subject_id,
                                          std::string_view request, const v1::PersonalDetails& details) {
  return put({tenant, std::string(subject_id), digest(request), false, "details", details.SerializeAsString(), {}});
}

Result<std::string> Vault::add_text(std::string_view tenant, std::string_view request, const std::string& text,
                                    const std::string& belongs_to) {
  auto stored = put({tenant, subject_id_of(tenant, request), digest(request), true, "text", text, belongs_to});
  if (!stored.ok()) return stored.status();
  return stored->subject_id;
}

Result<SubjectVersion> Vault::put(const Put& what) {
  return guarded([&] {
    return postgres::retry(pool_, [&](postgres::Transaction& transaction) { return put_in(transaction, what); });
  });
}

Result<SubjectVersion> Vault::put_in(postgres::Transaction& transaction, const Put& what) {
  if (what.create) {
    const auto fresh = seal(key_, random_bytes(key_bytes), joined(what.tenant, what.subject_id, "key"));
    transaction.exec(
        "INSERT INTO vault_subject (tenant, subject_id, belongs_to, sealed_key) VALUES ($1, $2, nullif($3, ''), $4) "
        "ON CONFLICT DO NOTHING",
        what.tenant, what.subject_id, what.belongs_to, postgres::Bytes{fresh});
  }
  const auto key = subject_key(transaction, what.tenant, what.subject_id, true);
  if (!key.ok()) return key.status();
  const auto same =
      transaction.exec("SELECT version, sealed FROM vault_entry WHERE tenant = $1 AND subject_id = $2 AND request = $3",
                       what.tenant, what.subject_id, postgres::Bytes{what.request});
  const auto bound_to = [&](std::int64_t version) {
    return joined(what.tenant, what.subject_id, std::to_string(version));
  };
  if (!same.empty()) {
    const auto version = same[0].int64(0);
    const auto before = open(*key, same[0].bytes(1), bound_to(version));
    if (!before) return unreadable();
    if (*before != what.plain)
      return failed_precondition("IDEMPOTENCY_KEY_REUSED",
                                 "The idempotency key was used for another request; give a new one.");
    return SubjectVersion{what.subject_id, static_cast<std::uint32_t>(version)};
  }
  const auto version = transaction
                           .exec(
                               "SELECT coalesce(max(version), 0) + 1 FROM vault_entry WHERE tenant = $1 AND "
                               "subject_id = $2",
                               what.tenant, what.subject_id)
                           .one()
                           .int64(0);
  const auto sealed = seal(*key, what.plain, bound_to(version));
  transaction.exec(
      "INSERT INTO vault_entry (tenant, subject_id, version, kind, request, sealed) VALUES ($1, $2, $3, $4, $5, $6)",
      what.tenant, what.subject_id, version, what.kind, postgres::Bytes{what.request}, postgres::Bytes{sealed});
  return SubjectVersion{what.subject_id, static_cast<std::uint32_t>(version)};
}

Result<std::string> Vault::subject_key(postgres::Transaction& transaction, std::string_view tenant,
                                       std::string_view subject_id, bool lock) {
  // The lock keeps two writers of one subject from taking the same version, and an erasure from being overtaken.
  const std::string_view sql =
      lock ? "SELECT sealed_key FROM vault_subject WHERE tenant = $1 AND subject_id = $2 FOR UPDATE"
           : "SELECT sealed_key FROM vault_subject WHERE tenant = $1 AND subject_id = $2";
  const auto rows = transaction.exec(sql, tenant, subject_id);
  if (rows.empty()) return unknown();
  if (rows[0].is_null(0)) return erased();
  auto key = open(key_, rows[0].bytes(0), joined(tenant, subject_id, "key"));
  if (!key) return unreadable();
  return *key;
}

Result<v1::GetSubjectResponse> Vault::read(std::string_view tenant, std::string_view subject_id,
                                           std::uint32_t version) {
  const auto read_in = [&](postgres::Transaction& transaction) -> Result<v1::GetSubjectResponse> {
    const auto key = subject_key(transaction, tenant, subject_id, false);
    if (!key.ok()) return key.status();
    const auto rows = transaction.exec(
        "SELECT version, kind, sealed FROM vault_entry WHERE tenant = $1 AND subject_id = $2 AND ($3 = 0 OR version = "
        "$3) ORDER BY version DESC LIMIT 1",
        tenant, subject_id, version);
    if (rows.empty()) return not_found("SUBJECT_VERSION_UNKNOWN", "The subject has no such version.");
    v1::GetSubjectResponse response;
    response.set_subject_id(std::string(subject_id));
    response.set_version(static_cast<std::uint32_t>(rows[0].int64(0)));
    auto plain = open(*key, rows[0].bytes(2), joined(tenant, subject_id, std::to_string(rows[0].int64(0))));
    if (!plain || (rows[0].text(1) == "details" && !response.mutable_details()->ParseFromString(*plain)))
      return unreadable();
    if (rows[0].text(1) == "text") response.add_texts(*plain);

    const auto texts = transaction.exec(
        "SELECT e.subject_id, s.sealed_key, e.version, e.sealed FROM vault_subject s JOIN vault_entry e USING (tenant, "
        "subject_id) WHERE s.tenant = $1 AND s.belongs_to = $2 AND s.sealed_key IS NOT NULL ORDER BY e.created_at, "
        "e.subject_id LIMIT 1000",
        tenant, subject_id);
    for (const auto row : texts) {
      const auto text_key = open(key_, row.bytes(1), joined(tenant, row.text(0), "key"));
      const auto text = text_key
                            ? open(*text_key, row.bytes(3), joined(tenant, row.text(0), std::to_string(row.int64(2))))
                            : std::nullopt;
      if (!text) return unreadable();
      response.add_texts(*text);
    }
    return response;
  };
  return guarded([&] { return postgres::retry(pool_, read_in); });
}

Status Vault::erase(std::string_view tenant, std::string_view subject_id) {
  const auto erase_in = [&](postgres::Transaction& transaction) -> Status {
    const auto known = transaction.exec(
        "SELECT subject_id FROM vault_subject WHERE tenant = $1 AND (subject_id = $2 OR belongs_to = $2) ORDER BY "
        "subject_id FOR UPDATE",
        tenant, subject_id);
    bool found = false;
    for (const auto row : known) found = found || row.text(0) == subject_id;
    if (!found) return unknown();
    transaction.exec(
        "DELETE FROM vault_entry e USING vault_subject s WHERE e.tenant = $1 AND s.tenant = $1 AND e.subject_id = "
        "s.subject_id AND (s.subject_id = $2 OR s.belongs_to = $2)",
        tenant, subject_id);
    transaction.exec(
        "UPDATE vault_subject SET sealed_key = NULL, erased_at = now() WHERE tenant = $1 AND (subject_id = $2 OR "
        "belongs_to = $2) AND erased_at IS NULL",
        tenant, subject_id);
    return {};
  };
  return guarded([&] { return postgres::retry(pool_, erase_in); });
}

}  // namespace loomline::intake::store
