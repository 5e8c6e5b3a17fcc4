#include "media/codecs/house_reader.h"
#include "playout/engine/file_feed.h"
#include "playout/engine/source.h"
#include "scheduler/contract/hash.h"

#include <algorithm>
#include <optional>

namespace loa::playout {

namespace detail {

Result<void> verify(const QString& path, const Sha256& sha256)
{
    auto hash = sha256OfFile(path);
    if (!hash)
        return passOn(hash);
    if (*hash != sha256) {
        return fail(
            ErrorCategory::Conflict,
            {QStringLiteral("Tệp âm thanh đã bị thay đổi."), QStringLiteral("The audio file has been altered.")}, path);
    }
    return {};
}

Result<media::HouseReader> openVerified(const QString& path, const Sha256& sha256, FrameCount from)
{
    if (auto verified = verify(path, sha256); !verified)
        return passOn(verified);
    auto decoder = media::HouseReader::open(path);
    if (!decoder)
        return decoder;
    if (auto skipped = decoder->skip(from); !skipped)
        return passOn(skipped);
    return decoder;
}

} // namespace detail

namespace {

// Decodes when it is asked.
class BlockingFileSource final : public Source {
public:
    BlockingFileSource(const QString& path, const Segment& segment, FrameCount from)
        : m_end(segment.itemEnd().value), m_position(from.value)
    {
        auto decoder = detail::openVerified(path, segment.sha256, from);
        if (decoder)
            m_decoder.emplace(std::move(*decoder));
        else
            m_failed = true;
    }

    std::size_t read(FrameCount position, std::span<float> out) override
    {
        const std::size_t there = await(position, out.size());
        std::copy_n(m_pending.begin(), there, out.begin());
        return there;
    }
    std::size_t skip(FrameCount position, std::size_t frames) override { return await(position, frames); }
    Break failure() const override { return m_failed ? Break::SourceFailed : Break::None; }

private:
    // Brings m_pending to `position`; how many of `frames` lie in it.
    std::size_t await(FrameCount position, std::size_t frames)
    {
        while (!m_failed && position.value < m_end) {
            const auto behind = static_cast<std::size_t>(position.value - m_position);
            if (behind < m_pending.size()) {
                m_pending = m_pending.subspan(behind);
                m_position = position.value;
                return std::min({frames, m_pending.size(), static_cast<std::size_t>(m_end - m_position)});
            }
            m_position += static_cast<std::int64_t>(m_pending.size());
            m_pending = {};
            auto block = m_decoder->read();
            m_failed = !block || block->empty();
            if (!m_failed)
                m_pending = *block;
        }
        return 0;
    }

    std::int64_t m_end;
    std::int64_t m_position; // of m_pending's first frame
    std::optional<media::HouseReader> m_decoder;
    std::span<const float> m_pending;
    bool m_failed = false;
};

} // namespace

std::unique_ptr<Source> BlockingFileSourceFactory::open(const Segment& segment, FrameCount from, Fetching)
{
    return std::make_unique<BlockingFileSource>(m_path(segment.sha256), segment, from);
}

} // namespace loa::playout
