// Between agent and scheduler over https, as in the field, where a web server with a certificate stands in front: a server of few lines
// (front.mjs), with certificates of an authority that only `ca_file` names.
//   1. an authority that the agent does not know: it is not enrolled, and told why;
//   2. with `ca_file`: enrolled, given its bundle and media, told of a change by wss. Then a stranger takes the server's place: nothing is
//      believed, what was planned is played all the same, and the log comes in when the stranger is gone; then a test tone, a volume and a
//      stop are ordered, answered and heard.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { District, local, nextMinute, program, root } from '../../config/demo/district.mjs';
import { killAll, run, sleep, stopAll, until } from '../../config/demo/processes.mjs';
import { speakAll } from '../../config/demo/speech.mjs';
import { authority, Front } from './front.mjs';

const sessionSeconds = 20;
let folder;
let district;
let own;
let front;
let agent;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'loa-secure-'));
  const texts = await speakAll(path.join(root, 'config/demo/texts'), path.join(folder, 'speech'));
  district = await District.create(folder);
  await district.importOrganisation();
  await district.employ();
  for (const text of texts.slice(0, 2)) await district.airItem(text);
  own = await authority(folder, 'district');
  front = await Front.create(own, district.port);
}, { timeout: 120_000 });

after(async () => {
  front?.close();
  await stopAll();
  if (!process.env.LOA_KEEP) await rm(folder, { recursive: true, force: true });
});
process.on('exit', killAll);

async function openSession(title) {
  const at = nextMinute(6);
  await district.addRule(agent.station, { title, rrule: 'FREQ=DAILY;COUNT=1', at, seconds: sessionSeconds });
  const day = local(at).date;
  let session;
  await until(`"${title}" to be on the agent`, 20, async () => {
    session = (await sessionsOf(day)).find((one) => new Date(one.starts_at).getTime() === at.getTime());
    const station = await district.admin.get(`/stations/${agent.station.id}`);
    return session?.items.length > 0 && station.bundle_version_on_agent === station.bundle_version;
  });
  return { at, day, id: session.id };
}

async function sessionsOf(day) {
  return (await district.admin.get(`/stations/${agent.station.id}/schedule?from=${day}&to=${day}`)).sessions;
}

// What the district knows of each airing of the session; null while it does not.
async function outcomes({ day, id }) {
  const found = (await sessionsOf(day)).find((one) => one.id === id).items.map(({ outcome }) => outcome);
  return found.includes(null) ? null : found;
}

async function order(what) {
  const { id } = await district.editor.post('/orders', { station_id: agent.station.id, ...what });
  const answer = await until(`the answer to "${what.kind}"`, 30, async () => {
    const [station] = (await district.editor.get(`/orders/${id}`)).stations;
    return ['waiting', 'accepted', 'playing'].includes(station.standing) ? null : station;
  });
  assert.equal(answer.standing, 'done', `${what.kind}: ${answer.reason} ${answer.detail}`);
}

// The highest peak at a listener while a test tone of -20 dBFS was asked for, in dBFS.
async function toneHeard() {
  const listener = district.listen(agent);
  await order({ kind: 'tone', level: -20, seconds: 3 });
  await sleep(2000); // what is on its way to the listener
  await listener.stop();
  const told = await run('ffmpeg', ['-v', 'error', '-i', listener.file, '-af',
    'astats=metadata=1:reset=1,ametadata=print:key=lavfi.astats.Overall.Peak_level:file=-', '-f', 'null', '-']);
  return Math.max(...[...told.matchAll(/Peak_level=(-?[\d.]+)/g)].map(([, level]) => Number(level)));
}

test('an authority that nobody named is not believed', { timeout: 60_000 }, async () => {
  await assert.rejects(district.enrolAgent(district.stations[0], { front: { url: front.url, caFile: null } }), /certificate|chứng thư/i);
});

test('Promises 6 and 10: commanded over https, and a stranger in the place of the scheduler changes nothing', { timeout: 240_000 }, async () => {
  agent = await district.enrolAgent(district.stations[0], { front, monitors: [] });
  district.startAgent(agent);
  await until('the stream to stand', 30, () => district.icecast.hasMount(agent.mount));
  const session = await openSession('Buổi bị chen');
  front.become(await authority(folder, 'stranger'));
  await sleep(session.at.getTime() + (sessionSeconds + 3) * 1000 - Date.now());
  assert.equal(await outcomes(session), null, 'nothing came through the stranger');
  const log = await readFile(path.join(folder, `agent-${agent.station.code}.log`), 'utf8');
  assert.match(log, /events-closed.*certificate/i);
  assert.ok(log.match(/events-closed/g).length <= 2, 'told when the reason changes, however often it is tried');
  assert.ok(front.refusals > 0, 'the agent looked at who answered');

  front.become(own);
  const known = await until('the log', 60, () => outcomes(session));
  assert.deepEqual(new Set(known), new Set(['complete']));

  // What a person orders at the moment goes the same way, and is answered with what was done.
  const plain = await toneHeard();
  assert.ok(Math.abs(plain + 20) < 3, `a tone of -20 dBFS was heard at ${plain} dBFS`);
  await order({ kind: 'volume', decibels: -12, minutes: 5 });
  const quiet = await toneHeard();
  assert.ok(Math.abs(plain - quiet - 12) < 3, `twelve dB lower it was heard at ${quiet} dBFS`);
  await order({ kind: 'stop', minutes: 1 });
  await run(program('loa-playout'), ['verify-log', '--state', agent.state]);
  await run(program('loa-scheduler'), ['verify-log', '--data', district.data]);
});
