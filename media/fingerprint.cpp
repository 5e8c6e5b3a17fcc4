#include "media/fingerprint.h"

#include <chromaprint.h>

#include <algorithm>
#include <cmath>

namespace loa::media {

namespace {

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
    std::vector<std::int16_t> samples;
};

Fingerprinter::Fingerprinter(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Fingerprinter::Fingerprinter(Fingerprinter&&) noexcept = default;
Fingerprinter& Fingerprinter::operator=(Fingerprinter&&) noexcept = default;
Fingerprinter::~Fingerprinter() = default;

Result<Fingerprinter> Fingerprinter::create(int rate)
{
    auto impl = std::make_unique<Impl>();
    impl->context.reset(chromaprint_new(CHROMAPRINT_ALGORITHM_DEFAULT));
    if (!impl->context || chromaprint_start(impl->context.get(), rate, 1) != 1)
        return tl::unexpected(fingerprintError("chromaprint_start"));
    return Fingerprinter(std::move(impl));
}

Result<void> Fingerprinter::add(std::span<const float> mono)
{
    auto& samples = m_impl->samples;
    samples.resize(mono.size());
    std::transform(mono.begin(), mono.end(), samples.begin(), [](float sample) {
        return static_cast<std::int16_t>(std::clamp(sample * 32767.0F, -32767.0F, 32767.0F));
    });
    if (chromaprint_feed(m_impl->context.get(), samples.data(), static_cast<int>(samples.size())) != 1)
        return tl::unexpected(fingerprintError("chromaprint_feed"));
    return {};
}

Result<QString> Fingerprinter::finish()
{
    char* text = nullptr;
    if (chromaprint_finish(m_impl->context.get()) != 1 ||
        chromaprint_get_fingerprint(m_impl->context.get(), &text) != 1)
        return tl::unexpected(fingerprintError("chromaprint_finish"));
    const QString fingerprint = QString::fromLatin1(text);
    chromaprint_dealloc(text);
    return fingerprint;
}

} // namespace loa::media
