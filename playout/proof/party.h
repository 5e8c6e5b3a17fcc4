// Stations that hear one mix and mean to sound the same in it: measured once, as long as nothing tells them apart.
//
// What is measured of an airing depends on what was heard since it began and on nothing else. So whoever's plans change
// takes a copy of the measures along, which goes on bit by bit, and those who change alike at the same frame go to one
// place: each station's proof is that which it would have alone. Parties with nothing begun meet when they mean to
// sound the same.
//
// Threads: one, the measuring; StationProofs of any. Ownership: the party's mix owns it, members outlive it.
#pragma once

#include "playout/proof/airing_measure.h"
#include "playout/proof/course.h"

#include <map>
#include <memory>
#include <mutex>

namespace loa::playout {

// By the file's hash; null: not there. Called on the measuring thread; may read a disk.
using FindReference = std::function<std::shared_ptr<const Reference>(const Sha256&)>;

// What all parties of a process have in common.
struct Measuring {
    FindReference find;
    std::int64_t states = 0; // measures that have heard the same bear the same number of these
};

// What is known of an airing, for one station or many. Any thread.
class Figures {
public:
    void set(const std::optional<MixProof>& proof);
    [[nodiscard]] std::optional<MixProof> get() const;

private:
    mutable std::mutex m_mutex;
    std::optional<MixProof> m_proof;
};

// A station's proofs, by airing. Any thread.
class ProofBook {
public:
    void enter(const AiringId& airing, std::shared_ptr<const Figures> figures);
    // In place of what was entered; nothing, when it was forgotten.
    void replace(const AiringId& airing, std::shared_ptr<const Figures> figures);
    [[nodiscard]] std::optional<MixProof> proof(const AiringId& airing) const;
    void forget(const AiringId& airing);

private:
    mutable std::mutex m_mutex;
    std::map<AiringId, std::shared_ptr<const Figures>> m_figures;
};

class HeardMix;
class Party;

// A station among others; the measuring thread's but for its book.
struct Guest {
    ProofBook book;
    HeardMix* mix = nullptr; // that it hears
    Party* party = nullptr;  // of the mix
    std::size_t seat = 0;    // among the party's members
    AiringNames names;       // by the party's numbers
};

class Party {
public:
    Party(Measuring& measuring, std::vector<CourseSpan> spans) : m_measuring(measuring), m_spans(std::move(spans)) {}

    [[nodiscard]] bool isEmpty() const { return m_members.empty(); }
    // Of a member, with its own names.
    [[nodiscard]] Course courseOf(const Guest& guest) const { return {m_spans, guest.names}; }
    // All before `position` has been heard.
    void reach(FrameCount position);
    // By its numbers, the names of a guest who comes from `from` (null: nowhere) with this course; none: it would be
    // measured otherwise here. Both have heard all before `position`.
    [[nodiscard]] std::optional<AiringNames> welcome(Party* from, const Guest& guest, const Course& course,
                                                     FrameCount position);
    // What has begun in `from` and goes on in this party's course goes on here. Of a party without members.
    void inherit(Party& from, const Guest& guest, const Course& course);
    // From one to another that welcomes it, or that has just inherited.
    static void move(Guest& guest, Party* from, Party* to, AiringNames names);

    // Frames of the mix from `position` on; without samples: they are the file's own packets.
    void hear(FrameCount position, FrameCount frames, std::span<const float> samples);
    // Publishes what has heard nothing since the last call.
    void rest();
    // All that has begun is over, and its members are nowhere.
    void end();

private:
    struct Running {
        explicit Running(AiringMeasure::Find find) : measure(std::move(find)) {}

        AiringMeasure measure;
        std::shared_ptr<Figures> figures = std::make_shared<Figures>();
        FrameCount published;
        std::int64_t state = 0;             // the same in two parties: they have heard the same of it
        bool isFresh = true;                // it has heard something since the last rest()
        std::shared_ptr<Figures> left = {}; // for those who left it in `leftState`
        std::int64_t leftState = -1;
    };
    void publish(Running& running);
    Running& begin(const CourseSpan& span);

    Measuring& m_measuring;
    std::vector<CourseSpan> m_spans;
    std::map<std::size_t, Running> m_running; // by number
    std::vector<Guest*> m_members;
};

} // namespace loa::playout
