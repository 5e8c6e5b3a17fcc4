#include "media/segment_encoder.h"

#include "media/spool.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <new>
#include <optional>
#include <thread>

namespace loa::media {

namespace {

constexpr std::int64_t segmentFrames = 60 * sampleRate;
constexpr std::int64_t searchFrames = 4 * sampleRate; // around a nominal end
constexpr std::int64_t preRollFrames = sampleRate;
constexpr unsigned mostThreads = 8;

// The packet boundary within [begin, end) with the least energy in the packets on both sides.
Result<FrameCount> quietestBoundary(const Spool& spool, FrameCount begin, FrameCount end, FrameCount packet)
{
    std::vector<double> energies(static_cast<std::size_t>((end - begin).value / packet.value), 0.0);
    SpoolReader reader(spool.descriptor, begin, end);
    std::int64_t position = 0;
    for (;;) {
        auto block = reader.read();
        if (!block)
            return passOn(block);
        if (block->empty())
            break;
        for (const float sample : *block) {
            const auto index = static_cast<std::size_t>(position++ / packet.value);
            if (index < energies.size())
                energies[index] += static_cast<double>(sample) * static_cast<double>(sample);
        }
    }
    std::size_t best = 1;
    for (std::size_t index = 1; index < energies.size(); ++index) {
        if (energies[index - 1] + energies[index] < energies[best - 1] + energies[best])
            best = index;
    }
    return begin + FrameCount{static_cast<std::int64_t>(best) * packet.value};
}

struct Segment {
    FrameCount begin;
    FrameCount end;
    bool last = false;
};

struct PacketRecord {
    std::size_t offset;
    std::size_t size;
    FrameCount position;
    FrameCount duration;
    FrameCount padding;
};

struct SegmentPackets {
    std::vector<std::byte> bytes;
    std::vector<PacketRecord> packets;
    std::vector<float> peaks;
    LimiterUse use;
};

void notePeaks(std::vector<float>& peaks, std::span<const float> block, std::int64_t position, std::int64_t frames)
{
    for (const float sample : block) {
        float& peak = peaks[static_cast<std::size_t>(position * waveformPoints / frames)];
        peak = std::max(peak, std::abs(sample));
        ++position;
    }
}

Result<SegmentPackets> encodeSegment(const Spool& spool, const Segment& segment, const Levels& levels,
                                     const EncoderSettings& settings)
{
    auto encoder = Encoder::create(settings);
    if (!encoder)
        return passOn(encoder);
    SegmentPackets made;
    made.peaks.assign(waveformPoints, 0.0F);
    const FrameCount start = std::max(segment.begin - FrameCount{preRollFrames}, FrameCount{0});
    const FrameCount first = segment.begin - encoder->delay();
    const PacketSink keep = [&](const EncodedPacket& packet) -> Result<void> {
        const FrameCount position = packet.position + start;
        if (position < first)
            return {};
        made.packets.push_back({made.bytes.size(), packet.data.size(), position, packet.duration, packet.padding});
        made.bytes.insert(made.bytes.end(), packet.data.begin(), packet.data.end());
        return {};
    };
    FrameCount position = start;
    auto use = playLimited(spool, start, segment.end, levels, [&](std::span<const float> block) {
        const FrameCount next = position + FrameCount{static_cast<std::int64_t>(block.size())};
        const FrameCount counted = std::clamp(segment.begin, position, next);
        notePeaks(made.peaks, block.subspan(static_cast<std::size_t>((counted - position).value)), counted.value,
                  spool.frames.value);
        position = next;
        return encoder->write(block, keep);
    });
    if (!use)
        return passOn(use);
    made.use = *use;
    if (segment.last) {
        if (auto done = encoder->finish(keep); !done)
            return passOn(done);
    }
    return made;
}

// Segments in work and done, between the threads that encode and the one that writes.
class SegmentQueue {
public:
    SegmentQueue(std::size_t count, std::size_t ahead) : m_slots(count), m_ahead(ahead) {}

