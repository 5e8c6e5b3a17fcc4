#include "playout/cache/memory_disk.h"

namespace loa::playout {
namespace {

tl::unexpected<Error> memoryFailure(ErrorCategory category, const QString& name)
{
    if (category == ErrorCategory::NotFound)
        return fail(category, {QStringLiteral("Không có tệp này"), QStringLiteral("There is no such file")}, name);
    return fail(category, {QStringLiteral("Đĩa đầy"), QStringLiteral("No space left on device")}, name);
}

} // namespace

void MemoryDisk::cutPower()
{
    m_files = m_durable;
}

Result<QByteArray> MemoryDisk::read(const QString& name, std::int64_t most) const
{
    const auto found = m_files.find(name);
    if (found == m_files.end())
        return memoryFailure(ErrorCategory::NotFound, name);
    if (found->second.size() > most)
        return fail(ErrorCategory::LimitExceeded,
                    {QStringLiteral("Tệp lớn hơn mức cho phép"), QStringLiteral("The file is larger than allowed")},
                    name);
    return found->second;
}

Result<void> MemoryDisk::replace(const QString& name, QByteArrayView bytes)
{
    const QString temporary = name + QStringLiteral(".tmp");
    if (auto written = write(temporary, 0, bytes); !written) {
        m_files.erase(temporary);
        return written;
    }
    return commit(temporary, name);
}

Result<void> MemoryDisk::write(const QString& name, std::int64_t offset, QByteArrayView bytes)
{
    const bool fails = failsNow();
    QByteArray& content = m_files[name];
    touch(name);
    if (content.size() < offset)
        return fail(
            ErrorCategory::Storage,
            {QStringLiteral("Tệp ngắn hơn vị trí cần ghi"), QStringLiteral("The file ends before the place to write")},
            name);
    content.truncate(offset);
    const std::int64_t room = std::max<std::int64_t>(0, m_capacity - used());
    const std::int64_t taken = fails ? bytes.size() / 2 : std::min<std::int64_t>(bytes.size(), room);
    content.append(bytes.first(taken));
    // What reached the platters without anyone asking: a file being written may be found half there.
    m_durable[name] = content.first(content.size() - taken / 2);
    if (taken < bytes.size() || fails)
        return memoryFailure(ErrorCategory::Storage, name);
    return {};
}

Result<void> MemoryDisk::commit(const QString& from, const QString& to)
{
    if (failsNow())
        return memoryFailure(ErrorCategory::Storage, from);
    const auto found = m_files.find(from);
    if (found == m_files.end())
        return memoryFailure(ErrorCategory::NotFound, from);
    const QByteArray content = found->second;
    m_files.erase(found);
    m_durable.erase(from);
    m_files[to] = content;
    m_durable[to] = content;
    m_stamps[to] = m_stamps[from];
    return {};
}

Result<void> MemoryDisk::remove(const QString& name)
{
    if (failsNow())
        return memoryFailure(ErrorCategory::Storage, name);
    m_files.erase(name);
    m_durable.erase(name);
    return {};
}

Result<std::vector<DiskFile>> MemoryDisk::list(const QString& folder) const
{
    std::vector<DiskFile> files;
    const QString prefix = folder + QLatin1Char('/');
    for (const auto& [name, content] : m_files) {
        if (name.startsWith(prefix) && !name.mid(prefix.size()).contains(QLatin1Char('/')))
            files.push_back({name, content.size(), m_stamps.contains(name) ? m_stamps.at(name) : 0});
    }
    return files;
}

Result<Sha256> MemoryDisk::hash(const QString& name) const
{
    const auto found = m_files.find(name);
    if (found == m_files.end())
        return memoryFailure(ErrorCategory::NotFound, name);
    return sha256(found->second);
}

QString MemoryDisk::path(const QString& name) const
{
    return QStringLiteral("memory:") + name;
}

std::int64_t MemoryDisk::used() const
{
    std::int64_t bytes = 0;
    for (const auto& [name, content] : m_files)
        bytes += content.size();
    return bytes;
}

bool MemoryDisk::failsNow()
{
    return m_failAt == m_calls++;
}

} // namespace loa::playout
