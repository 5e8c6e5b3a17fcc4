#include "playout/engine/mix_table.h"

#include <algorithm>
#include <cassert>

namespace loa::playout {

namespace {

bool isCommon(const MixChanges& changes, const SourceFactory& sources)
{
    return std::all_of(changes.begin(), changes.end(), [&](const MixChange& change) {
        return !change.timeline || std::all_of(change.timeline->segments().begin(), change.timeline->segments().end(),
                                               [&](const Segment& segment) { return sources.isCommon(segment); });
    });
}

bool areSame(const MixChanges& a, const MixChanges& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const MixChange& one, const MixChange& other) {
        if (one.kind != other.kind || one.base != other.base || one.origin != other.origin)
            return false;
        return one.timeline ? other.timeline && soundAlike(*one.timeline, *other.timeline) : !other.timeline;
    });
}

void make(const MixChanges& changes, Mix& mix)
{
    Programme& programme = mix.programme();
    for (const MixChange& change : changes) {
        switch (change.kind) {
        case MixChange::Kind::Place:
            programme.place(change.timeline, change.base);
            break;
        case MixChange::Kind::Amend:
            static_cast<void>(programme.amend(change.base, change.timeline));
            break;
        case MixChange::Kind::Remove:
            programme.remove(change.base);
            break;
        case MixChange::Kind::Revoke:
            programme.revoke(change.base, change.airing);
            break;
        case MixChange::Kind::Cut:
            programme.cutAt(change.base);
            mix.watch().reset();
            break;
        }
    }
}

} // namespace

bool soundAlike(const SessionTimeline& a, const SessionTimeline& b)
{
    if (a.levels() != b.levels() || a.segments().size() != b.segments().size())
        return false;
    return std::equal(a.segments().begin(), a.segments().end(), b.segments().begin(),
                      [](const Segment& one, const Segment& other) {
                          Segment renamed = other;
                          renamed.airing = one.airing;
                          renamed.item = one.item;
                          return renamed == one;
                      });
}

Mix& MixTable::enter(MixMember& member, const MixSettings& settings, FrameCount cursor)
{
    Entry* entry = silentLike(settings);
    if (!entry) {
        m_entries.push_back({std::make_unique<Mix>(settings, cursor), ++m_numbers, true});
        entry = &m_entries.back();
    }
    const auto entered = entry->mix->add(member);
    assert(entered);
    return *entry->mix;
}

void MixTable::leave(MixMember& member, Mix& mix)
{
    mix.remove(member);
    const bool isLast = std::all_of(m_entries.begin(), m_entries.end(),
                                    [](const Entry& entry) { return entry.mix->members().empty(); });
    std::erase_if(m_entries, [&](const Entry& entry) {
        return isLast || (entry.mix->members().empty() && !(m_keepsSilent && entry.isSilent));
    });
}

Mix& MixTable::change(MixMember& member, Mix& mix, const MixChanges& changes, const PlacedSessions& own)
{
    const std::int64_t parent = entryOf(mix).number;
    const bool isShared = isCommon(changes, *mix.settings().sources);
    const auto twin = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry& entry) {
        return isShared && entry.parent == parent && entry.bornAt == mix.cursor() &&
               entry.mix->cursor() == mix.cursor() && areSame(entry.changes, changes);
    });
    if (twin != m_entries.end()) {
        Mix& found = *twin->mix;
        move(member, mix, found);
        return found;
    }
    const bool staysBehind = m_keepsSilent && mix.settings().share && entryOf(mix).isSilent;
    if (mix.members().size() == 1 && !staysBehind) {
        // Its sessions may have been placed under another's names.
        for (const auto& [base, timeline] : own)
            mix.programme().rename(base, timeline);
        make(changes, mix);
        Entry& entry = entryOf(mix);
        entry = {std::move(entry.mix), ++m_numbers};
        return mix;
    }
    auto made = mix.copy();
    if (!made) { // what cannot be copied is nobody else's, so this is a source that broke its word: opened anew
        made = std::make_unique<Mix>(mix.settings(), mix.cursor());
        for (const auto& [base, timeline] : own)
            made->programme().place(timeline, base);
    }
    for (const auto& [base, timeline] : own)
        made->programme().rename(base, timeline);
    make(changes, *made);
    Mix& result = *made;
    m_entries.push_back({std::move(made), ++m_numbers, false, isShared ? parent : 0, mix.cursor(), changes});
    move(member, mix, result);
    return result;
}

Mix& MixTable::settle(MixMember& member, Mix& mix)
{
    if (!mix.settings().share || !mix.programme().isEmpty() || entryOf(mix).isSilent)
        return mix;
    Entry* silent = silentLike(mix.settings());
    if (silent && silent->mix->members().empty()) { // nobody has heard it for long
        std::erase_if(m_entries, [gone = silent->mix.get()](const Entry& entry) { return entry.mix.get() == gone; });
        silent = nullptr;
    }
    if (!silent) {
        entryOf(mix).isSilent = true;
        return mix;
    }
    Mix& quiet = *silent->mix;
    quiet.pumpUntil(mix.cursor());
    if (!mix.isLike(quiet))
        return mix;
    move(member, mix, quiet);
    return quiet;
}

MixTable::Entry& MixTable::entryOf(const Mix& mix)
{
    const auto entry =
        std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry& one) { return one.mix.get() == &mix; });
    assert(entry != m_entries.end());
    return *entry;
}

MixTable::Entry* MixTable::silentLike(const MixSettings& settings)
{
    const auto entry = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry& one) {
        return one.isSilent && settings.share && one.mix->settings() == settings;
    });
    return entry == m_entries.end() ? nullptr : &*entry;
}

void MixTable::move(MixMember& member, Mix& from, Mix& to)
{
    const auto entered = to.add(member);
    assert(entered);
    leave(member, from);
}

} // namespace loa::playout
