#include "media/fingerprint.h"

#include "media/ffmpeg/mono_resampler.h"

#include <chromaprint.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

namespace loa::media {

namespace {

// Chromaprint's own; its built-in conversion from 48 kHz costs more than all the rest of it.
constexpr int chromaprintRate = 11025;

struct ContextCloser {
    void operator()(ChromaprintContext* context) const { chromaprint_free(context); }
};

Error fingerprintError(const char* function)
{
    return Error{ErrorCategory::Internal,
                 {QStringLiteral("Không lập được dấu vân âm thanh."),
                  QStringLiteral("The sound's fingerprint could not be made.")},
                 QString::fromUtf8(function)};
}

} // namespace

struct Fingerprinter::Impl {
    std::unique_ptr<ChromaprintContext, ContextCloser> context;
    std::optional<MonoResampler> resampler;
    std::vector<float> low;
    std::vector<std::int16_t> samples;

    Result<void> feed();
};

Fingerprinter::Fingerprinter(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Fingerprinter::Fingerprinter(Fingerprinter&&) noexcept = default;
Fingerprinter& Fingerprinter::operator=(Fingerprinter&&) noexcept = default;
Fingerprinter::~Fingerprinter() = default;

Result<Fingerprinter> Fingerprinter::create(int rate)
{
    auto impl = std::make_unique<Impl>();
    impl->context.reset(chromaprint_new(CHROMAPRINT_ALGORITHM_DEFAULT));
    if (!impl->context || chromaprint_start(impl->context.get(), chromaprintRate, 1) != 1)
        return tl::unexpected(fingerprintError("chromaprint_start"));
    auto resampler = MonoResampler::create(rate, 1, chromaprintRate);
    if (!resampler)
        return passOn(resampler);
    impl->resampler.emplace(std::move(*resampler));
    return Fingerprinter(std::move(impl));
}

Result<void> Fingerprinter::Impl::feed()
{
    samples.resize(low.size());
    std::transform(low.begin(), low.end(), samples.begin(), [](float sample) {
        return static_cast<std::int16_t>(std::clamp(sample * 32767.0F, -32767.0F, 32767.0F));
    });
    low.clear();
    if (chromaprint_feed(context.get(), samples.data(), static_cast<int>(samples.size())) != 1)
        return tl::unexpected(fingerprintError("chromaprint_feed"));
    return {};
}

Result<void> Fingerprinter::add(std::span<const float> mono)
{
    if (auto done = m_impl->resampler->write(mono, m_impl->low); !done)
        return done;
    return m_impl->feed();
}

Result<QString> Fingerprinter::finish()
{
    if (auto done = m_impl->resampler->finish(m_impl->low); !done)
        return passOn(done);
    if (auto done = m_impl->feed(); !done)
        return passOn(done);
    char* text = nullptr;
    if (chromaprint_finish(m_impl->context.get()) != 1 ||
        chromaprint_get_fingerprint(m_impl->context.get(), &text) != 1)
        return tl::unexpected(fingerprintError("chromaprint_finish"));
    const QString fingerprint = QString::fromLatin1(text);
    chromaprint_dealloc(text);
    return fingerprint;
}

} // namespace loa::media
