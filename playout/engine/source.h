// Where samples come from: house files decoded ahead, samples in memory, silence.
//
// Threads: a Source is made on any thread, read on one (the pump's), destroyed on any when nobody reads it. read()
// and skip() take no lock, allocate nothing and never wait: what is not there is not given. FileSource decodes on its
// factory's own thread.
// Units: positions in frames from the item's first frame.
// Ownership: a Source may not outlive its factory.
// Failure: shows as fewer frames than asked; failure() then says whether more may come (None), or why not.
#pragma once

#include "playout/engine/delivery.h"
#include "playout/timeline/timeline.h"

#include <QString>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace loa::playout {

class Source {
public:
    virtual ~Source() = default;

    // Frames from `position` on, into the beginning of `out`; returns how many are there. Positions never go back: what
    // lies before is given up. An empty answer today may be a full one for a later position.
    virtual std::size_t read(FrameCount position, std::span<float> out) = 0;
    // As read(), for who needs no samples.
    virtual std::size_t skip(FrameCount position, std::size_t frames) = 0;
    // The packet of the house file that begins at `position` and holds `media::HousePackets::frames`, valid until the
    // next call of read() or skip(), which come for the same position and later ones. Empty: there is none.
    virtual std::span<const std::byte> packet(FrameCount position)
    {
        static_cast<void>(position);
        return {};
    }
    // None while the source may still give frames.
    [[nodiscard]] virtual Break failure() const = 0;
    // The same from the next frame on, to be read apart from this one; null: it cannot be had twice. Bit by bit, but
    // for what was opened for packets: its copy decodes anew, and is within 0.1 dB. On the thread that reads, but not
    // in a render path.
    [[nodiscard]] virtual std::unique_ptr<Source> copy() const { return nullptr; }
};

enum class Fetching {
    Samples,
    Packets, // where house files come as packets, they are decoded when samples are asked for
};

class SourceFactory {
public:
    virtual ~SourceFactory() = default;
    // Begins to fetch `segment` from item frame `from` on and returns at once. Any thread.
    [[nodiscard]] virtual std::unique_ptr<Source> open(const Segment& segment, FrameCount from,
                                                       Fetching fetching = Fetching::Samples) = 0;
    // What sounds depends on the segment's hash alone, not on whose airing it is, and can be had twice. Any thread.
    [[nodiscard]] virtual bool isCommon(const Segment&) const { return false; }
};

// Where a house file lies on disk.
using MediaPath = std::function<QString(const Sha256&)>;

// House files from disk. One thread decodes for all sources of the factory, about two seconds ahead of each; before it
// decodes a file it computes its SHA-256 again, and gives nothing of a file whose hash is not the segment's. Sources
// that play one file at the same time share one decoder; one that falls behind the others gets a decoder of its own.
// Those that are opened for packets share the packets that the thread reads; a file of another form comes decoded.
class FileSourceFactory final : public SourceFactory {
public:
    explicit FileSourceFactory(MediaPath path);
    ~FileSourceFactory() override;
    [[nodiscard]] std::unique_ptr<Source> open(const Segment& segment, FrameCount from,
                                               Fetching fetching = Fetching::Samples) override;
    [[nodiscard]] bool isCommon(const Segment&) const override { return true; }

    struct Worker;

private:
    std::unique_ptr<Worker> m_worker;
};

// The same files decoded on the caller's thread inside read(): for rendering faster than real time, where waiting is
// right.
class BlockingFileSourceFactory final : public SourceFactory {
public:
    explicit BlockingFileSourceFactory(MediaPath path) : m_path(std::move(path)) {}
    [[nodiscard]] std::unique_ptr<Source> open(const Segment& segment, FrameCount from,
                                               Fetching fetching = Fetching::Samples) override;

private:
    MediaPath m_path;
};

// Samples that are there already, by hash; an unknown hash fails.
class MemorySourceFactory final : public SourceFactory {
public:
    void add(const Sha256& sha256, std::vector<float> samples);
    [[nodiscard]] std::unique_ptr<Source> open(const Segment& segment, FrameCount from,
                                               Fetching fetching = Fetching::Samples) override;
    [[nodiscard]] bool isCommon(const Segment&) const override { return true; }

private:
    std::vector<std::pair<Sha256, std::shared_ptr<const std::vector<float>>>> m_items;
};

// Every item is silence of the planned length: simulations.
class SilenceSourceFactory final : public SourceFactory {
public:
    [[nodiscard]] std::unique_ptr<Source> open(const Segment& segment, FrameCount from,
                                               Fetching fetching = Fetching::Samples) override;
    [[nodiscard]] bool isCommon(const Segment&) const override { return true; }
};

} // namespace loa::playout
