// Mono 48 kHz float on disk between the one decode pass and the encoding, so that memory does not grow with the
// recording.
//
// Thread: one at a time; readers are separate objects and may run on other threads once writing has ended. Owns
// nothing: the descriptor stays the caller's (an unnamed temporary file, so that nothing is left behind whatever
// happens). Failure: Storage with what to do (free some space); the spool is then useless.
#pragma once

#include "media/error.h"
#include "media/frames.h"

#include <cstddef>
#include <span>
#include <vector>

namespace loa::media {

class SpoolWriter {
public:
    explicit SpoolWriter(int descriptor);
    [[nodiscard]] Result<void> write(std::span<const float> mono);
    [[nodiscard]] Result<void> finish();
    FrameCount written() const { return m_written; }

private:
    [[nodiscard]] Result<void> flush();

    int m_descriptor;
    std::vector<float> m_held;
    FrameCount m_written;
};

class SpoolReader {
public:
    // Frames [from, to).
    SpoolReader(int descriptor, FrameCount from, FrameCount to);
    // The next block, valid until the next call; empty at the end.
    [[nodiscard]] Result<std::span<const float>> read();

private:
    int m_descriptor;
    FrameCount m_position;
    FrameCount m_end;
    std::vector<float> m_block;
};

// Writes all bytes at the descriptor's position or fails with Storage.
[[nodiscard]] Result<void> writeAll(int descriptor, std::span<const std::byte> bytes);

} // namespace loa::media
