#include "playout/engine/encoding_share.h"

#include <algorithm>
#include <cstring>

namespace loa::playout {

namespace {

constexpr FrameCount kept{sampleRate / 2}; // of samples and packets; pumps are a fraction of that apart
constexpr FrameCount meetEvery{sampleRate / 2};
constexpr std::int64_t packetsBefore = 6; // what an encoder is given before the packet that it goes on with

FrameCount gridBelow(FrameCount position, FrameCount packet)
{
    const std::int64_t into = ((position.value % packet.value) + packet.value) % packet.value;
    return position - FrameCount{into};
}

// Where silence that lasts to the end of `samples` begins.
FrameCount silentFrom(FrameCount position, std::span<const float> samples, FrameCount before)
{
    const auto loud = std::find_if(samples.rbegin(), samples.rend(), [](float sample) { return sample != 0.0F; });
    return loud == samples.rend() ? before : position + FrameCount{samples.rend() - loud};
}

} // namespace

bool EncodingShare::Run::begin(FrameCount start)
{
    auto encoder = StreamEncoder::create(m_key.encoder, start);
    if (!encoder)
        return false;
    m_encoder.emplace(std::move(*encoder));
    m_start = m_from = m_silentSince = start;
    return true;
}

bool EncodingShare::Run::encode(std::span<const float> samples)
{
    if (!m_encoder)
        return false;
    const FrameCount position = next();
    const FrameCount end = position + FrameCount{static_cast<std::int64_t>(samples.size())};
    const auto written = m_encoder->write(
        {position, samples, FrameCount{static_cast<std::int64_t>(samples.size())}},
        [&](const StreamPacket& packet) -> Result<void> {
            m_packets.push_back(std::make_shared<const Packet>(Packet{{packet.data.begin(), packet.data.end()},
                                                                      packet.from,
                                                                      packet.to - packet.from,
                                                                      packet.from < m_start,
                                                                      end,
                                                                      m_count++}));
            return {};
        });
    if (!written)
        m_encoder.reset();
    m_silentSince = silentFrom(position, samples, m_silentSince);
    m_history.insert(m_history.end(), samples.begin(), samples.end());
    if (const auto most = static_cast<std::size_t>(2 * kept.value); m_history.size() > most) { // seldom moved
        const auto over = static_cast<std::ptrdiff_t>(m_history.size() - most / 2);
        m_history.erase(m_history.begin(), m_history.begin() + over);
        m_from += FrameCount{over};
    }
    // As long as what they are made of: who can follow from there finds his packets.
    while (!m_packets.empty() && m_packets.front()->doneAt <= m_from)
        m_packets.pop_front();
    return m_encoder.has_value();
}

std::optional<std::size_t> EncodingShare::Run::alike(FrameCount position, std::span<const float> samples) const
{
    if (position < m_from || position > next())
        return std::nullopt;
    const auto from = static_cast<std::size_t>((position - m_from).value);
    const std::size_t known = std::min(samples.size(), m_history.size() - from);
    if (known > 0 && std::memcmp(&m_history[from], samples.data(), known * sizeof(float)) != 0)
        return std::nullopt;
    return known;
}

bool EncodingShare::Run::isSettledAt(FrameCount position) const
{
    return position >= m_from && position <= next() && position - m_silentSince >= settled;
}

bool EncodingShare::Run::isSilentUpTo(FrameCount position) const
{
    if (m_from != m_start || position > next())
        return false;
    const auto end = m_history.begin() + (position - m_from).value;
    return std::all_of(m_history.begin(), end, [](float sample) { return sample == 0.0F; });
}

bool EncodingShare::Run::beganWith(FrameCount start, std::span<const float> samples) const
{
    return m_start == start && m_from == start && samples.size() <= m_history.size() &&
           (samples.empty() || std::memcmp(m_history.data(), samples.data(), samples.size_bytes()) == 0);
}

std::vector<std::shared_ptr<EncodingShare::Run>> EncodingShare::runsOf(const EncodingKey& key)
{
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_runs, [](const auto& run) { return run.expired(); });
    std::vector<std::shared_ptr<Run>> runs;
    for (const auto& each : m_runs) {
        if (auto run = each.lock(); run && run->m_key == key)
            runs.push_back(std::move(run));
    }
    return runs;
}

