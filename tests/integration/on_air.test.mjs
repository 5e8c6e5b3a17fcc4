// From upload to loudspeaker to log with the real programs: one district of three communes, three sessions.
//   1. what was planned is heard (Icecast, RTP, WAV) and logged complete, matched, and heard by the agent's own monitor;
//   2. an agent is killed in mid-item and started again: no entry lost, none doubled, "partial" where it was;
//   3. the scheduler is killed while logs come in, and while an upload comes in: nothing lost, nothing doubled.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { District, local, nextMinute, program, root } from '../../config/demo/district.mjs';
import { killAll, run, sleep, start, stopAll, until } from '../../config/demo/processes.mjs';
import { speakAll } from '../../config/demo/speech.mjs';

const sessionSeconds = 48; // three items of 13 to 18 s
const outputs = ['mang', 'thoai', 'luu-tru'];
let folder;
let district;
let items;
const agents = [];

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'loa-on-air-'));
  const texts = await speakAll(path.join(root, 'config/demo/texts'), path.join(folder, 'speech'));
  district = await District.create(folder);
  await district.importOrganisation();
  await district.employ();
  items = await Promise.all(texts.map((text) => district.airItem(text)));
  for (const [index, station] of district.stations.entries()) {
    agents.push(await district.enrolAgent(station, { codec: index === 2 ? 'mp3' : 'opus' }));
  }
  for (const agent of agents) district.startAgent(agent);
  await until('the streams to stand', 20, async () => (await Promise.all(agents.map((agent) => district.icecast.hasMount(agent.mount)))).every(Boolean));
}, { timeout: 120_000 });

after(async () => {
  await stopAll();
  if (!process.env.LOA_KEEP) await rm(folder, { recursive: true, force: true });
});
process.on('exit', killAll);

async function scheduleOf(agent, day) {
  const { sessions } = await district.admin.get(`/stations/${agent.station.id}/schedule?from=${day}&to=${day}`);
  return sessions;
}

async function openSession(title, who = agents) {
  const at = nextMinute(6);
  for (const agent of who) {
    await district.addRule(agent.station, { title, rrule: 'FREQ=DAILY;COUNT=1', at, seconds: sessionSeconds });
  }
  for (const agent of who) {
    await until(`${agent.station.name} to have "${title}"`, 20, async () => {
      agent.session = (await scheduleOf(agent, local(at).date)).find((session) => new Date(session.starts_at).getTime() === at.getTime());
      const station = await district.admin.get(`/stations/${agent.station.id}`);
      return agent.session?.items.length > 0 && station.bundle_version_on_agent === station.bundle_version;
    });
  }
  return at;
}

const sleepUntil = (instant) => sleep(instant - Date.now());

// All entries about one airing, from the scheduler's evidence.
async function entriesOf(agent, planned, month) {
  const evidence = await district.admin.get(`/compliance/evidence?station=${agent.station.id}&month=${month}`);
  const item = evidence.items.find((candidate) => candidate.item_id === planned.item_id);
  return (item?.airings ?? []).filter((airing) => Math.abs(new Date(airing.planned_start) - new Date(planned.starts_at)) < 1000);
}

async function allEntries(agent, at) {
  return until(`the whole log of ${agent.station.name}`, 40, async () => {
    const lists = await Promise.all(agent.session.items.map((planned) => entriesOf(agent, planned, local(at).month)));
    return lists.every((list) => list.length >= outputs.length) ? lists : null;
  });
}

async function verifyLogs() {
  for (const agent of agents) await run(program('loa-playout'), ['verify-log', '--state', agent.state]);
  await run(program('loa-scheduler'), ['verify-log', '--data', district.data]);
}

