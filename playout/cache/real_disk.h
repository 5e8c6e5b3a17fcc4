// The Disk of a running agent: one folder, created with mode 0700 when it is not there. Thread: its owner's.
#pragma once

#include "playout/cache/disk.h"

namespace loa::playout {

class RealDisk final : public Disk {
public:
    explicit RealDisk(QString folder);

    [[nodiscard]] Result<QByteArray> read(const QString& name, std::int64_t most) const override;
    [[nodiscard]] Result<void> replace(const QString& name, QByteArrayView bytes) override;
    [[nodiscard]] Result<void> write(const QString& name, std::int64_t offset, QByteArrayView bytes) override;
    [[nodiscard]] Result<void> commit(const QString& from, const QString& to) override;
    [[nodiscard]] Result<void> remove(const QString& name) override;
    void touch(const QString& name) override;
    [[nodiscard]] Result<std::vector<DiskFile>> list(const QString& folder) const override;
    [[nodiscard]] Result<Sha256> hash(const QString& name) const override;
    [[nodiscard]] QString path(const QString& name) const override;

private:
    QString m_folder;
};

} // namespace loa::playout