std::shared_ptr<EncodingShare::Run> EncodingShare::makeRun(const EncodingKey& key)
{
    const std::lock_guard lock(m_mutex);
    auto run = std::make_shared<Run>(key, m_made++);
    m_runs.push_back(run);
    return run;
}

SharedEncoding::SharedEncoding(EncodingShare& share, const EncodingKey& key) : m_share(share), m_key(key) {}

SharedEncoding::SharedEncoding(const SharedEncoding& other)
    : m_share(other.m_share), m_key(other.m_key), m_packetFrames(other.m_packetFrames), m_run(other.m_run),
      m_next(other.m_next), m_given(other.m_given), m_silentSince(other.m_silentSince), m_metAt(other.m_metAt),
      m_number(other.m_number), m_wantsLeadIn(other.m_wantsLeadIn)
{
}

bool SharedEncoding::isLike(const SharedEncoding& other) const
{
    if (!m_run || !other.m_run)
        return !m_run && !other.m_run;
    if (m_next != other.m_next || m_given != other.m_given)
        return false;
    return m_run == other.m_run || (m_next - m_silentSince >= EncodingShare::settled &&
                                    other.m_next - other.m_silentSince >= EncodingShare::settled);
}

void SharedEncoding::rest()
{
    m_run.reset();
}

bool SharedEncoding::advance(FrameCount position, std::span<const float> samples)
{
    if (m_run && position != m_next)
        rest();
    if (m_run)
        meet(position);
    const bool written = m_run ? goOn(position, samples) : enter(position, samples);
    m_next = position + FrameCount{static_cast<std::int64_t>(samples.size())};
    m_silentSince = silentFrom(position, samples, m_silentSince);
    if (!written)
        rest();
    return written;
}

bool SharedEncoding::goOn(FrameCount position, std::span<const float> samples)
{
    {
        const std::lock_guard lock(m_run->m_mutex);
        if (const auto known = m_run->alike(position, samples))
            return writeInto(*m_run, position, samples, *known);
    }
    return leaveFor(position, samples);
}

// Under the run's lock, so that nobody else's samples come between finding it and writing.
bool SharedEncoding::writeInto(EncodingShare::Run& run, FrameCount position, std::span<const float> samples,
                               std::size_t known)
{
    bool written = run.m_encoder.has_value();
    if (written && known < samples.size()) {
        const std::int64_t before = run.m_count;
        written = run.encode(samples.subspan(known));
        m_encoded += run.m_count - before;
        m_share.m_packets.fetch_add(run.m_count - before, std::memory_order_relaxed);
    }
    takePackets(run, position + FrameCount{static_cast<std::int64_t>(samples.size())});
    return written;
}

void SharedEncoding::takePackets(EncodingShare::Run& run, FrameCount until)
{
    const auto first = std::partition_point(run.m_packets.begin(), run.m_packets.end(),
                                            [&](const auto& packet) { return packet->number < m_number; });
    for (auto each = first; each != run.m_packets.end() && (*each)->doneAt <= until; ++each) {
        const EncodingShare::Packet& packet = **each;
        m_number = packet.number + 1;
        if (packet.leadsIn ? !m_wantsLeadIn : packet.position < m_given)
            continue;
        m_taken.push_back(*each);
        m_given = std::max(m_given, packet.position + packet.frames);
    }
}

