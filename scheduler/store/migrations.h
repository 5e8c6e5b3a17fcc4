// The database's history: numbered steps, each applied once, in order, in one transaction, never taken back. A step
// that has been released is never edited. Internal to the store.
#pragma once

#include <span>

namespace loa::store {

struct Migration {
    int number = 0; // from 1, without gaps
    const char* name = "";
    std::span<const char* const> statements;
};

[[nodiscard]] std::span<const Migration> migrations();

} // namespace loa::store
