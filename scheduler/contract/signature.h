// Ed25519 keys and signatures (libsodium), with a domain in front of every signed message, so that a signature made for
// one purpose never passes for another: what is signed is domain, one line feed, message. Values, any thread; keys are
// wiped from memory when destroyed.
#pragma once

#include "media/error.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

#include <array>
#include <cstdint>

namespace loa {

// Domains in use. A new purpose gets a new one.
namespace domain {
inline constexpr char bundle[] = "loa-bundle/1";
inline constexpr char command[] = "loa-command/1";
inline constexpr char commandSheet[] = "loa-command-sheet/1";
inline constexpr char logEntry[] = "loa-log-entry/1";
inline constexpr char request[] = "loa-request/1";
inline constexpr char speech[] = "loa-speech/1";
inline constexpr char stationKey[] = "loa-station-key/1";
} // namespace domain

using Signature = std::array<std::uint8_t, 64>;

class VerifyKey {
public:
    VerifyKey() = default;
    // 32 bytes in base64. Error: InvalidInput.
    [[nodiscard]] static Result<VerifyKey> fromBase64(QByteArrayView text);

    [[nodiscard]] QByteArray toBase64() const;
    [[nodiscard]] QByteArray raw() const;
    // The first 16 hexadecimal digits of the key's SHA-256: names the key where one can be changed.
    [[nodiscard]] QString keyId() const;
    [[nodiscard]] bool verify(const char* domain, QByteArrayView message, const Signature& signature) const;

    bool operator==(const VerifyKey&) const = default;

private:
    friend class SigningKey;
    std::array<std::uint8_t, 32> m_bytes{};
};

class SigningKey {
public:
    [[nodiscard]] static SigningKey generate();
    // Deterministic, for tests and simulations. `seed` 32 bytes.
    [[nodiscard]] static SigningKey fromSeed(const std::array<std::uint8_t, 32>& seed);
    // A file of 32 bytes base64, owner-readable alone. Error: NotFound, Storage, InvalidInput, Forbidden (others may
    // read it).
    [[nodiscard]] static Result<SigningKey> load(const QString& path);
    // Writes a new file with mode 0600; refuses to replace one (Conflict).
    [[nodiscard]] Result<void> save(const QString& path) const;

    SigningKey(SigningKey&& other) noexcept;
    SigningKey& operator=(SigningKey&& other) noexcept;
    SigningKey(const SigningKey&) = delete;
    SigningKey& operator=(const SigningKey&) = delete;
    ~SigningKey();

    [[nodiscard]] VerifyKey verifyKey() const;
    [[nodiscard]] Signature sign(const char* domain, QByteArrayView message) const;

private:
    SigningKey() = default;
    std::array<std::uint8_t, 32> m_seed{};
    std::array<std::uint8_t, 64> m_secret{};
    std::array<std::uint8_t, 32> m_public{};
};

[[nodiscard]] QByteArray toBase64(const Signature& signature);
[[nodiscard]] Result<Signature> signatureFromBase64(QByteArrayView text);

} // namespace loa
