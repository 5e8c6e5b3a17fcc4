// One relay service for many agents: each asks through a branch of its own, and is told of its own relays alone.
// Thread: the agents'. Ownership: `trunk` outlives this; branches live as long as it.
#pragma once

#include "playout/engine/relay_deck.h"

#include <map>

namespace loa::playout {

class RelayBranches {
public:
    explicit RelayBranches(RelayService& trunk);
    ~RelayBranches();

    [[nodiscard]] RelayService& add();

private:
    class Branch;
    void sort();

    RelayService& m_trunk;
    std::vector<std::unique_ptr<Branch>> m_branches;
    std::map<AiringId, Branch*> m_owners;
};

} // namespace loa::playout
