// A Disk in memory for simulations and tests, which can be full, fail at the n-th write and lose its power. Thread: its
// owner's.
#pragma once

#include "playout/cache/disk.h"

#include <limits>
#include <map>
#include <optional>

namespace loa::playout {

class MemoryDisk final : public Disk {
public:
    // Writes fail with Storage ("full") once the files together would exceed this.
    void setCapacity(std::int64_t bytes) { m_capacity = bytes; }
    // The n-th changing call from now fails (0: the next), having written half of its bytes; all calls before and after
    // work.
    void failAt(int call) { m_failAt = m_calls + call; }
    [[nodiscard]] int calls() const { return m_calls; }
    // Everything not made durable is gone; of a file being written a part of the last write may remain.
    void cutPower();

    [[nodiscard]] Result<QByteArray> read(const QString& name, std::int64_t most) const override;
    [[nodiscard]] Result<void> replace(const QString& name, QByteArrayView bytes) override;
    [[nodiscard]] Result<void> write(const QString& name, std::int64_t offset, QByteArrayView bytes) override;
    [[nodiscard]] Result<void> commit(const QString& from, const QString& to) override;
    [[nodiscard]] Result<void> remove(const QString& name) override;
    void touch(const QString& name) override { m_stamps[name] = ++m_lastStamp; }
    [[nodiscard]] Result<std::vector<DiskFile>> list(const QString& folder) const override;
    [[nodiscard]] Result<Sha256> hash(const QString& name) const override;
    // "memory:" and the name: players of a simulation read through the disk.
    [[nodiscard]] QString path(const QString& name) const override;

private:
    [[nodiscard]] std::int64_t used() const;
    [[nodiscard]] bool failsNow();

    std::map<QString, QByteArray> m_files;
    std::map<QString, QByteArray> m_durable;
    std::map<QString, std::int64_t> m_stamps;
    std::int64_t m_lastStamp = 0;
    std::int64_t m_capacity = std::numeric_limits<std::int64_t>::max();
    int m_calls = 0;
    std::optional<int> m_failAt;
};

} // namespace loa::playout
