// What a confined process can and cannot do. Each trial runs in a child of its own, since confinement is for good.
#include "media/sandbox.h"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <thread>

using namespace loa::media;

namespace {

// The child's answer to `trial`, run after confine(): 0 = yes, 1 = no, 99 = could not be confined.
int inConfinement(const std::function<bool()>& trial, const ProcessLimits& limits = {})
{
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        if (!confine(limits))
            _exit(99);
        _exit(trial() ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

constexpr int yes = 0;
constexpr int no = 1;

} // namespace

TEST_CASE("a confined process reaches no network", "[sandbox]")
{
    CHECK(inConfinement([] { return socket(AF_INET, SOCK_STREAM, 0) >= 0; }) == no);
    CHECK(inConfinement([] { return socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }) == no);
}

TEST_CASE("a confined process opens no file, not even to read", "[sandbox]")
{
    CHECK(inConfinement([] { return open("/etc/passwd", O_RDONLY) >= 0; }) == no);
    CHECK(inConfinement([] { return open("/tmp/loa-sandbox-test", O_CREAT | O_RDWR, 0600) >= 0; }) == no);
    CHECK(inConfinement([] { return unlink("/tmp/loa-sandbox-test") == 0 || errno != EPERM; }) == no);
}

TEST_CASE("a confined process starts and traces no other", "[sandbox]")
{
    CHECK(inConfinement([] {
              const pid_t child = fork();
              if (child == 0)
                  _exit(0);
              return child > 0;
          }) == no);
    CHECK(inConfinement([] {
              execl("/bin/true", "true", nullptr);
              return false;
          }) == no);
    CHECK(inConfinement([] { return ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0; }) == no);
    CHECK(inConfinement([] { return kill(getppid(), 0) == 0; }) == no);
}

TEST_CASE("a confined process may still run threads and use what is open", "[sandbox]")
{
    CHECK(inConfinement([] {
              int value = 0;
              std::thread([&value] { value = 42; }).join();
              return value == 42;
          }) == yes);
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    CHECK(inConfinement([&ends] { return write(ends[1], "x", 1) == 1; }) == yes);
    close(ends[0]);
    close(ends[1]);
}

TEST_CASE("a confined process keeps to its limits of file size and CPU time", "[sandbox]")
{
    ProcessLimits limits;
    limits.fileBytes = 1000;
    limits.cpuTime = std::chrono::seconds(1);
    const int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    REQUIRE(file >= 0);
    CHECK(inConfinement(
              [file] {
                  const std::vector<char> much(2000, 'x');
                  return write(file, much.data(), much.size()) == 1000 && write(file, much.data(), 1) < 0 &&
                         errno == EFBIG;
              },
              limits) == yes);
    close(file);
    CHECK(inConfinement(
              [] {
                  std::atomic<unsigned> spin = 0;
                  while (spin.fetch_add(1) < 4'000'000'000U) {
                  }
                  return true;
              },
              limits) == 128 + SIGKILL);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a confined process keeps to its limit of memory", "[sandbox]")
{
    ProcessLimits limits;
    limits.memoryBytes = 256LL << 20;
    CHECK(inConfinement([] { return malloc(512UL << 20) != nullptr; }, limits) == no);
}
#endif
