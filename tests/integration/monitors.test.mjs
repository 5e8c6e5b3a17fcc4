// Monitors with the real programs and a real icecast2, some three minutes: one agent listens to its own stream, to one that is muted and to
// one that carries somebody else, as if each were what became of an output. It waits for the most part.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { District, local, nextMinute, root } from '../../config/demo/district.mjs';
import { killAll, run, sleep, start, stopAll, until } from '../../config/demo/processes.mjs';
import { speakAll } from '../../config/demo/speech.mjs';

const sessionSeconds = 100;
const answers = { mang: 'yes', thoai: 'no', 'luu-tru': 'no' }; // own stream, muted, foreign
let folder;
let district;
let agent;

async function join(files, to) {
  const list = `${to}.txt`;
  await writeFile(list, files.map((file) => `file '${file}'`).join('\n'));
  await run('ffmpeg', ['-v', 'error', '-y', '-f', 'concat', '-safe', '0', '-i', list, '-c:a', 'pcm_s16le', to]);
  return to;
}

// A source of its own on icecast2, without end.
function broadcast(mount, input) {
  const url = new URL(`${district.icecast.url}${mount}`);
  url.protocol = 'icecast:';
  start(`source${mount.replace('/', '-')}`, 'ffmpeg', ['-v', 'error', '-re', ...input, '-c:a', 'libopus', '-b:a', '64k', '-content_type', 'application/ogg',
    '-f', 'ogg', `icecast://source:${district.icecast.password}@${url.host}${mount}`], { folder });
}

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'loa-monitors-'));
  const texts = await speakAll(path.join(root, 'config/demo/texts'), path.join(folder, 'speech'));
  const spoken = texts.map((text) => text.file.replace(/\.[^.]+$/, '.raw.wav'));
  assert.ok(spoken.length >= 6, `${spoken.length} texts`);
  district = await District.create(folder);
  await district.importOrganisation();
  await district.employ();
  for (const part of [0, 1]) {
    const file = await join(spoken.slice(2 * part, 2 * part + 2), path.join(folder, `dai-${part}.wav`));
    await district.airItem({ title: `Tin dài ${part + 1}`, topics: texts[part].topics, script: '', file });
  }
  broadcast('/lang.opus', ['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=mono']);
  broadcast('/la.opus', ['-stream_loop', '-1', '-i', await join(spoken.slice(4), path.join(folder, 'la.wav'))]);
  const [station] = district.stations;
  agent = await district.enrolAgent(station, { monitors: [
    { output: 'mang', mount: `/${station.code}.opus` }, { output: 'thoai', mount: '/lang.opus' }, { output: 'luu-tru', mount: '/la.opus' },
  ] });
  district.startAgent(agent);
  await until('the streams to stand', 20, async () => (await Promise.all(['/lang.opus', '/la.opus', agent.mount].map((mount) => district.icecast.hasMount(mount)))).every(Boolean));
}, { timeout: 120_000 });

after(async () => {
  await stopAll();
  if (!process.env.LOA_KEEP) await rm(folder, { recursive: true, force: true });
});
process.on('exit', killAll);

test('what a listener gets is heard, what is muted or foreign is not, and the foreign sound is told', { timeout: 600_000 }, async () => {
  const at = nextMinute(25); // the monitors have all opened by then
  await district.addRule(agent.station, { title: 'Buổi nghe', rrule: 'FREQ=DAILY;COUNT=1', at, seconds: sessionSeconds });
  await sleep(at.getTime() + sessionSeconds * 1000 - Date.now());
  const lines = await until('all answers', 90, async () => {
    const evidence = await district.admin.get(`/compliance/evidence?station=${agent.station.id}&month=${local(at).month}`);
    const airings = evidence.items.flatMap((item) => item.airings).filter((airing) => airing.outcome === 'complete');
    return airings.length >= 2 * Object.keys(answers).length && airings.every((airing) => airing.heard) ? airings : null;
  });
  for (const line of lines) {
    console.log(`${line.output}: mix ${line.mix.match}, ${line.mix.loudness / 100} LUFS; heard ${JSON.stringify(line.heard)}`);
    assert.equal(line.heard.result, answers[line.output], JSON.stringify(line));
  }
  const log = await readFile(path.join(folder, `agent-${agent.station.code}.log`), 'utf8');
  assert.match(log, /foreign-sound station=\S+ nghe-luu-tru/);
  assert.doesNotMatch(log, /foreign-sound station=\S+ nghe-(mang|thoai)/);
});