// Into a run that began at the same place, or that has been silent as nothing is; else into a new one.
bool SharedEncoding::enter(FrameCount position, std::span<const float> samples)
{
    if (m_packetFrames == FrameCount{}) {
        auto tried = StreamEncoder::create(m_key.encoder, position);
        if (!tried)
            return false;
        m_packetFrames = tried->packetFrames();
    }
    const FrameCount start = gridBelow(position, m_packetFrames);
    m_metAt = m_silentSince = position;
    m_given = start;
    const std::lock_guard alone(m_share.m_joining);
    for (const auto& run : m_share.runsOf(m_key)) {
        const std::lock_guard lock(run->m_mutex);
        const bool beganHere = run->m_start == start && run->isSilentUpTo(position);
        const auto known = run->alike(position, samples);
        if (!run->m_encoder || !known || (!beganHere && !run->isSettledAt(position)))
            continue;
        m_wantsLeadIn = beganHere;
        m_number = beganHere ? 0 : run->m_count;
        for (auto packet = run->m_packets.rbegin(); !beganHere && packet != run->m_packets.rend(); ++packet) {
            if ((*packet)->doneAt > position)
                m_number = (*packet)->number;
        }
        if (!beganHere)
            m_silentSince = position - EncodingShare::settled;
        m_run = run;
        return writeInto(*run, position, samples, *known);
    }
    auto run = m_share.makeRun(m_key);
    const std::lock_guard lock(run->m_mutex);
    const std::vector<float> silence(static_cast<std::size_t>((position - start).value), 0.0F);
    if (!run->begin(start) || !run->encode(silence))
        return false;
    ++m_begun;
    m_wantsLeadIn = true;
    m_number = 0;
    m_run = run;
    return writeInto(*run, position, samples, 0);
}

// Its samples are others' no more: an encoder that has heard what went before, with whom differs alike or of its own.
bool SharedEncoding::leaveFor(FrameCount position, std::span<const float> samples)
{
    const std::shared_ptr<EncodingShare::Run> old = std::move(m_run);
    std::vector<float> before;
    FrameCount start = m_given - FrameCount{packetsBefore * m_packetFrames.value};
    {
        const std::lock_guard lock(old->m_mutex);
        while (start < old->m_from)
            start += m_packetFrames;
        const auto at = [&](FrameCount where) { return old->m_history.begin() + (where - old->m_from).value; };
        if (start < position && position <= old->next())
            before.assign(at(start), at(position));
    }
    if (before.empty())
        return enter(position, samples); // far behind: what went before is not known any more
    return goOnFrom(start, before, position, samples);
}

bool SharedEncoding::goOnAfter(FrameCount position, std::vector<float> before, std::span<const float> samples)
{
    m_given = m_metAt = m_silentSince = position;
    const FrameCount start = position - FrameCount{static_cast<std::int64_t>(before.size())};
    const bool written = goOnFrom(start, before, position, samples);
    m_next = position + FrameCount{static_cast<std::int64_t>(samples.size())};
    m_silentSince = silentFrom(position, samples, m_silentSince);
    if (!written)
        rest();
    return written;
}

bool SharedEncoding::goOnFrom(FrameCount start, std::span<const float> before, FrameCount position,
                              std::span<const float> samples)
{
    m_wantsLeadIn = false;
    m_number = 0;
    const std::lock_guard alone(m_share.m_joining);
    for (const auto& run : m_share.runsOf(m_key)) {
        const std::lock_guard lock(run->m_mutex);
        const auto known = run->alike(position, samples);
        if (run->m_encoder && known && run->beganWith(start, before)) {
            m_run = run;
            return writeInto(*run, position, samples, *known);
        }
    }
    auto run = m_share.makeRun(m_key);
    const std::lock_guard lock(run->m_mutex);
    if (!run->begin(start) || !run->encode(before))
        return false;
    ++m_begun;
    m_run = run;
    return writeInto(*run, position, samples, 0);
}

// In silence: over to the oldest run that is silent as well and whose next packet is the one that comes here next.
void SharedEncoding::meet(FrameCount position)
{
    if (position - m_silentSince < EncodingShare::settled || position - m_metAt < meetEvery)
        return;
    m_metAt = position;
    for (const auto& run : m_share.runsOf(m_key)) {
        if (run->m_number >= m_run->m_number)
            return;
        const std::lock_guard lock(run->m_mutex);
        if (!run->m_encoder || !run->isSettledAt(position))
            continue;
        const auto next = std::find_if(run->m_packets.begin(), run->m_packets.end(),
                                       [&](const auto& packet) { return packet->position >= m_given; });
        const FrameCount from = next != run->m_packets.end() ? (*next)->position
                                : run->m_packets.empty()
                                    ? FrameCount{-1}
                                    : run->m_packets.back()->position + run->m_packets.back()->frames;
        if (from != m_given)
            continue;
        m_number = next != run->m_packets.end() ? (*next)->number : run->m_count;
        m_wantsLeadIn = false;
        m_run = run;
        return;
    }
}

} // namespace loa::playout
