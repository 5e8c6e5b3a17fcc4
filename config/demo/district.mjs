// A whole small district on this machine: scheduler, communes, agents, icecast2, listeners. Used by ./loa demo and by the tests that
// need the real thing. Everything listens on 127.0.0.1 on free ports and lives in one folder.
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Person } from './api.mjs';
import { startIcecast } from './icecast.mjs';
import { freePort, run, start, stop, until } from './processes.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
export const root = path.resolve(here, '../..');
export const webApp = path.join(root, 'ui/dist');
export const program = (name) => path.join(process.env.LOA_BIN_DIR ?? path.join(root, 'build/bin'), name);

export const zone = 'Asia/Ho_Chi_Minh';

// Local date and time in the stations' zone.
export function local(instant) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-CA', {
    timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
  }).formatToParts(instant).map(({ type, value }) => [type, value]));
  return { date: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}:${parts.minute}`, second: Number(parts.second),
    month: `${parts.year}-${parts.month}` };
}

// The next full minute that leaves `lead` seconds to get ready.
export function nextMinute(lead) {
  return new Date(Math.ceil((Date.now() + lead * 1000) / 60000) * 60000);
}

// The demo may sound at any hour, unlike any real district: this policy holds for it alone.
export function openPolicy(id) {
  const day = [{ from_minute: 0, until_minute: 1440 }];
  return {
    id, name: 'Khung giờ trình diễn', decision: 'Chỉ dùng cho buổi trình diễn trên một máy', valid_from: '2021-01-01', valid_until: null,
    week: Object.fromEntries(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((name) => [name, day])),
    exceptions: [], sessions_per_day: 0, session_seconds: 0,
  };
}

export class District {
  constructor(folder, { ui }) { this.folder = folder; this.ui = ui; this.agents = new Map(); }

  // `ui`: the folder of the built web app, null for a district without pages.
  static async create(folder, { icecast = true, ui = null } = {}) {
    const district = new this(folder, { ui });
    await mkdir(folder, { recursive: true });
    if (icecast) district.icecast = await startIcecast(folder);
    await district.initScheduler();
    await district.startScheduler();
    district.admin = await new Person(district.url).signIn(district.adminName, district.adminPassword);
    return district;
  }

  async initScheduler() {
    this.data = path.join(this.folder, 'scheduler');
    const printed = await run(program('loa-scheduler'), ['init', '--data', this.data, '--district', 'Huyện Trình Diễn', '--code', 'trinh-dien',
      '--presets', path.join(root, 'config')]);
    await writeFile(path.join(this.folder, 'init.txt'), printed, { mode: 0o600 });
    this.adminName = /(?:username|tên đăng nhập)[^:]*:\s*(\S+)/i.exec(printed)[1];
    this.adminPassword = /(?:password|mật khẩu)[^:]*:\s*(\S+)/i.exec(printed)[1];
    this.port = await freePort();
  }

  async startScheduler() {
    const config = path.join(this.folder, 'scheduler.toml');
    await writeFile(config, `data = "${this.data}"
${this.ui ? `ui = "${this.ui}"\n` : ''}
[listen]
address = "127.0.0.1"
port = ${this.port}

