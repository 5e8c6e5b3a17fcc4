// Space set aside so that a full disk never silences the journal: a file of zeros beside it, given up when a write
// fails, made again when there is room. Thread: the agent's.
#pragma once

#include "media/error.h"

#include <QString>

#include <cstdint>

namespace loa::playout {

class JournalReserve {
public:
    explicit JournalReserve(QString path, std::int64_t bytes = 8 * 1024 * 1024)
        : m_path(std::move(path)), m_bytes(bytes)
    {
    }

    // Makes the file whole. Error: Storage (no room: what was there is gone).
    [[nodiscard]] Result<void> fill();
    // Removes the file; false when there was none.
    bool release();

private:
    QString m_path;
    std::int64_t m_bytes;
};

} // namespace loa::playout
