// An ALSA plugin for tests: a sound card whose clock runs by the system's, a little fast or slow. It keeps what it
// plays in `file`, and the monotonic instant of its start, in ns, in `file`.start. While `file`.gone is there, it is
// unplugged; when `file`.dry appears, it drops what it has and runs dry once. As an input it hears what is in `file`,
// then silence. Loaded by libasound, not by us.
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <alsa/pcm_ioplug.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

struct TestCard {
    snd_pcm_ioplug_t plugin{};
    std::string file;
    double driftPpm = 0;
    std::int64_t startedAt = 0;
    std::FILE* record = nullptr;
    bool isRunning = false;
};

TestCard& cardOf(snd_pcm_ioplug_t* plugin)
{
    return *static_cast<TestCard*>(plugin->private_data);
}

bool isGone(const TestCard& card)
{
    return access((card.file + ".gone").c_str(), F_OK) == 0;
}

std::int64_t nanoseconds()
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

int start(snd_pcm_ioplug_t* plugin)
{
    TestCard& card = cardOf(plugin);
    card.startedAt = nanoseconds();
    card.isRunning = true;
    if (std::FILE* stamp = std::fopen((card.file + ".start").c_str(), "w")) {
        std::fprintf(stamp, "%lld %u\n", static_cast<long long>(card.startedAt), plugin->rate);
        std::fclose(stamp);
    }
    return 0;
}

int prepare(snd_pcm_ioplug_t* plugin)
{
    return isGone(cardOf(plugin)) ? -ENODEV : 0;
}

int stop(snd_pcm_ioplug_t* plugin)
{
    cardOf(plugin).isRunning = false;
    return 0;
}

snd_pcm_sframes_t pointer(snd_pcm_ioplug_t* plugin)
{
    TestCard& card = cardOf(plugin);
    if (isGone(card))
        return -ENODEV; // libasound calls it an underrun; prepare() then fails
    if (unlink((card.file + ".dry").c_str()) == 0)
        return -EPIPE;
    if (!card.isRunning)
        return 0;
    const double seconds = static_cast<double>(nanoseconds() - card.startedAt) * 1e-9;
    const auto played = static_cast<snd_pcm_uframes_t>(seconds * plugin->rate * (1.0 + card.driftPpm * 1e-6));
    const bool isInput = plugin->stream == SND_PCM_STREAM_CAPTURE;
    if (isInput ? played > plugin->appl_ptr + plugin->buffer_size : played > plugin->appl_ptr)
        return -EPIPE;
    return static_cast<snd_pcm_sframes_t>(played % plugin->buffer_size);
}

snd_pcm_sframes_t transfer(snd_pcm_ioplug_t* plugin, const snd_pcm_channel_area_t* areas, snd_pcm_uframes_t offset,
                           snd_pcm_uframes_t size)
{
    const TestCard& card = cardOf(plugin);
    auto* bytes = static_cast<char*>(areas->addr) + (areas->first + areas->step * offset) / 8;
    if (plugin->stream == SND_PCM_STREAM_CAPTURE) {
        const std::size_t read = std::fread(bytes, areas->step / 8, size, card.record);
        std::memset(bytes + read * areas->step / 8, 0, (size - read) * areas->step / 8);
        return static_cast<snd_pcm_sframes_t>(size);
    }
    std::fwrite(bytes, areas->step / 8, size, card.record);
    std::fflush(card.record);
    return static_cast<snd_pcm_sframes_t>(size);
}

int closeCard(snd_pcm_ioplug_t* plugin)
{
    TestCard* card = &cardOf(plugin);
    std::fclose(card->record);
    delete card;
    return 0;
}

const snd_pcm_ioplug_callback_t callbacks = [] {
    snd_pcm_ioplug_callback_t table{};
    table.start = start;
    table.stop = stop;
    table.prepare = prepare;
    table.pointer = pointer;
    table.transfer = transfer;
    table.close = closeCard;
    return table;
}();

int openCard(snd_pcm_t** pcm, const char* name, snd_config_t* settings, snd_pcm_stream_t stream, int mode)
{
    auto* card = new TestCard;
    long rate = 48000;
    long format = SND_PCM_FORMAT_S16_LE;
    snd_config_iterator_t at = nullptr;
    snd_config_iterator_t next = nullptr;
    snd_config_for_each(at, next, settings)
    {
        snd_config_t* entry = snd_config_iterator_entry(at);
        const char* key = nullptr;
        const char* text = nullptr;
        long number = 0;
        if (snd_config_get_id(entry, &key) < 0)
            continue;
        if (std::string(key) == "file" && snd_config_get_string(entry, &text) == 0)
            card->file = text;
        if (std::string(key) == "drift_ppm" && snd_config_get_integer(entry, &number) == 0)
            card->driftPpm = static_cast<double>(number);
        if (std::string(key) == "rate")
            snd_config_get_integer(entry, &rate);
        if (std::string(key) == "sample" && snd_config_get_string(entry, &text) == 0)
            format = snd_pcm_format_value(text);
    }
    if (isGone(*card)) {
        delete card;
        return -ENODEV;
    }
    card->record = std::fopen(card->file.c_str(), stream == SND_PCM_STREAM_CAPTURE ? "rb" : "ab");
    if (card->record == nullptr) {
        delete card;
        return -ENOENT;
    }
    card->plugin.version = SND_PCM_IOPLUG_VERSION;
    card->plugin.name = "a sound card for tests";
    card->plugin.callback = &callbacks;
    card->plugin.private_data = card;
    card->plugin.mmap_rw = 0;
    if (const int code = snd_pcm_ioplug_create(&card->plugin, name, stream, mode); code < 0) {
        std::fclose(card->record);
        delete card;
        return code;
    }
    const std::array access{static_cast<unsigned>(SND_PCM_ACCESS_RW_INTERLEAVED)};
    const std::array samples{static_cast<unsigned>(format)};
    snd_pcm_ioplug_set_param_list(&card->plugin, SND_PCM_IOPLUG_HW_ACCESS, access.size(), access.data());
    snd_pcm_ioplug_set_param_list(&card->plugin, SND_PCM_IOPLUG_HW_FORMAT, samples.size(), samples.data());
    snd_pcm_ioplug_set_param_minmax(&card->plugin, SND_PCM_IOPLUG_HW_CHANNELS, 1, 2);
    snd_pcm_ioplug_set_param_minmax(&card->plugin, SND_PCM_IOPLUG_HW_RATE, static_cast<unsigned>(rate),
                                    static_cast<unsigned>(rate));
    *pcm = card->plugin.pcm;
    return 0;
}

} // namespace

extern "C" {
int _snd_pcm_loa_test_open(snd_pcm_t** pcm, const char* name, snd_config_t*, snd_config_t* settings,
                           snd_pcm_stream_t stream, int mode);
int _snd_pcm_loa_test_open(snd_pcm_t** pcm, const char* name, snd_config_t*, snd_config_t* settings,
                           snd_pcm_stream_t stream, int mode)
{
    return openCard(pcm, name, settings, stream, mode);
}
extern const char __snd_pcm_loa_test_open_dlsym_pcm_001;
const char __snd_pcm_loa_test_open_dlsym_pcm_001 = 0;
}
