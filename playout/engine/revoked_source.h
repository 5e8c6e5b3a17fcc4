// What an item gives once it has been taken off a running session: what sounds falls over `softCut`, what has not begun
// does not begin, and its neighbours are not touched. Threads, units: as source.h.
#pragma once

#include "playout/engine/source.h"

#include <algorithm>

namespace loa::playout {

class RevokedSource final : public Source {
public:
    // `inner` has been read up to `next`; null, or less than 0: nothing has sounded.
    RevokedSource(std::unique_ptr<Source> inner, FrameCount next)
        : m_inner(std::move(inner)), m_end(m_inner && next >= FrameCount{} ? next + softCut : FrameCount{-1})
    {
    }

    std::size_t read(FrameCount position, std::span<float> out) override
    {
        const std::size_t left = leftOf(position, out.size());
        const std::size_t given = left > 0 ? m_inner->read(position, out.first(left)) : 0;
        for (std::size_t index = 0; index < given; ++index)
            out[index] *=
                equalPowerRise((m_end - position).value - 1 - static_cast<std::int64_t>(index), softCut.value);
        return given;
    }
    std::size_t skip(FrameCount position, std::size_t frames) override
    {
        const std::size_t left = leftOf(position, frames);
        return left > 0 ? m_inner->skip(position, left) : 0;
    }
    [[nodiscard]] Break failure() const override { return m_isOver ? Break::Stopped : m_inner->failure(); }
    [[nodiscard]] std::unique_ptr<Source> copy() const override
    {
        auto inner = m_inner ? m_inner->copy() : nullptr;
        if (m_inner && !inner)
            return nullptr;
        auto twin = std::make_unique<RevokedSource>(std::move(inner), m_end - softCut);
        twin->m_isOver = m_isOver;
        return twin;
    }

private:
    std::size_t leftOf(FrameCount position, std::size_t frames)
    {
        const std::int64_t left = (m_end - position).value;
        m_isOver |= left <= 0;
        return m_isOver ? 0 : static_cast<std::size_t>(std::min(left, static_cast<std::int64_t>(frames)));
    }

    const std::unique_ptr<Source> m_inner;
    const FrameCount m_end; // nothing from here on
    bool m_isOver = m_end < FrameCount{};
};

} // namespace loa::playout