test('what was planned is heard on Icecast, RTP and WAV, and logged complete', { timeout: 600_000 }, async () => {
  const at = await openSession('Buổi thử nghe');
  for (const agent of agents) agent.recording = district.listen(agent);
  const rtpFile = path.join(folder, 'rtp.wav');
  const rtp = start('rtp-listener', 'ffmpeg', ['-v', 'error', '-y', '-listen_timeout', '120', '-protocol_whitelist', 'file,udp,rtp',
    '-i', agents[0].sdp, rtpFile], { folder });
  await sleepUntil(at.getTime() + (sessionSeconds + 5) * 1000);
  for (const agent of agents) await agent.recording.stop();
  // The first signal lets ffmpeg wait for one more packet, and none is to come; the second ends its reading.
  rtp.child.kill('SIGINT');
  await sleep(200);
  rtp.child.kill('SIGINT');
  await rtp.exit;

  for (const agent of agents) {
    assert.ok(agent.session.items.length >= 2, `${agent.station.name} has ${agent.session.items.length} items`);
    const lists = await allEntries(agent, at);
    for (const [index, planned] of agent.session.items.entries()) {
      assert.deepEqual(lists[index].map((entry) => entry.output).sort(), [...outputs].sort());
      for (const entry of lists[index]) {
        assert.equal(entry.outcome, 'complete', `${planned.title} on ${entry.output}: ${entry.reason}`);
        assert.equal(entry.frames, planned.frames);
        const late = new Date(entry.started_at) - new Date(planned.starts_at);
        assert.ok(Math.abs(late) < 100, `${planned.title} on ${entry.output} left ${late} ms from its instant`);
        assert.equal(entry.gaps, 0);
        assert.ok(entry.mix?.match >= 990, `${planned.title} on ${entry.output} matches by ${entry.mix?.match}`);
        assert.ok(entry.mix.loudness > -2000 && entry.mix.loudness < -1200, `${planned.title} is of ${entry.mix.loudness} hundredths of a LUFS`);
      }
      const item = items.find((candidate) => candidate.id === planned.item_id);
      const heard = await district.match(item, agent.recording.file);
      assert.ok(heard.correlation >= 0.9, `${planned.title} heard on ${agent.mount}: ${heard.correlation}`);
    }
  }
  const first = items.find((candidate) => candidate.id === agents[0].session.items[1].item_id);
  const byRtp = await district.match(first, rtpFile);
  assert.ok(byRtp.correlation >= 0.9, `heard by RTP: ${byRtp.correlation}`);
  const wavs = (await readdir(agents[0].wav)).filter((name) => name.endsWith('.wav'));
  assert.ok(wavs.length >= 1);
  const archived = await Promise.all(wavs.map((name) => district.match(first, path.join(agents[0].wav, name)).catch(() => ({ correlation: 0 }))));
  assert.ok(Math.max(...archived.map((one) => one.correlation)) > 0.999, 'the archive is the house file itself');
  for (const agent of agents) {
    await until(`${agent.station.name} to have heard its stream`, 40, async () => {
      const lists = await allEntries(agent, at);
      return lists.every((list) => list.find((entry) => entry.output === 'mang').heard);
    });
    for (const [entry] of (await allEntries(agent, at)).map((list) => list.filter(({ output }) => output === 'mang'))) {
      assert.equal(entry.heard.result, 'yes', JSON.stringify(entry));
      assert.ok(entry.heard.match >= 800 && entry.heard.delay_ms < 10_000, JSON.stringify(entry.heard));
    }
  }
  await verifyLogs();
  const board = await district.admin.get(`/compliance?month=${local(at).month}`);
  assert.deepEqual(board.rows.map((row) => row.standing), ['green', 'green', 'green']);
});

test('Promise 4: an agent killed in mid-item says "partial" there, and loses and doubles nothing', { timeout: 600_000 }, async () => {
  const [victim] = agents;
  const at = await openSession('Buổi mất điện', [victim]);
  const [first] = victim.session.items;
  await sleepUntil(at.getTime() + first.duration_ms / 2);
  victim.process.child.kill('SIGKILL');
  await victim.process.exit;
  district.startAgent(victim);
  await sleepUntil(at.getTime() + (sessionSeconds + 5) * 1000);
  const lists = await allEntries(victim, at);
  for (const [index, planned] of victim.session.items.entries()) {
    // What was joined after the restart has an entry of its own, which claims nothing of what came before.
    const joined = lists[index].filter((entry) => index === 0 && entry.reason === 'late-start');
    const firstEntries = lists[index].filter((entry) => !joined.includes(entry));
    assert.deepEqual(firstEntries.map((entry) => entry.output).sort(), [...outputs].sort(), `${planned.title}: one entry an output`);
    for (const entry of joined) {
      const before = firstEntries.find((candidate) => candidate.output === entry.output);
      assert.equal(entry.outcome, 'partial');
      assert.ok(before.frames + entry.frames <= first.frames, `${entry.output} claims ${before.frames} and ${entry.frames} frames`);
    }
    for (const entry of firstEntries) {
      if (index === 0) {
        assert.equal(entry.outcome, 'partial');
        assert.ok(entry.frames > 0 && entry.frames <= (first.duration_ms / 2 + 500) * 48, `${entry.output} claims ${entry.frames} frames`);
      } else {
        assert.equal(entry.outcome, 'complete', `${planned.title} on ${entry.output}: ${entry.reason}`);
      }
    }
  }
  await verifyLogs();
});

