// The programs as services: installed by the words at the head of their systemd units, and run by a real systemd in a container, under all
// that the units forbid them. What is changed: ports, and how soon the watchdog bites.
//   1. the scheduler takes sign-in and upload, and its reader of recordings shuts itself in within what the unit leaves it;
//   2. the agent is enrolled over https; it plays, and what is for others they can read, the rest not;
//   3. killed, and again standing still, it is started anew and goes on in the session; stopped, it says so in the log;
//   4. it is "active" by its own word alone.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { District, local } from '../../config/demo/district.mjs';
import { freePort, run, sleep, until } from '../../config/demo/processes.mjs';
import { authority, Front } from './front.mjs';
import { CannotBoot, Machine } from './machine.mjs';

const skipped = 77; // CTest's SKIP_RETURN_CODE
const itemSeconds = 20; // two of them
const sessionSeconds = 45;
const watchdogSeconds = 3;
const hls = '/var/cache/loa-public/hls';

const machine = await Machine.boot().catch((error) => {
  if (!(error instanceof CannotBoot)) throw error;
  console.log(`SKIPPED: the systemd units are not tried: ${error.message}`);
  process.exit(skipped);
});
let front;
let district;
let station;
let start; // of the one session

after(async () => {
  front?.close();
  await machine.remove();
});

