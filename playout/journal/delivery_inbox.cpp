#include "playout/journal/delivery_inbox.h"

namespace loa::playout {
namespace {

std::pair<QString, QString> inboxKey(const AiringRecord& record)
{
    return {record.airing.value, record.output};
}

} // namespace

void DeliveryInbox::setWaker(std::function<void()> waker)
{
    const std::lock_guard lock(m_mutex);
    m_waker = std::move(waker);
}

void DeliveryInbox::wake()
{
    std::function<void()> waker;
    {
        const std::lock_guard lock(m_mutex);
        waker = m_waker;
    }
    if (waker)
        waker();
}

std::vector<Delivery> DeliveryInbox::take()
{
    const std::lock_guard lock(m_mutex);
    m_progress.clear();
    return std::exchange(m_deliveries, {});
}

void DeliveryInbox::put(Delivery delivery)
{
    std::function<void()> waker;
    {
        const std::lock_guard lock(m_mutex);
        m_deliveries.push_back(std::move(delivery));
        waker = m_waker;
    }
    if (waker)
        waker();
}

void DeliveryInbox::airingBegan(const AiringRecord& soFar)
{
    put(AiringBegan{soFar});
}

void DeliveryInbox::airingProgress(const AiringRecord& soFar)
{
    const std::lock_guard lock(m_mutex);
    const auto [place, isNew] = m_progress.try_emplace(inboxKey(soFar), m_deliveries.size());
    if (isNew)
        m_deliveries.push_back(AiringProgressed{soFar});
    else
        m_deliveries[place->second] = AiringProgressed{soFar};
}

void DeliveryInbox::airingEnded(const AiringRecord& record)
{
    put(AiringEnded{record});
}

void DeliveryInbox::sessionEnded(const StationId& station, const SessionId& session)
{
    put(SessionEnded{station, session});
}

void DeliveryInbox::outputChanged(const OutputEvent& event)
{
    put(event);
}

} // namespace loa::playout
