// The few steps that make a file survive a power cut: bytes, then fsync, then rename, then fsync of the folder.
// Threads: any. Errors are Storage, with the system's words and the path.
#pragma once

#include "media/error.h"

#include <QByteArrayView>
#include <QString>

#include <utility>

namespace loa::library {

// Closes on destruction; -1 is none.
class FileHandle {
public:
    FileHandle() = default;
    explicit FileHandle(int descriptor) : m_descriptor(descriptor) {}
    FileHandle(FileHandle&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}
    FileHandle& operator=(FileHandle&& other) noexcept
    {
        std::swap(m_descriptor, other.m_descriptor);
        return *this;
    }
    FileHandle(const FileHandle&) = delete;
    FileHandle& operator=(const FileHandle&) = delete;
    ~FileHandle();

    [[nodiscard]] int get() const { return m_descriptor; }
    [[nodiscard]] bool isOpen() const { return m_descriptor >= 0; }

private:
    int m_descriptor = -1;
};

// `errno` in words, with what was being done.
[[nodiscard]] Error systemError(int number, const QString& path);

// Mode 0700, with parents; also brings an existing one to 0700.
[[nodiscard]] Result<void> makePrivateFolder(const QString& path);
[[nodiscard]] Result<void> syncFile(const QString& path);
[[nodiscard]] Result<void> syncFolder(const QString& path);
// Whole or not at all, mode 0600: temporary file beside it, fsync, rename, fsync of the folder. Replaces what stood
// there.
[[nodiscard]] Result<void> writeWhole(const QString& path, QByteArrayView bytes);

} // namespace loa::library
