#include "store/cipher.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>
#include <stdexcept>

namespace loomline::intake::store {
namespace {

constexpr int nonce_bytes = 12, tag_bytes = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* in(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* out(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

Context make_context() { return {EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free}; }

void check(bool holds) {
  if (!holds) throw std::runtime_error("OpenSSL could not encrypt");
}

}  // namespace

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(out(bytes), static_cast<int>(count)) != 1) throw std::runtime_error("no randomness from OpenSSL");
  return bytes;
}

std::string seal(std::string_view key, std::string_view plain, std::string_view bound_to) {
  if (key.size() != key_bytes) throw std::logic_error("a sealing key has 32 bytes");
  const auto context = make_context();
  const std::string nonce = random_bytes(nonce_bytes);
  std::string cipher(plain.size(), '\0'), tag(tag_bytes, '\0');
  int length = 0;
  check(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, in(key), in(nonce)) == 1);
  check(EVP_EncryptUpdate(context.get(), nullptr, &length, in(bound_to), static_cast<int>(bound_to.size())) == 1);
  if (!plain.empty())
    check(EVP_EncryptUpdate(context.get(), out(cipher), &length, in(plain), static_cast<int>(plain.size())) == 1);
  unsigned char none[16];
  check(EVP_EncryptFinal_ex(context.get(), none, &length) == 1);
  check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, tag.data()) == 1);
  return nonce + cipher + tag;
}

std::optional<std::string> open(std::string_view key, std::string_view sealed, std::string_view bound_to) {
  if (key.size() != key_bytes || sealed.size() < nonce_bytes + tag_bytes) return std::nullopt;
  const auto context = make_context();
  const auto nonce = sealed.substr(0, nonce_bytes);
  const auto cipher = sealed.substr(nonce_bytes, sealed.size() - nonce_bytes - tag_bytes);
  std::string tag(sealed.substr(sealed.size() - tag_bytes)), plain(cipher.size(), '\0');
  int length = 0;
  unsigned char none[16];
  const bool ok =
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, in(key), in(nonce)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &length, in(bound_to), static_cast<int>(bound_to.size())) == 1 &&
      (cipher.empty() ||
       EVP_DecryptUpdate(context.get(), out(plain), &length, in(cipher), static_cast<int>(cipher.size())) == 1) &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), none, &length) == 1;
  if (!ok) return std::nullopt;
  return plain;
}

}  // namespace loomline::intake::store
