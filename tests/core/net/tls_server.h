// A TLS server on loopback with a certificate made on the spot, for tests.
#pragma once

#include "tests/core/net/raw_socket.h"

#include <csignal>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <thread>

namespace aitrade::test {

/// What the certificate says of itself.
struct TlsIdentity {
  std::string host{"localhost"};
  long valid_from{-3600};  // seconds from now
  long valid_until{3600};
};

/// Answers the first request of one connection and counts requests; serves until it goes.
class TlsServer {
 public:
  explicit TlsServer(const TlsIdentity& identity, const std::string& certificate_file)
      : context_(SSL_CTX_new(TLS_server_method())),
        key_(EVP_EC_gen("P-256")),
        certificate_(X509_new()) {
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), identity.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), identity.valid_until);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* name = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(identity.host.c_str()), -1,
                               -1, 0);
    X509_set_issuer_name(certificate_, name);
    const std::string names = "DNS:" + identity.host;
    X509_EXTENSION* alternative =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    X509_add_ext(certificate_, alternative, -1);
    X509_EXTENSION_free(alternative);
    X509_sign(certificate_, key_, EVP_sha256());
    SSL_CTX_use_certificate(context_, certificate_);
    SSL_CTX_use_PrivateKey(context_, key_);
    if (std::FILE* file = std::fopen(certificate_file.c_str(), "w")) {
      PEM_write_X509(file, certificate_);
      std::fclose(file);
    }
    thread_ = std::thread([this] { serve(); });
  }

  ~TlsServer() {
    stop_ = true;
    thread_.join();
    X509_free(certificate_);
    EVP_PKEY_free(key_);
    SSL_CTX_free(context_);
  }

  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }

  [[nodiscard]] int requests() const { return requests_; }

 private:
  void serve() {
    sigset_t broken_pipe;   // a client that has gone is no reason to end the test
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    while (!stop_) {
      const RawSocket socket = listener_.accept(Millis{50});
      if (!socket.is_open()) continue;
      SSL* tls = SSL_new(context_);
      SSL_set_fd(tls, socket.file());
      char bytes[4096];
      if (SSL_accept(tls) == 1 && SSL_read(tls, bytes, sizeof bytes) > 0) {
        ++requests_;
        constexpr std::string_view answer =
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
        SSL_write(tls, answer.data(), static_cast<int>(answer.size()));
        SSL_shutdown(tls);
        // What is still to come is read: closing over unread bytes resets the connection under the answer.
        while (SSL_read(tls, bytes, sizeof bytes) > 0) {
        }
      }
      SSL_free(tls);
    }
  }

  RawListener listener_;
  SSL_CTX* context_;
  EVP_PKEY* key_;
  X509* certificate_;
  std::atomic<bool> stop_{false};
  std::atomic<int> requests_{0};
  std::thread thread_;
};

}  // namespace aitrade::test