[planning]
freeze_ahead = "0 s"
`);
    this.url = `http://127.0.0.1:${this.port}`;
    this.scheduler = start('scheduler', program('loa-scheduler'), ['serve', '--config', config], { folder: this.folder });
    await until('the scheduler to answer', 20, async () => {
      if (this.scheduler.ended) throw new Error(`loa-scheduler ended with ${this.scheduler.code}: see ${this.folder}/scheduler.log`);
      return fetch(`${this.url}/api/v1/health`).then((answer) => answer.ok, () => false);
    });
  }

  async importOrganisation() {
    for (const kind of ['units', 'stations']) {
      const report = await this.admin.post(`/import/${kind}`, await readFile(path.join(here, `${kind}.csv`), 'utf8'));
      if (report.errors.length > 0) throw new Error(`${kind}.csv: ${JSON.stringify(report.errors)}`);
    }
    const units = (await this.admin.get('/units')).items;
    this.unit = units.find((unit) => unit.parent_id === null);
    this.stations = (await this.admin.get('/stations')).items.sort((a, b) => a.code.localeCompare(b.code));
    await this.admin.post('/policies', { unit_id: this.unit.id, policy: openPolicy('trinh-dien') });
  }

  // An editor and an approver: nobody approves what he made himself.
  async employ() {
    this.passwords = { 'bien.tap': 'bien-tap-trinh-dien-1', 'phe.duyet': 'phe-duyet-trinh-dien-1' };
    const people = [['bien.tap', 'Trần Văn Biên', 'editor'], ['phe.duyet', 'Lê Thị Duyệt', 'approver']];
    for (const [username, name, role] of people) {
      await this.admin.post('/users', { username, full_name: name, password: this.passwords[username], roles: [{ role, unit_id: this.unit.id }] });
    }
    this.editor = await new Person(this.url).signIn('bien.tap', this.passwords['bien.tap']);
    this.approver = await new Person(this.url).signIn('phe.duyet', this.passwords['phe.duyet']);
  }

  // By the path that staff use: write, upload, wait until it has been read, submit, approve what was heard.
  async airItem({ title, topics, script, file }) {
    const today = local(new Date()).date;
    const item = await this.editor.post('/items', {
      title, topics, script, unit_id: this.unit.id, scope_unit_id: this.unit.id, valid_from: today, valid_until: null, priority: 'NORMAL',
    });
    const upload = await this.editor.upload(file);
    await this.editor.post(`/items/${item.id}/versions`, { upload_id: upload });
    const ready = await until(`"${title}" to be read`, 180, async () => {
      const now = await this.editor.get(`/items/${item.id}`);
      if (now.status === 'refused') throw new Error(`"${title}" was refused: ${JSON.stringify(now.refusal ?? now)}`);
      return now.status === 'ready' ? now : null;
    });
    await this.editor.post(`/items/${item.id}/submit`);
    const sha256 = ready.versions.at(-1).sha256;
    return this.approver.post(`/items/${item.id}/approve`, { sha256 });
  }

  async addRule(station, { title, rrule, at, date, time, seconds }) {
    const when = at ? local(at) : { date, time };
    return this.admin.post(`/stations/${station.id}/session-rules`, {
      title, rrule, start_date: when.date, start_time: when.time, duration_seconds: seconds, valid_from: when.date, valid_until: null,
    });
  }

  // Enrols an agent for one station, with an Icecast, an RTP and a WAV output.
  // `monitors`: what it listens to, for which output; its own stream for a start.
  // `front`: where the agent reaches the scheduler, when it is not where this program does. `relayNetworks`: where relays may come from.
  async enrolAgent(station, { codec = 'opus', monitors, front = { url: this.url, caFile: null }, relayNetworks } = {}) {
    const folder = path.join(this.folder, station.code);
    await mkdir(folder, { recursive: true });
    const { code } = await this.admin.post('/agents/enrolment-codes', { station_ids: [station.id], name: `Máy phát ${station.name}` });
    const state = path.join(folder, 'state');
    await run(program('loa-playout'), ['enrol', '--scheduler', front.url, '--code', code, '--state', state, '--name', station.code,
      ...(front.caFile ? ['--ca-file', front.caFile] : [])]);
    const agent = {
      station, folder, state, mount: `/${station.code}.${codec === 'opus' ? 'opus' : 'mp3'}`, rtpPort: await freePort(),
      sdp: path.join(folder, 'loa.sdp'), wav: path.join(folder, 'wav'),
    };
    await mkdir(agent.wav, { recursive: true });
    agent.config = path.join(folder, 'playout.toml');
    await writeFile(agent.config, `scheduler = "${front.url}"
${front.caFile ? `ca_file = "${front.caFile}"\n` : ''}state = "${state}"
clock = "trust" # one machine plays all parts: its clock is everybody's
${relayNetworks ? `relay_networks = ${JSON.stringify(relayNetworks)}\n` : ''}
[[station]]
id = "${station.id}"

[[station.output]]
name = "mang"
device = "icecast"
url = "${this.icecast.url}${agent.mount}"
password = "${this.icecast.password}"
codec = "${codec}"
stream_name = "${station.name}"

[[station.output]]
name = "thoai"
device = "rtp"
url = "rtp://127.0.0.1:${agent.rtpPort}"
codec = "opus"
sdp = "${agent.sdp}"

[[station.output]]
name = "luu-tru"
device = "wav"
url = "${agent.wav}"
${(monitors ?? [{ output: 'mang', mount: agent.mount }]).map(({ output, mount }) => `
[[station.monitor]]
name = "nghe-${output}"
output = "${output}"
device = "stream"
url = "${this.icecast.url}${mount}"
delay_most = "10 s"
`).join('')}`);
    this.agents.set(station.id, agent);
    return agent;
  }

  startAgent(agent) {
    agent.process = start(`agent-${agent.station.code}`, program('loa-playout'), ['run', '--config', agent.config], { folder: this.folder });
  }

  async stopAgent(agent) { await stop(agent.process); }

  // A listener: takes the stream as it comes into a file, until stopped.
  listen(agent) {
    const file = path.join(agent.folder, `nghe.${agent.mount.split('.').pop()}`);
    const child = spawn('curl', ['-sN', '--max-time', '1800', '-o', file, `${this.icecast.url}${agent.mount}`], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    return { file, async stop() { child.kill('SIGTERM'); await ended; } };
  }

  // How well an item's house file is found in a recording.
  async match(item, recording) {
    const sha256 = item.approval.sha256;
    const answer = await (this.editor ?? this.admin).raw('GET', `/media/${sha256}`);
    const house = path.join(this.folder, `${sha256}.opus`);
    await writeFile(house, Buffer.from(await answer.arrayBuffer()));
    return JSON.parse(await run(program('loa-media'), ['match', house, recording, '--json']));
  }
}