    // The next segment to encode; nothing when all are taken or the work has been stopped.
    std::optional<std::size_t> take()
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_stopped || m_next >= m_slots.size() || m_next < m_written + m_ahead; });
        if (m_stopped || m_next >= m_slots.size())
            return std::nullopt;
        return m_next++;
    }
    void put(std::size_t index, Result<SegmentPackets> made)
    {
        const std::lock_guard lock(m_mutex);
        m_slots[index].emplace(std::move(made));
        m_changed.notify_all();
    }
    Result<SegmentPackets> wait(std::size_t index)
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] { return m_slots[index].has_value(); });
        Result<SegmentPackets> made = std::move(*m_slots[index]);
        m_slots[index].reset();
        m_written = index + 1;
        m_changed.notify_all();
        return made;
    }
    void stop()
    {
        const std::lock_guard lock(m_mutex);
        m_stopped = true;
        m_changed.notify_all();
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<std::optional<Result<SegmentPackets>>> m_slots;
    std::size_t m_ahead;
    std::size_t m_next = 0;
    std::size_t m_written = 0;
    bool m_stopped = false;
};

// Threads that end before the queue does.
class SegmentThreads {
public:
    SegmentThreads(SegmentQueue& queue, unsigned count,
                   const std::function<Result<SegmentPackets>(std::size_t)>& encode)
        : m_queue(queue)
    {
        for (unsigned index = 0; index < count; ++index)
            m_threads.emplace_back([&queue, encode] {
                while (const auto segment = queue.take())
                    queue.put(*segment, encode(*segment));
            });
    }
    ~SegmentThreads()
    {
        m_queue.stop();
        for (std::thread& thread : m_threads)
            thread.join();
    }
    SegmentThreads(const SegmentThreads&) = delete;
    SegmentThreads& operator=(const SegmentThreads&) = delete;

private:
    SegmentQueue& m_queue;
    std::vector<std::thread> m_threads;
};

Result<void> writePackets(AudioWriter& writer, const SegmentPackets& made)
{
    const std::span<const std::byte> bytes(made.bytes);
    for (const PacketRecord& packet : made.packets) {
        const EncodedPacket whole{bytes.subspan(packet.offset, packet.size), packet.position, packet.duration,
                                  packet.padding};
        if (auto done = writer.writePacket(whole); !done)
            return done;
    }
    return {};
}

} // namespace

Result<std::vector<FrameCount>> segmentEnds(const Spool& spool, FrameCount packet)
{
    std::vector<FrameCount> ends;
    const auto count = spool.frames.value / segmentFrames;
    for (std::int64_t index = 1; index < count; ++index) {
        const std::int64_t nominal = (index * segmentFrames - searchFrames / 2) / packet.value * packet.value;
        auto end = quietestBoundary(spool, FrameCount{nominal}, FrameCount{nominal + searchFrames}, packet);
        if (!end)
            return passOn(end);
        ends.push_back(*end);
    }
    ends.push_back(spool.frames);
    return ends;
}

Result<EncodedSpool> encodeSpool(const Spool& spool, const Levels& levels, const WriterSettings& settings,
                                 const ByteSink& sink)
{
    auto writer = AudioWriter::toSink(sink, settings);
    if (!writer)
        return passOn(writer);
    const FrameCount packet{settings.encoder.frameDuration.count() * sampleRate / 1000};
    auto ends = segmentEnds(spool, packet);
    if (!ends)
        return passOn(ends);
    std::vector<Segment> segments;
    for (const FrameCount end : *ends)
        segments.push_back({segments.empty() ? FrameCount{0} : segments.back().end, end, end == spool.frames});

    const unsigned processors = std::clamp(std::thread::hardware_concurrency(), 1U, mostThreads);
    const auto threads = static_cast<unsigned>(std::min<std::size_t>(processors, segments.size()));
    SegmentQueue queue(segments.size(), 2 * static_cast<std::size_t>(threads));
    const SegmentThreads running(queue, threads, [&](std::size_t index) -> Result<SegmentPackets> {
        try {
            return encodeSegment(spool, segments[index], levels, settings.encoder);
        } catch (const std::bad_alloc&) {
            return fail(ErrorCategory::LimitExceeded, {QStringLiteral("Tệp cần quá nhiều bộ nhớ."),
                                                       QStringLiteral("The file needs too much memory.")});
        }
    });
    EncodedSpool encoded;
    encoded.peaks.assign(waveformPoints, 0.0F);
    for (std::size_t index = 0; index < segments.size(); ++index) {
        auto made = queue.wait(index);
        if (!made)
            return passOn(made);
        if (auto done = writePackets(*writer, *made); !done)
            return passOn(done);
        encoded.use.limited += made->use.limited;
        encoded.use.frames += made->use.frames;
        for (std::size_t point = 0; point < encoded.peaks.size(); ++point)
            encoded.peaks[point] = std::max(encoded.peaks[point], made->peaks[point]);
    }
    if (auto done = writer->finish(); !done)
        return passOn(done);
    return encoded;
}

} // namespace loa::media
