// ./loa demo: puts a demo district of three communes on air. With --once it ends after the first session: exit 0 only if every station's
// log holds completed airings of what was planned and a listener's recording from Icecast matches it.
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { District, local, nextMinute, root, webApp } from './district.mjs';
import { killAll, sleep, stopAll, until } from './processes.mjs';
import { speakAll } from './speech.mjs';

const once = process.argv.includes('--once');
const sessionSeconds = 60;
const enoughCorrelation = 0.9;
const began = Date.now();
const say = (line) => console.log(`== ${line}`);

async function set(folder) {
  say('Speaking the demo\'s texts');
  const texts = await speakAll(path.join(root, 'config/demo/texts'), path.join(folder, 'speech'));
  say('Starting icecast2 and the scheduler');
  const district = await District.create(folder, { ui: webApp });
  await district.importOrganisation();
  await district.employ();
  say(`Uploading, submitting and approving ${texts.length} items`);
  const items = await Promise.all(texts.map((text) => district.airItem(text)));
  // The daily sessions begin tomorrow, so that today's plays go to the session that is heard now.
  const { date } = local(new Date(Date.now() + 24 * 3600 * 1000));
  for (const station of district.stations) {
    await district.addRule(station, { title: 'Buổi sáng', rrule: 'FREQ=DAILY', date, time: '05:30', seconds: 300 });
    await district.addRule(station, { title: 'Buổi chiều', rrule: 'FREQ=DAILY', date, time: '17:00', seconds: 300 });
  }
  say('Enrolling three agents');
  const agents = [];
  for (const [index, station] of district.stations.entries()) {
    agents.push(await district.enrolAgent(station, { codec: index === 2 ? 'mp3' : 'opus' }));
  }
  for (const agent of agents) district.startAgent(agent);
  await until('the three streams to stand', 20, async () => (await Promise.all(agents.map((agent) => district.icecast.hasMount(agent.mount)))).every(Boolean));
  return { district, items, agents };
}

// The session for today, at the next full minute that the agents can still learn of.
async function openSession({ district, agents }) {
  const at = nextMinute(8);
  for (const agent of agents) {
    await district.addRule(agent.station, { title: 'Buổi trình diễn', rrule: 'FREQ=DAILY;COUNT=1', at, seconds: sessionSeconds });
  }
  const day = local(at).date;
  await Promise.all(agents.map((agent) => until(`${agent.station.name} to have the session`, 15, async () => {
    const { sessions } = await district.admin.get(`/stations/${agent.station.id}/schedule?from=${day}&to=${day}`);
    agent.session = sessions.find((session) => new Date(session.starts_at).getTime() === at.getTime() && session.items.length > 0);
    const station = await district.admin.get(`/stations/${agent.station.id}`);
    return agent.session && station.bundle_version_on_agent === station.bundle_version;
  })));
  return at;
}

// Each planned airing of the session as the log has it, and how a listener heard it.
async function results({ district, items, agents }, at) {
  const month = local(at).month;
  const rows = [];
  for (const agent of agents) {
    const evidence = await until(`the log of ${agent.station.name}`, 30, async () => {
      const found = await district.admin.get(`/compliance/evidence?station=${agent.station.id}&month=${month}`);
      const { sessions } = await district.admin.get(`/stations/${agent.station.id}/schedule?from=${local(at).date}&to=${local(at).date}`);
      agent.session = sessions.find((session) => session.id === agent.session.id);
      return agent.session.items.every((item) => item.outcome) ? found : null;
    });
    for (const planned of agent.session.items) {
      const item = items.find((candidate) => candidate.id === planned.item_id);
      const heard = await district.match(item, agent.recording.file).catch((error) => ({ correlation: 0, error: error.message }));
      rows.push({ agent, planned, evidence, correlation: heard.correlation, ok: planned.outcome === 'complete' && heard.correlation >= enoughCorrelation });
    }
  }
  return rows;
}

function printTable(rows) {
  console.log('\nĐài / Station                              Tin bài / Item                                            Kết quả   Nghe được');
  for (const { agent, planned, correlation, ok } of rows) {
    console.log(`${agent.station.name.padEnd(42)} ${planned.title.slice(0, 56).padEnd(57)} ${planned.outcome.padEnd(9)} ${correlation.toFixed(3)} ${ok ? '✓' : '✗'}`);
  }
  console.log('');
}

async function printBoard({ district }, at) {
  const board = await district.admin.get(`/compliance?month=${local(at).month}`);
  for (const row of board.rows) {
    console.log(`${row.station_name.padEnd(42)} ${row.completed}/${row.required} tin/bài CCHC tháng ${local(at).month}: ${row.standing}`);
  }
  return board;
}

function printHowTo({ district, agents }) {
  console.log(`
Trang quản lý / Pages:   ${district.url}/
  quản trị / administrator  ${district.adminName}   ${district.adminPassword}
  biên tập / editor         bien.tap   ${district.passwords['bien.tap']}
  phê duyệt / approver      phe.duyet   ${district.passwords['phe.duyet']}
Nghe / Listen:`);
  for (const agent of agents) {
    console.log(`  ${agent.station.name}
    ${district.icecast.url}${agent.mount}   (browser, VLC, mpv)
    ffplay -listen_timeout 600 -protocol_whitelist file,udp,rtp ${agent.sdp}
    ${agent.wav}/`);
  }
  console.log('');
}

async function main() {
  const folder = path.join(root, 'build/demo');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const demo = await set(folder);
  const at = await openSession(demo);
  printHowTo(demo);
  say(`A session opens at ${local(at).time}:00 (${Math.round((at.getTime() - Date.now()) / 1000)} s from now, ${Math.round((at.getTime() - began) / 1000)} s after the start)`);
  for (const agent of demo.agents) agent.recording = demo.district.listen(agent);
  await sleep(at.getTime() - Date.now() + (sessionSeconds + 6) * 1000);
  for (const agent of demo.agents) await agent.recording.stop();
  const rows = await results(demo, at);
  printTable(rows);
  const board = await printBoard(demo, at);
  const good = rows.length > 0 && rows.every((row) => row.ok) && board.rows.length === demo.agents.length;
  say(good ? 'Every planned item was logged complete and heard' : 'NOT everything that was planned was heard: see the table');
  if (once) return good ? 0 : 1;
  say('On air until Ctrl-C; the daily sessions, 05:30 and 17:00, begin tomorrow');
  return new Promise(() => {}); // a signal ends it
}

let leaving = false;
async function leave(code) {
  if (leaving) return;
  leaving = true;
  await stopAll();
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { leave(once ? 130 : 0); });
process.on('exit', killAll);

main().then(leave, async (error) => {
  console.error(`loa demo: ${error.message}`);
  await leave(1);
});
