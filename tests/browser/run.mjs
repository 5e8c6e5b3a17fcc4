/**
 * Runs planning.test.mjs, which makes a district of its own, and air.test.mjs against the real thing: scheduler, three agents, icecast2.
 * When that test has approved its items, every station gets a session at the next full minute; the test waits for the board to turn green
 * by what the agents log. Then listeners of the first station's HLS hear an item behind a stop and a start of its agent. Last,
 * speech.test.mjs speaks live to all of them. `run.mjs speech`, `run.mjs hls`: that alone.
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { District, nextMinute, root, webApp } from '../../config/demo/district.mjs'
import { freePort, killAll, stopAll, until } from '../../config/demo/processes.mjs'
import { speakAll } from '../../config/demo/speech.mjs'

const folder = await mkdtemp(path.join(tmpdir(), 'loa-browser-district-'))

async function start() {
  const texts = await speakAll(path.join(root, 'config/demo/texts'), path.join(folder, 'speech'))
  const district = await District.create(folder, { ui: webApp })
  await district.importOrganisation()
  const agents = []
  for (const station of district.stations) agents.push(await district.enrolAgent(station))
  const hls = await addHls(agents[0])
  const ear = await addEar(agents[0])
  for (const agent of agents) district.startAgent(agent)
  await until('the streams to stand', 30, async () => {
    const standing = await Promise.all(agents.map((agent) => district.icecast.hasMount(agent.mount)))
    return standing.every(Boolean)
  })
  return {
    district,
    hls,
    ear,
    texts: texts.slice(0, 2),
  }
}

/** Two more outputs: folders that a web server would serve, of AAC and of Opus. */
async function addHls(agent) {
  const folders = []
  for (const codec of ['aac', 'opus']) {
    const hls = path.join(agent.folder, `hls-${codec}`)
    await mkdir(hls)
    await appendFile(
      agent.config,
      `\n[[station.output]]\nname = "trang-web-${codec}"\ndevice = "hls"\nurl = "${hls}"\ncodec = "${codec}"\n`,
    )
    folders.push(hls)
  }
  return folders
}

/** And one that a program of few lines can listen to. */
async function addEar(agent) {
  const port = await freePort()
  await appendFile(
    agent.config,
    `\n[[station.output]]\nname = "tai"\ndevice = "rtp"\nurl = "rtp://127.0.0.1:${port}"\ncodec = "pcmu"\n`,
  )
  return { port, log: path.join(folder, `agent-${agent.station.code}.log`) }
}

async function speakInBrowser(district, ear) {
  await district.employ()
  return runTest('speech.test.mjs', {
    LOA_URL: district.url,
    LOA_USER: 'phe.duyet',
    LOA_PASSWORD: district.passwords['phe.duyet'],
    LOA_RTP_PORT: String(ear.port),
    LOA_AGENT_LOG: ear.log,
  })
}

async function onStage(district, stage) {
  if (stage !== 'approved') return null
  const at = nextMinute(8)
  for (const station of district.stations) {
    await district.addRule(station, {
      title: 'Buổi kiểm thử',
      rrule: 'FREQ=DAILY;COUNT=1',
      at,
      seconds: 60,
    })
  }
  return at
}

/** Listeners in Chromium hear, over the session of the test that is under way, what was approved. */
async function listenInBrowser(district, hls, at) {
  await new Promise((resolve) => setTimeout(resolve, at.getTime() - Date.now() - 5000))
  return hearByHls(district, hls, { LOA_SECONDS: '65' })
}

async function hearByHls(district, hls, env) {
  const heard = hls.map((output) => `${output}.wav`)
  const code = await runTest('hls.test.mjs', {
    LOA_HLS: hls.join(path.delimiter),
    LOA_HEARD: heard.join(path.delimiter),
    ...env,
  })
  if (code !== 0) return code
  const items = (await district.admin.get('/items?status=approved')).items
  for (const file of heard) {
    const matches = await Promise.all(items.map((item) => district.match(item, file)))
    const best = Math.max(...matches.map(({ correlation }) => correlation))
    if (best >= 0.9) continue
    console.error(`no approved item was heard by HLS in Chromium: ${file}: ${JSON.stringify(matches)}`)
    return 1
  }
  return 0
}

/** The agent is stopped and started again under its listeners; the session with what they must hear comes after that. */
async function listenOverRestart(district, hls) {
  const [station] = district.stations
  const agent = district.agents.get(station.id)
  // Not in the half minute before the session, in which the agent has taken it up: what is stopped then is missed.
  const at = nextMinute(75)
  await district.addRule(station, {
    title: 'Buổi sau ngắt',
    rrule: 'FREQ=DAILY;COUNT=1',
    at,
    seconds: 60,
  })
  await new Promise((resolve) => setTimeout(resolve, at.getTime() - Date.now() - 65_000))
  const server = await hookServer(async () => {
    await district.stopAgent(agent)
    await new Promise((resolve) => setTimeout(resolve, 8000))
    district.startAgent(agent)
  })
  const code = await hearByHls(district, hls, { LOA_SECONDS: '120', LOA_HOOK: hookOf(server, 'restart') })
  server.close()
  return code
}

/** The tests call back by a shell command; this is what answers it. */
async function hookServer(act) {
  const server = createServer((request, response) => {
    act(request.url.slice(1)).then(
      () => response.end('ok\n'),
      (error) => response.writeHead(500).end(`${error.message}\n`),
    )
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

const hookOf = (server, stage) =>
  `curl -sS --fail --max-time 60 -o /dev/null "http://127.0.0.1:${server.address().port}/${stage}"`

async function approveSome(district, texts) {
  await district.employ()
  for (const text of texts) await district.airItem(text)
}

async function main() {
  const only = process.argv[2]
  const planned = only ? 0 : await runTest('planning.test.mjs')
  if (planned !== 0) return planned
  const { district, hls, ear, texts } = await start()
  if (only === 'hls') {
    await approveSome(district, texts)
    return listenOverRestart(district, hls)
  }
  if (only === 'speech') return speakInBrowser(district, ear)
  let listening = Promise.resolve(1)
  const server = await hookServer(async (stage) => {
    const at = await onStage(district, stage)
    if (at !== null) listening = listenInBrowser(district, hls, at)
  })
  const code = await runTest('air.test.mjs', {
    LOA_URL: district.url,
    LOA_ADMIN_USER: district.adminName,
    LOA_ADMIN_PASSWORD: district.adminPassword,
    LOA_AUDIO: texts.map((text) => text.file).join(path.delimiter),
    LOA_HOOK: `f() { ${hookOf(server, '$1')}; }; f`,
  })
  const heard = code || (await listening) || (await listenOverRestart(district, hls))
  server.close()
  return heard || (await speakInBrowser(district, ear))
}

function runTest(file, env = {}) {
  const test = spawn(process.execPath, ['--test', path.join(root, 'tests/browser', file)], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  return new Promise((resolve) => test.on('exit', (code) => resolve(code ?? 1)))
}

process.on('exit', killAll)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))
const code = await main().catch((error) => {
  console.error(error)
  return 1
})
await stopAll()
if (code === 0) await rm(folder, { recursive: true, force: true })
else console.error(`kept for a look: ${folder}`)
process.exit(code)