test('Promise 4: a scheduler killed while logs come in loses and doubles nothing', { timeout: 600_000 }, async () => {
  const at = await openSession('Buổi máy chủ hỏng');
  const ends = agents.flatMap((agent) => agent.session.items.map((item) => new Date(item.starts_at).getTime() + item.duration_ms)).sort((a, b) => a - b);
  let kills = 0;
  for (const [index, end] of ends.entries()) {
    // Some tens of milliseconds after items end, their entries are under way.
    await sleepUntil(end + 20 + index * 35);
    if (Date.now() > end + 3000) continue;
    district.scheduler.child.kill('SIGKILL');
    await district.scheduler.exit;
    await district.startScheduler();
    kills += 1;
  }
  assert.ok(kills >= 3, `${kills} kills`);
  await sleepUntil(at.getTime() + (sessionSeconds + 3) * 1000);
  await district.admin.signIn(district.adminName, district.adminPassword);
  for (const agent of agents) {
    const lists = await allEntries(agent, at);
    for (const [index, planned] of agent.session.items.entries()) {
      assert.deepEqual(lists[index].map((entry) => entry.output).sort(), [...outputs].sort(), `${planned.title}: one entry an output`);
      for (const entry of lists[index]) assert.equal(entry.outcome, 'complete', `${planned.title} on ${entry.output}: ${entry.reason}`);
    }
  }
  await verifyLogs();
});

test('a scheduler killed during an upload keeps every byte that it acknowledged', { timeout: 120_000 }, async () => {
  const source = path.join(folder, 'long.wav');
  // A glide: each stretch is like no other, and the codec keeps its waveform, as it does not keep that of noise.
  const glide = 'aevalsrc=0.3*sin(2*PI*(100*t+20*t*t)):d=60:s=48000';
  await run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', glide, '-c:a', 'pcm_s16le', source]);
  const whole = await readFile(source);
  await district.editor.signIn('bien.tap', district.passwords['bien.tap']);
  const created = await district.editor.raw('POST', '/uploads', {
    headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': String(whole.length), 'Upload-Metadata': `filename ${btoa('long.wav')}` },
  });
  const location = new URL(created.headers.get('location'), district.editor.base).href;
  let offset = 0;
  let kills = 0;
  while (offset < whole.length) {
    const sent = district.editor.raw('PATCH', location, {
      headers: { 'Tus-Resumable': '1.0.0', 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' },
      body: whole.subarray(offset, Math.min(offset + 1_000_000, whole.length)),
    }).then((answer) => Number(answer.headers.get('upload-offset')), (error) => error);
    if (kills < 3 && offset >= kills * 1_500_000) {
      await sleep(3 * kills);
      district.scheduler.child.kill('SIGKILL');
      await district.scheduler.exit;
      kills += 1;
      const acknowledged = await sent;
      await district.startScheduler();
      const head = await district.editor.raw('HEAD', location, { headers: { 'Tus-Resumable': '1.0.0' } });
      const kept = Number(head.headers.get('upload-offset'));
      assert.ok(kept >= (typeof acknowledged === 'number' ? acknowledged : offset), `kept ${kept}, acknowledged ${acknowledged}`);
      offset = kept;
    } else {
      const answer = await sent;
      assert.equal(typeof answer, 'number', String(answer));
      offset = answer;
    }
  }
  assert.equal(kills, 3);
  const item = await district.editor.post('/items', {
    title: 'Bản ghi dài', topics: ['notice'], script: '', unit_id: district.unit.id, scope_unit_id: district.unit.id,
    valid_from: local(new Date()).date, valid_until: null, priority: 'NORMAL',
  });
  await district.editor.post(`/items/${item.id}/versions`, { upload_id: location.split('/').pop() });
  const ready = await until('the recording to be read', 60, async () => {
    const now = await district.editor.get(`/items/${item.id}`);
    return now.status === 'ready' ? now : null;
  });
  assert.equal(ready.versions[0].frames, 60 * 48000);
  const heard = await district.match({ approval: { sha256: ready.versions[0].sha256 } }, source);
  assert.ok(heard.correlation >= 0.95, `what arrived is what was sent: ${heard.correlation}`);
});