// A district whose scheduler was installed as a service.
class ServedDistrict extends District {
  async initScheduler() {
    this.port = await freePort();
    const example = await readFile(path.join(machine.usr, 'share/loa/config/scheduler.toml'), 'utf8');
    const config = example.replace(/^port = .*/m, `port = ${this.port}`).replace(/^# (freeze_ahead = )"2 h"/m, '$1"0 s"');
    assert.match(config, /^freeze_ahead = "0 s"/m);
    await writeFile(machine.path('/etc/loa/scheduler.toml'), config);
    await mkdir(path.join(machine.usr, 'share/loa/ui'));
    await writeFile(path.join(machine.usr, 'share/loa/ui/index.html'), '<!doctype html>');
    for (const step of await machine.installSteps('loa-scheduler')) {
      const printed = await machine.shell(step.replace('"…"', '"Huyện Dịch Vụ" --code trinh-dien'));
      this.adminPassword ??= /password[^:]*:\s*(\S+)/i.exec(printed)?.[1];
    }
    this.adminName = 'admin';
  }

  async startScheduler() {
    this.url = `http://127.0.0.1:${this.port}`;
    await until('the scheduler to answer', 20, () => fetch(`${this.url}/api/v1/health`).then((answer) => answer.ok, () => false));
  }
}

// What the unit leaves a program in it: a device that is no sound card (the kernel's log, which anybody may read by its mode), and the
// kernel's word on its clock.
const probe = `open(my $device, '<', '/dev/probe'); print "device: $!\\n";
my $query = "\\0" x 512; my $answer = syscall(${{ x64: 305, arm64: 266 }[process.arch]}, 0, $query);
print 'clock: ', $answer < 0 ? $! : $answer, "\\n";
`;

// A container that may not raise limits cannot grant LimitRTPRIO=; whether all else in the unit lets threads have their priority is then
// tried by a capability in its place.
async function mayRaiseLimits() {
  const capabilities = BigInt(`0x${/CapEff:\s*(\w+)/.exec(await readFile('/proc/self/status', 'utf8'))[1]}`);
  const resource = 24n; // CAP_SYS_RESOURCE
  return (capabilities >> resource & 1n) === 1n;
}

const monotonic = () => Number(process.hrtime.bigint()) / 1e9;
const ownerAndMode = async (file) => (await machine.run('stat', '-c', '%U %a', file)).trim();
const asNobody = (...words) => machine.run('runuser', '-u', 'nobody', '--', ...words);
const segmentsIn = (list) => list.split('\n').filter((line) => line && !line.startsWith('#'));
const playlist = () => readFile(machine.path(`${hls}/live.m3u8`), 'utf8').catch(() => '');

// By segments enough that the journal holds some of their sound.
async function hlsGoesOn() {
  const before = segmentsIn(await playlist());
  await until('new HLS segments', 10, async () => segmentsIn(await playlist()).filter((name) => !before.includes(name)).length >= 3);
}

// proc(5): of the agent.
async function threads() {
  const { MainPID } = await machine.properties('loa-playout');
  return (await machine.shell(`cat /proc/${MainPID}/task/*/stat`)).trim().split('\n').map((line) => {
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return { name: /\((.*)\)/.exec(line)[1], priority: Number(fields[37]), policy: ['SCHED_OTHER', 'SCHED_FIFO', 'SCHED_RR'][fields[38]] };
  });
}

// Sends the agent a signal, and waits until it has been started anew and has said that it is ready; gives how long that took, in seconds.
async function startedAgainAfter(signal) {
  const before = await machine.properties('loa-playout');
  const began = monotonic();
  await machine.run('kill', `-${signal}`, before.MainPID);
  let now;
  await until(`the agent to be started again after SIG${signal}`, 30, async () => {
    now = await machine.properties('loa-playout');
    return Number(now.NRestarts) > Number(before.NRestarts) && now.ActiveState === 'active';
  });
  assert.equal(Number(now.NRestarts), Number(before.NRestarts) + 1, 'the first try succeeds');
  return now.ActiveEnterTimestampMonotonic / 1e6 - began;
}

// On the HLS output, in the order in which they were written, once there are so many.
async function entries(count) {
  return until(`${count} entries at the scheduler`, 20, async () => {
    const { items } = await district.admin.get(`/compliance/evidence?station=${station.id}&month=${local(start).month}`);
    const found = items.flatMap((item) => item.airings).filter((airing) => airing.output === 'hls');
    return found.length >= count ? found.sort((a, b) => a.sequence - b.sequence) : null;
  });
}

test('the scheduler is installed by its unit, takes a sign-in and reads an upload, shut in as it is', { timeout: 60_000 }, async () => {
  district = await ServedDistrict.create(machine.folder, { icecast: false });
  const unit = await machine.properties('loa-scheduler');
  assert.equal(unit.ActiveState, 'active');
  assert.match(await ownerAndMode(`/proc/${unit.MainPID}`), /^loa /);
  await district.importOrganisation();
  await district.employ();
  for (const number of [1, 2]) {
    const file = path.join(machine.folder, `bai-${number}.wav`);
    // A glide: each stretch is like no other.
    const glide = `aevalsrc=0.3*sin(2*PI*(${100 * number}*t+20*t*t)):d=${itemSeconds}:s=48000`;
    await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', glide, '-c:a', 'pcm_s16le', file]);
    await district.airItem({ title: `Bài ${number}`, topics: ['cchc-e-one-stop-shop'], script: '', file });
  }
  assert.equal(await ownerAndMode('/var/lib/loa'), 'loa 700');
  const bounds = await machine.journal('systemd-journald');
  assert.ok(Number(/System Journal .*, max ([\d.]+)M/.exec(bounds)?.[1]) <= 200, `journald keeps to its bounds, on disk: ${bounds}`);
});

test('the agent is installed by its unit, and enrolled over https', { timeout: 60_000 }, async (t) => {
  [station] = district.stations;
  const own = await authority(machine.folder, 'district');
  front = await Front.create(own, district.port);
  await writeFile(machine.path('/etc/loa/ca.pem'), await readFile(own.caFile));
  await writeFile(machine.path('/etc/loa/playout.toml'), `scheduler = "${front.url}"
ca_file = "/etc/loa/ca.pem"
state = "/var/lib/loa-playout"
checkpoint = "1 s"

[[station]]

[[station.output]]
name = "hls"
device = "hls"
url = "${hls}"
codec = "aac"
segment = "1 s"

[[station.output]]
name = "am-ly"
device = "alsa"
url = "hw:CARD=Device"
`);
  await writeFile(machine.path('/etc/loa/probe.pl'), probe);
  await machine.dropIn('loa-playout', `[Service]
WatchdogSec=${watchdogSeconds}
ExecStartPre=/usr/bin/perl /etc/loa/probe.pl
${await mayRaiseLimits() ? '' : 'CapabilityBoundingSet=CAP_SYS_NICE\nAmbientCapabilities=CAP_SYS_NICE\n'}`);
  await machine.shell('mknod /dev/probe c 1 11');
  const { code } = await district.admin.post('/agents/enrolment-codes', { station_ids: [station.id], name: 'Máy phát' });
  for (const step of await machine.installSteps('loa-playout')) await machine.shell(step.replace('"…"', code));
  const unit = await machine.properties('loa-playout');
  assert.equal(unit.ActiveState, 'active');
  t.diagnostic(`ready ${(unit.ActiveEnterTimestampMonotonic - unit.ExecMainStartTimestampMonotonic) / 1000} ms after its start`);
});

test('under its unit it plays in real time, and what is for others they can read, the rest not', { timeout: 60_000 }, async (t) => {
  start = new Date(Math.ceil(Date.now() / 1000 + 3) * 1000);
  const { date, time, second } = local(start);
  await district.addRule(station, {
    title: 'Buổi', rrule: 'FREQ=DAILY;COUNT=1', date, time: `${time}:${String(second).padStart(2, '0')}`, seconds: sessionSeconds,
  });
  await sleep(start - Date.now());
  await hlsGoesOn();
  assert.equal(await ownerAndMode(hls), 'loa 755');
  assert.equal(await ownerAndMode(`${hls}/live.m3u8`), 'loa 644');
  const segment = segmentsIn(await asNobody('cat', `${hls}/live.m3u8`)).at(-1);
  await asNobody('cat', `${hls}/${segment}`);
  assert.equal(await ownerAndMode('/var/lib/loa-playout'), 'loa 700');
  assert.equal(await ownerAndMode('/var/lib/loa-playout/journal.db'), 'loa 600');
  await assert.rejects(asNobody('ls', '/var/lib/loa-playout'), /Permission denied/);

  for (const name of ['loa-pump', 'loa-output']) {
    const pacing = (await threads()).filter((thread) => thread.name === name);
    assert.ok(pacing.length > 0 && pacing.every(({ policy, priority }) => policy === 'SCHED_RR' && priority === 1), JSON.stringify(await threads()));
  }

  const said = await machine.journal('loa-playout');
  assert.match(said, /^device: Operation not permitted$/m, 'no device but sound cards');
  assert.match(said, /^clock: \d$/m, 'the kernel may be asked for the state of its clock');
  assert.match(said, /output-lost .*am-ly: not-found: The sound card cannot be opened: No such device/);
  assert.doesNotMatch(said.replace(/^device: .*/gm, ''), /SIGSYS|status=31|not permitted|denied|insecure/i);
});

test('killed or standing still, it is started anew and goes on in the session', { timeout: 60_000 }, async (t) => {
  const killed = await startedAgainAfter('KILL');
  t.diagnostic(`ready ${killed.toFixed(1)} s after kill -9`);
  await hlsGoesOn();
  const stood = await startedAgainAfter('STOP');
  t.diagnostic(`ready ${stood.toFixed(1)} s after it stood still, with a watchdog of ${watchdogSeconds} s`);
  assert.match(await machine.journal('loa-playout'), /Watchdog timeout/);
  await hlsGoesOn();
});

test('Promise 3: stopped by systemd it says so, in time, and the log holds each run', { timeout: 60_000 }, async (t) => {
  await sleep(start.getTime() + itemSeconds * 1000 - Date.now());
  await hlsGoesOn(); // with the second item, at its instant
  const began = monotonic();
  await machine.systemctl('stop', 'loa-playout');
  t.diagnostic(`stopped in ${(monotonic() - began).toFixed(1)} s`);
  const stopped = await machine.properties('loa-playout');
  assert.deepEqual([stopped.ActiveState, stopped.Result, stopped.ExecMainStatus], ['inactive', 'success', '0']);
  await machine.systemctl('start', 'loa-playout');
  const runs = await entries(4);
  assert.deepEqual(runs.map(({ outcome, reason }) => `${outcome} ${reason}`),
    ['partial interrupted', 'partial interrupted', 'partial late-start', 'partial stopped']);
  assert.ok(runs.every(({ frames }) => frames > 0), JSON.stringify(runs));
  assert.ok(runs.slice(0, 3).reduce((sum, { frames }) => sum + frames, 0) < itemSeconds * 48000, 'no second is claimed twice');
  await machine.run('runuser', '-u', 'loa', '--', 'loa-playout', 'verify-log', '--config', '/etc/loa/playout.toml');

  await machine.systemctl('stop', 'loa-scheduler');
  assert.equal((await machine.properties('loa-scheduler')).Result, 'success');
  assert.doesNotMatch(await machine.journal('loa-scheduler'), /SIGSYS|status=31|not permitted|denied/i);
});

test('without its own word the agent never counts as started', { timeout: 60_000 }, async () => {
  await machine.systemctl('stop', 'loa-playout');
  await machine.dropIn('loa-playout', '[Service]\nUnsetEnvironment=NOTIFY_SOCKET\nTimeoutStartSec=1\n');
  await assert.rejects(machine.systemctl('start', 'loa-playout'), /a timeout was exceeded/);
});
