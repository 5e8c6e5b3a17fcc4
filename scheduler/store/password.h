// Passwords as Argon2id hashes (libsodium). Pure functions, any thread; each call of moderate cost takes some 0.1 s and
// 64 MiB.
#pragma once

#include "media/error.h"

#include <QString>

namespace loa::store {

enum class PasswordCost {
    Normal,  // libsodium's "interactive" limits: 64 MiB
    Testing, // the least that libsodium takes; for tests alone
};

// At least 10 characters, at most 1024 bytes, not the user's own name. Error: InvalidInput.
[[nodiscard]] Result<void> checkPassword(const QString& password, const QString& username);
[[nodiscard]] Result<QString> hashPassword(const QString& password, PasswordCost cost = PasswordCost::Normal);
[[nodiscard]] bool passwordMatches(const QString& hash, const QString& password);

// 20 letters and digits in groups of 5, without those that look alike (100 bits).
[[nodiscard]] QString newSecretCode();
// A code as typed: case, spaces and dashes do not matter.
[[nodiscard]] QString normalisedCode(const QString& typed);

} // namespace loa::store
