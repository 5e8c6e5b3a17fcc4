// A relay with the real programs, from the desk to the log: written, consented to, named in a template, planned, received from http servers
// of this test, and told. Its main source ends in mid-relay and cannot be had any more, then the second one does, and the standby item
// sounds to the end.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { District, local, nextMinute, program, root } from '../../config/demo/district.mjs';
import { freePort, killAll, run, sleep, stopAll, until } from '../../config/demo/processes.mjs';
import { speakAll } from '../../config/demo/speech.mjs';

const relaySeconds = 45;
const ends = { first: 12, second: 26 }; // seconds of the session
let folder;
let district;
let agent;
let standby;
const stations = {};

// A radio station: a tone as MP3 in real time to whoever asks, until it is closed.
class RadioStation {
  static async open(hertz) {
    const station = new RadioStation();
    station.senders = new Set();
    station.asked = 0;
    station.server = http.createServer((request, response) => {
      station.asked += 1;
      response.writeHead(200, { 'content-type': 'audio/mpeg' });
      const sender = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-re', '-f', 'lavfi', '-i', `sine=frequency=${hertz}:sample_rate=44100`,
        '-c:a', 'libmp3lame', '-b:a', '64k', '-f', 'mp3', '-'], { stdio: ['ignore', 'pipe', 'ignore'] });
      station.senders.add(sender);
      sender.stdout.pipe(response);
      response.on('close', () => { sender.kill('SIGKILL'); station.senders.delete(sender); });
    });
    const port = await freePort();
    await new Promise((resolve) => station.server.listen(port, '127.0.0.1', resolve));
    station.url = `http://127.0.0.1:${port}/live.mp3`;
    return station;
  }

  close() {
    for (const sender of this.senders) sender.kill('SIGKILL');
    this.server.close();
    this.server.closeAllConnections();
  }
}

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'loa-relay-'));
  const texts = await speakAll(path.join(root, 'config/demo/texts'), path.join(folder, 'speech'));
  district = await District.create(folder);
  await district.importOrganisation();
  await district.employ();
  standby = await district.airItem(texts[0]);
  stations.first = await RadioStation.open(500);
  stations.second = await RadioStation.open(800);
  agent = await district.enrolAgent(district.stations[0], { monitors: [], relayNetworks: ['loopback'] });
  district.startAgent(agent);
  await until('the stream to stand', 20, () => district.icecast.hasMount(agent.mount));
}, { timeout: 120_000 });

after(async () => {
  for (const station of Object.values(stations)) station.close();
  await stopAll();
  if (!process.env.LOA_KEEP) await rm(folder, { recursive: true, force: true });
});
process.on('exit', killAll);

// How often a second the sound of a 16-bit mono WAV file comes up through zero, in the second from `from` on.
function pitch(wav, from) {
  let count = 0;
  for (let frame = from * 48000 + 1; frame < (from + 1) * 48000; frame += 1) {
    if (wav.readInt16LE(44 + 2 * (frame - 1)) < 0 && wav.readInt16LE(44 + 2 * frame) >= 0) count += 1;
  }
  return count;
}

test('Promise 3: a relay turns to its second source and to its standby item, and the log at the scheduler says so', { timeout: 300_000 }, async () => {
  const relay = await district.admin.post('/relays', {
    unit_id: district.unit.id, name: 'Đài thử', kind: 'stream', addresses: [stations.first.url, stations.second.url], silence_seconds: 5,
    standby_item_id: standby.id,
  });
  assert.equal(relay.approved, false);
  await district.approver.post(`/relays/${relay.id}/approve`, { sha256: relay.sha256 });
  const template = await district.admin.post('/templates', {
    unit_id: district.unit.id, name: 'Tiếp sóng',
    parts: [{ id: 'tiep', kind: 'relay', source: 'Đài thử', relay_id: relay.id, at: 0, least_seconds: relaySeconds, most_seconds: relaySeconds }],
  });
  const at = nextMinute(12);
  const when = local(at);
  const rule = await district.addRule(agent.station, { title: 'Buổi tiếp sóng', rrule: 'FREQ=DAILY;COUNT=1', at, seconds: relaySeconds });
  await district.admin.send('PATCH', `/session-rules/${rule.id}`, { template_id: template.id });
  const session = async () => (await district.admin.get(`/stations/${agent.station.id}/schedule?from=${when.date}&to=${when.date}`)).sessions
    .find((one) => new Date(one.starts_at).getTime() === at.getTime());
  await until('the relay to be on the agent', 20, async () => {
    const station = await district.admin.get(`/stations/${agent.station.id}`);
    return (await session())?.relays[0]?.relay_id === relay.id && station.bundle_version_on_agent === station.bundle_version;
  });

  await sleep(at.getTime() + ends.first * 1000 - Date.now());
  assert.ok(stations.first.asked >= 1, 'the main source is held open');
  stations.first.close();
  await sleep(at.getTime() + ends.second * 1000 - Date.now());
  assert.ok(stations.second.asked >= 1, 'the second source was asked for');
  stations.second.close();
  await sleep(at.getTime() + (relaySeconds + 2) * 1000 - Date.now());

  // The scheduler's account, from the log.
  const told = await until('the log of the relay', 40, async () => {
    const [now] = (await session()).relays;
    return now.outcome ? now : null;
  });
  const filled = Object.fromEntries(told.filled.map(({ source, duration_ms }) => [source, duration_ms]));
  assert.deepEqual(Object.keys(filled).sort(), ['address-1', 'address-2', 'standby'], JSON.stringify(told));
  // What was received ahead still sounds: some seconds.
  assert.ok(filled['address-1'] >= ends.first * 1000 - 500 && filled['address-1'] < (ends.first + 6) * 1000, JSON.stringify(filled));
  assert.ok(filled['address-2'] > 6000 && filled.standby > 8000, JSON.stringify(filled));
  const sum = Object.values(filled).reduce((one, other) => one + other);
  assert.ok(sum <= relaySeconds * 1000 && sum > (relaySeconds - 1) * 1000, `${sum} ms of ${relaySeconds} s: ${JSON.stringify(filled)}`);
  const evidence = await until('the standby item to be in the evidence', 20, async () => {
    const all = await district.admin.get(`/compliance/evidence?station=${agent.station.id}&month=${when.month}`);
    return all.items.find(({ item_id }) => item_id === standby.id)?.airings.filter(({ outcome }) => outcome);
  });
  assert.ok(evidence.length >= 1, 'the item that stood by has an entry of its own');
  // Its steps, in their order, in the chain that both ends verify.
  const entries = await run(program('loa-playout'), ['verify-log', '--state', agent.state, '--entries']);
  const steps = [...entries.matchAll(/relay-(second|standby|back|nothing)\b(?=.*Đài thử)/g)].map(([, step]) => step);
  // The second source is opened when the first one fails; on a slow machine the standby item covers what that takes.
  assert.match(steps.join(' '), /^(standby )?second standby$/, entries);
  await run(program('loa-scheduler'), ['verify-log', '--data', district.data]);

  // What sounded, by the archive: it begins with the session.
  const [name] = (await readdir(agent.wav)).filter((file) => file.endsWith('.wav'));
  const wav = await readFile(path.join(agent.wav, name));
  assert.ok(wav.length >= 44 + 2 * relaySeconds * 48000, `${wav.length} bytes`);
  for (const [second, hertz] of [[2, 500], [ends.first - 2, 500], [ends.first + 8, 800], [ends.second - 1, 800]]) {
    assert.ok(Math.abs(pitch(wav, second) - hertz) <= 5, `${pitch(wav, second)} Hz in second ${second}`);
  }
});
