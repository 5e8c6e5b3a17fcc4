// What one or several stations hear alike: a programme, what leaves it through limiter and encoders, and whose outputs
// that goes to. One that several hear is copied for whoever is to hear something else from now on, and goes on there
// bit by bit (mix_table.h says who hears which).
//
// Threads: one, the pump's; watch() from any. pumpUntil() may encode and open sources; what it calls of Programme and
// MixBus is their render path.
// Units: stream positions. Ownership: members and sources outlive it.
// Failure: as Programme, MixBus, EncoderStage.
#pragma once

#include "playout/engine/encoder_stage.h"
#include "playout/engine/mix_block.h"
#include "playout/engine/mix_bus.h"
#include "playout/engine/mix_tap.h"
#include "playout/engine/output_lane.h"
#include "playout/engine/pass_through.h"
#include "playout/engine/player.h"
#include "playout/engine/programme.h"
#include "playout/engine/silence_watch.h"

#include <array>
#include <memory>
#include <vector>

namespace loa::playout {

// When outputs with these traits want what a mix makes; one for all of them.
struct MixWish {
    DeviceTraits traits;
    bool wants = false; // what is made next
};

// An output of a member.
struct MixLane {
    std::unique_ptr<OutputLane> output;
    std::optional<EncodingKey> key = {}; // what it takes; none: samples or nothing
    EncoderStage* stage = nullptr;       // the mix's
    const MixWish* wish = nullptr;       // the mix's
};

struct MixMember {
    std::vector<MixLane> lanes;
    std::size_t number = 0; // of those of one pump
    MixTap* tap = nullptr;  // null: nobody listens
};

struct MixSettings {
    SourceFactory* sources = nullptr;
    double ceilingDb = defaultCeilingDb;
    std::chrono::milliseconds silenceAfter{15000};
    EncodingShare* share = nullptr; // null: it is never copied
    Fetching fetching = Fetching::Samples;
    MixEars* ears = nullptr; // who listens; null: nobody

    bool operator==(const MixSettings&) const = default;
};

class Mix {
public:
    Mix(const MixSettings& settings, FrameCount cursor);

    [[nodiscard]] const MixSettings& settings() const { return m_settings; }
    [[nodiscard]] Programme& programme() { return m_programme; }
    [[nodiscard]] const Programme& programme() const { return m_programme; }
    [[nodiscard]] SilenceWatch& watch() { return *m_watch; }
    [[nodiscard]] std::shared_ptr<const SilenceWatch> sharedWatch() const { return m_watch; }
    [[nodiscard]] const std::vector<MixMember*>& members() const { return m_members; }
    [[nodiscard]] FrameCount cursor() const { return m_cursor; } // the next frame to render
    // What changes counts from here on: what was read ahead for the limiter is settled.
    [[nodiscard]] FrameCount frontier() const { return std::max(m_cursor, m_bus.readUntil()); }
    // Leaves out what lies before, and tells the outputs that wanted some of it.
    void skipTo(FrameCount cursor);

    // Its tap follows this mix's ear from now on. Error: an encoder that cannot be made.
    [[nodiscard]] Result<void> add(MixMember& member);
    void remove(MixMember& member);
    // Without members; null: it cannot be copied.
    [[nodiscard]] std::unique_ptr<Mix> copy() const;
    // Whoever hears one of them may as well hear the other from now on.
    [[nodiscard]] bool isLike(const Mix& other) const;

    // Renders up to `end`, for whoever wants it. True: somebody does.
    bool pumpUntil(FrameCount end);
    [[nodiscard]] bool isBusy() const { return m_isBusy; } // somebody wanted what was rendered last
    [[nodiscard]] EncodingCount encoding() const;

private:
    // One output of one member, with what each block needs of it.
    struct Hearer {
        const MixMember* member;
        OutputLane* output;
        EncoderStage* stage; // null: it takes samples or nothing
        const MixWish* wish;
        bool wantsSamples;

        [[nodiscard]] bool wants() const { return wish->wants; }
    };

    Mix(const Mix& other, Programme programme);

    // The next frames, for all outputs that want them: a slot that is passed, or up to `frames` of one kind. How many.
    FrameCount make(FrameCount frames);
    // How far it is until another output begins to want; notes who wants what is made next.
    [[nodiscard]] FrameCount look();
    [[nodiscard]] const MixWish& wishFor(const DeviceTraits& traits);
    void makeRoomFor(const MixLane& lane);
    // Somebody wants samples of a slot that may be passed.
    [[nodiscard]] bool needsSamples() const;
    // `samples` or, where all stages that are wanted pass already, `packet` alone.
    void encode(FrameCount position, std::span<const float> samples, std::span<const std::byte> packet);
    // What leaves as samples, or does not leave.
    void give(FrameCount position, const RenderedRun& run, std::span<const float> samples);

    const MixSettings m_settings;
    Programme m_programme;
    MixBus m_bus;
    PassThrough m_passing;
    std::shared_ptr<SilenceWatch> m_watch;
    std::shared_ptr<MixEar> m_ear; // null: nobody listens
    std::vector<std::unique_ptr<EncoderStage>> m_stages;
    std::vector<std::unique_ptr<MixWish>> m_wishes;
    std::vector<MixMember*> m_members;
    std::vector<Hearer> m_hearers; // all of m_members
    BlockPool m_packets;
    BlockPool m_runs;
    FrameCount m_cursor;
    bool m_isBusy = false;
    std::array<float, static_cast<std::size_t>(MixBus::longestBlock)> m_scratch{};
};

} // namespace loa::playout
