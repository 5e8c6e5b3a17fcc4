#include "playout/commands/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace loa::playout {

using namespace Qt::StringLiterals;

namespace {

// As measured with 200 and 300 stations (ARCHITECTURE.md), and as much again for what comes and goes.
constexpr std::size_t ofTheProcess = 100;
constexpr std::size_t ofAStation = 4;
constexpr std::size_t ofAnOutput = 4;

} // namespace

int descriptorsFor(const Configuration& configuration)
{
    std::size_t count = ofTheProcess;
    for (const AgentStation& station : configuration.agent.stations)
        count += ofAStation + ofAnOutput * (station.outputs.size() + station.monitors.size());
    return static_cast<int>(count);
}

Result<void> allowDescriptors(int wanted)
{
    const auto needed = static_cast<rlim_t>(wanted);
    struct ::rlimit limit {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < needed) {
        limit.rlim_cur = std::min(needed, limit.rlim_max);
        static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
        static_cast<void>(::getrlimit(RLIMIT_NOFILE, &limit));
    }
    if (limit.rlim_cur >= needed)
        return {};
    return fail(
        ErrorCategory::Conflict,
        {u"Số đài và đầu ra này cần khoảng %1 tệp mở cùng lúc, hệ thống chỉ cho %2; hãy tăng LimitNOFILE của "
         "loa-playout.service (hoặc ulimit -n), nếu không một số đài sẽ không có nhật ký hay đường nối máy chủ"_s
             .arg(wanted)
             .arg(limit.rlim_cur),
         u"So many stations and outputs need about %1 open files, the system allows %2: raise LimitNOFILE of "
         "loa-playout.service (or ulimit -n), or some stations will be without a journal or a line to the "
         "scheduler"_s.arg(wanted)
             .arg(limit.rlim_cur)},
        u"RLIMIT_NOFILE"_s);
}

} // namespace loa::playout
