// One agent a state folder; the kernel lets go of it when the process ends, however it ends. Error: Conflict.
#pragma once

#include "media/error.h"

#include <QString>

#include <memory>

namespace loa::playout {

class StateLock {
public:
    [[nodiscard]] static Result<std::unique_ptr<StateLock>> take(const QString& state);
    ~StateLock();
    StateLock(const StateLock&) = delete;
    StateLock& operator=(const StateLock&) = delete;

private:
    explicit StateLock(int descriptor) : m_descriptor(descriptor) {}
    int m_descriptor;
};

} // namespace loa::playout
