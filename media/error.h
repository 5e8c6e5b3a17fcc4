// Errors as values, with words for people.
//
// Every expected failure in Loa is a Result<T>: a value or an Error. An Error has a category (what kind of failure, for
// programs), a Text (what happened and what to do, for people, in Vietnamese and English) and where (file and line,
// byte offset, URL, SQL: whatever locates it; may be empty). Values only: copy freely, any thread.
#pragma once

#include <QString>

#include <tl/expected.hpp>
#include <utility>

namespace loa {

// The same sentence in both languages that Loa speaks.
struct Text {
    QString vi;
    QString en;

    bool operator==(const Text&) const = default;
};

enum class ErrorCategory {
    InvalidInput,  // what was given is malformed: correct it
    Unsupported,   // well-formed, but Loa does not take it
    NotFound,      // no such thing
    Conflict,      // someone changed it meanwhile, or it is in the wrong state
    Forbidden,     // known caller, not allowed
    Unauthorized,  // unknown caller, or a signature that does not hold
    LimitExceeded, // too large, too many, too long
    Unavailable,   // a peer, a device or the network did not answer; may pass
    Storage,       // disk or database failed
    Internal,      // a bug or an unexpected answer of a library
};

// "invalid-input", "not-found", … as they stand in JSON and on the command line.
[[nodiscard]] QString toString(ErrorCategory category);

struct Error {
    ErrorCategory category = ErrorCategory::Internal;
    Text message;
    QString where;

    bool operator==(const Error&) const = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCategory category, Text message, QString where = {})
{
    return tl::unexpected<Error>(Error{category, std::move(message), std::move(where)});
}

// Hands an error on unchanged: `if (!x) return passOn(x);`
template <typename T>
[[nodiscard]] tl::unexpected<Error> passOn(const Result<T>& failed)
{
    return tl::unexpected<Error>(failed.error());
}

// One line for a terminal or a log: "category: english (vietnamese) [where]".
[[nodiscard]] QString describe(const Error& error);

} // namespace loa
