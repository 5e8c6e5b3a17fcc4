#include "playout/engine/relay_branches.h"

#include <utility>

namespace loa::playout {

class RelayBranches::Branch final : public RelayService {
public:
    explicit Branch(RelayBranches& owner) : m_owner(owner) {}

    void prepare(const RelayPlan& plan) override
    {
        m_owner.m_owners[plan.airing] = this;
        m_owner.m_trunk.prepare(plan);
    }
    void close(const AiringId& airing) override { m_owner.m_trunk.close(airing); }
    void forget(const AiringId& airing) override
    {
        m_owner.sort(); // what happened to it is told still
        m_owner.m_owners.erase(airing);
        m_owner.m_trunk.forget(airing);
    }
    [[nodiscard]] RelaySound soundOf(const AiringId& airing, std::span<const IntervalSet::Interval> delivered) override
    {
        return m_owner.m_trunk.soundOf(airing, delivered);
    }
    [[nodiscard]] std::vector<RelayEvent> takeEvents() override
    {
        m_owner.sort();
        return std::exchange(m_events, {});
    }

    void happened(RelayEvent event) { m_events.push_back(std::move(event)); }

private:
    RelayBranches& m_owner;
    std::vector<RelayEvent> m_events;
};

RelayBranches::RelayBranches(RelayService& trunk) : m_trunk(trunk) {}

RelayBranches::~RelayBranches() = default;

RelayService& RelayBranches::add()
{
    m_branches.push_back(std::make_unique<Branch>(*this));
    return *m_branches.back();
}

void RelayBranches::sort()
{
    for (RelayEvent& event : m_trunk.takeEvents()) {
        if (const auto owner = m_owners.find(event.airing); owner != m_owners.end())
            owner->second->happened(std::move(event));
    }
}

} // namespace loa::playout
