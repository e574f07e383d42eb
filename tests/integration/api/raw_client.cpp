#include "tests/integration/api/raw_client.h"

#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

std::string ReadBio(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

struct RawClient::Tls {
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context{SSL_CTX_new(TLS_client_method())};
  std::unique_ptr<SSL, Freed<SSL_free>> ssl;
};

RawClient::RawClient(std::uint16_t port, bool tls)
    : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  std::signal(SIGPIPE, SIG_IGN);
  timeval patience{10, 0};
  setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw ErrnoError("connecting to", "the test server", errno);
  }
  if (tls) {
    tls_ = std::make_unique<Tls>();
    tls_->ssl.reset(SSL_new(tls_->context.get()));
    SSL_set_fd(tls_->ssl.get(), fd_.get());
    Check(SSL_connect(tls_->ssl.get()) == 1, "the TLS handshake succeeds");
  }
}

RawClient::~RawClient() = default;
RawClient::RawClient(RawClient&&) noexcept = default;
RawClient& RawClient::operator=(RawClient&&) noexcept = default;

bool RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        tls_ ? SSL_write(tls_->ssl.get(), bytes.data(), static_cast<int>(bytes.size()))
             : send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::FinishSending() {
  if (tls_) {
    SSL_shutdown(tls_->ssl.get());
  } else {
    shutdown(fd_.get(), SHUT_WR);
  }
}

bool RawClient::Fill() {
  std::array<char, 16384> block{};
  const ssize_t count =
      tls_ ? SSL_read(tls_->ssl.get(), block.data(), static_cast<int>(block.size()))
           : recv(fd_.get(), block.data(), block.size(), 0);
  if (count <= 0) {
    return false;
  }
  buffer_.append(block.data(), static_cast<std::size_t>(count));
  return true;
}

std::optional<RawAnswer> RawClient::Answer() {
  std::size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) {
      return std::nullopt;
    }
  }
  RawAnswer answer;
  answer.head = buffer_.substr(0, end + 4);
  buffer_.erase(0, end + 4);
  answer.status = static_cast<int>(ParseNonNegative(answer.head.substr(9, 3)).value_or(0));
  const std::size_t at = answer.head.find("Content-Length: ");
  if (at != std::string::npos) {
    const std::size_t line_end = answer.head.find("\r\n", at);
    const auto size = static_cast<std::size_t>(
        ParseNonNegative(answer.head.substr(at + 16, line_end - at - 16)).value_or(0));
    answer.body = Bytes(size).substr(0, size);
    buffer_.erase(0, size);
  }
  return answer;
}

std::string RawClient::Bytes(std::size_t count) {
  while (buffer_.size() < count && Fill()) {
  }
  return buffer_;
}

bool RawClient::AtEnd() {
  errno = 0;
  if (!buffer_.empty() || Fill()) {
    return false;
  }
  return errno != EAGAIN && errno != EWOULDBLOCK;
}

MadeCertificate MakeCertificate() {
  const std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, Freed<X509_free>> certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  const std::array<unsigned char, 5> text = {'l', 'o', 'c', 'a', 'l'};
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text.data(), 5, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> alternative(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1"));
  X509_add_ext(certificate.get(), alternative.get(), -1);
  Check(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "the certificate is signed");
  const std::unique_ptr<BIO, Freed<BIO_free>> out(BIO_new(BIO_s_mem()));
  const std::unique_ptr<BIO, Freed<BIO_free>> key_out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(out.get(), certificate.get());
  PEM_write_bio_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {ReadBio(out.get()), ReadBio(key_out.get())};
}

}  // namespace failgate
