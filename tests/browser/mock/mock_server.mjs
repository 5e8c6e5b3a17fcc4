/**
 * MOCK. Not a scheduler: it answers as scheduler/api/openapi.yaml says, from memory, so that the web app can be looked at and its
 * browser test rehearsed without one. It checks no rights and proves nothing. `npm run mock` serves ui/dist and the API on one port.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { instant, noPlayRules, peaksOf, version } from './mock_data.mjs'
import { conflictsOf, differenceOf, forecastOf, makeEdits, whyNotOf } from './mock_planning.mjs'
import {
  airSoon,
  boardOf,
  createState,
  evidenceOf,
  monthOf,
  note,
  policiesFor,
  scheduleOf,
  seedAirings,
} from './mock_state.mjs'

const uiFolder = process.env.LOA_UI ?? fileURLToPath(new URL('../../../ui/dist', import.meta.url))
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

/** The scheduler's own policy, so that the rehearsal is held to it. */
const policy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
  "media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; " +
  "form-action 'self'; frame-ancestors 'none'"

class Refusal extends Error {
  constructor(status, category, vi, en) {
    super(en)
    Object.assign(this, { status, category, vi, en })
  }
}
const notFound = () => new Refusal(404, 'not-found', 'Không tìm thấy.', 'There is no such thing.')

async function bodyOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** [method, path with :names, needs a session, function({state, user, params, query, body, headers}) -> [status, value, headers]] */
const routes = [
  ['POST', '/session', signIn],
  ['GET', '/session', ({ session }) => [200, session]],
  ['DELETE', '/session', ({ state, token }) => [204, (state.sessions.delete(token), undefined)]],
  ['POST', '/session/password', ({ session }) => [200, session]],
  ['GET', '/users', ({ state }) => list(state.users.map(publicUser))],
  ['POST', '/users', createUser],
  ['PATCH', '/users/:id', changeUser],
  ['GET', '/units', ({ state }) => list(state.units)],
  ['POST', '/units', createUnit],
  ['PATCH', '/units/:id', (call) => change(call, call.state.units, 'unit')],
  ['POST', '/import/:kind', importCsv],
  ['GET', '/topics', ({ state }) => list(state.topics)],
  ['GET', '/stations', ({ state }) => list(state.stations.map((station) => withNextSession(state, station)))],
  ['POST', '/stations', createStation],
  ['PATCH', '/stations/:id', (call) => change(call, call.state.stations, 'station')],
  ['GET', '/policies', ({ state, query }) => list(policiesFor(state, query.get('unit')))],
  ['POST', '/policies', createPolicy],
  ['GET', '/stations/:id/session-rules', ({ state, params }) => list(state.rules.get(params.id))],
  ['POST', '/stations/:id/session-rules', createRule],
  ['DELETE', '/session-rules/:id', deleteRule],
  ['GET', '/agents', ({ state }) => list(state.agents)],
  [
    'POST',
    '/agents/enrolment-codes',
    () => [201, { code: '7KQ4-MX2P-9TDW', expires_at: instant(new Date(Date.now() + 3_600_000)) }],
  ],
  ['GET', '/items', ({ state, query }) => list(state.items.filter(matching(query)))],
  ['POST', '/items', createItem],
  ['GET', '/items/:id', ({ state, params }) => [200, itemOf(state, params.id)]],
  ['PATCH', '/items/:id', changeItem],
  ['POST', '/items/:id/versions', addVersion],
  ['POST', '/items/:id/submit', (call) => decide(call, 'submitted')],
  ['POST', '/items/:id/approve', approve],
  ['POST', '/items/:id/reject', (call) => decide(call, 'rejected')],
  ['POST', '/items/:id/withdraw', (call) => decide(call, 'withdrawn')],
  ['POST', '/uploads', beginUpload],
  ['HEAD', '/uploads/:id', ({ state, params }) => uploadAnswer(state, params.id, 200)],
  ['PATCH', '/uploads/:id', patchUpload],
  ['DELETE', '/uploads/:id', ({ state, params }) => [204, (state.uploads.delete(params.id), undefined)]],
  [
    'GET',
    '/stations/:id/schedule',
    ({ state, params, query }) => [200, scheduleOf(state, params.id, query.get('from'), query.get('to'))],
  ],
  ['GET', '/stations/:id/plan/difference', ({ state, params }) => [200, differenceOf(state, params.id)]],
  [
    'GET',
    '/stations/:id/forecast',
    ({ state, params, query }) => [200, forecastOf(state, params.id, query.get('month'))],
  ],
  [
    'GET',
    '/stations/:id/why-not',
    ({ state, params, query }) => [
      200,
      whyNotOf(state, params.id, query.get('item'), query.get('from'), query.get('to')),
    ],
  ],
  [
    'POST',
    '/stations/:id/edits/check',
    ({ state, params, body }) => [200, { conflicts: conflictsOf(state, params.id, body.edits) }],
  ],
  ['POST', '/stations/:id/edits', storeEdits],
  [
    'GET',
    '/stations/:id/edits',
    ({ state, params }) => [
      200,
      { items: state.edits.get(params.id), revision: state.revisions.get(params.id) },
    ],
  ],
  ['DELETE', '/stations/:id/edits/:edit', takeBackEdit],
  [
    'GET',
    '/compliance',
    ({ state, query }) => [
      200,
      query.has('months')
        ? boardOf(state, query.get('month'), Number(query.get('months')))
        : monthOf(state, query.get('month')),
    ],
  ],
  [
    'GET',
    '/compliance/evidence',
    ({ state, query }) => [200, evidenceOf(state, query.get('station'), query.get('month'))],
  ],
  ['GET', '/obligations', ({ state }) => list(state.obligations)],
  ['GET', '/audit', ({ state, query }) => list(state.audit.slice(0, Number(query.get('limit') ?? 100)))],
]

const list = (items) => [200, { items }]
const publicUser = ({ password: _password, ...user }) => user

function signIn({ state, body }) {
  const user = state.users.find(
    ({ username, password, active }) => active && username === body.username && password === body.password,
  )
  if (user === undefined) {
    throw new Refusal(
      401,
      'unauthorized',
      'Tên đăng nhập hoặc mật khẩu không đúng.',
      'Unknown name or wrong password.',
    )
  }
  const token = randomBytes(16).toString('hex')
  const session = {
    user: publicUser(user),
    csrf_token: randomBytes(16).toString('hex'),
    expires_at: instant(new Date(Date.now() + 8 * 3_600_000)),
  }
  state.sessions.set(token, session)
  note(state, user, 'session.open', `user:${user.id}`)
  return [200, session, { 'Set-Cookie': `loa_session=${token}; HttpOnly; SameSite=Strict; Path=/` }]
}

function createUser({ state, user, body }) {
  const created = { id: `user-${body.username}`, active: true, created_at: instant(new Date()), ...body }
  state.users.push(created)
  note(state, user, 'user.create', `user:${created.id}`)
  return [201, publicUser(created)]
}

function changeUser({ state, user, params, body }) {
  const changed = state.users.find(({ id }) => id === params.id)
  if (changed === undefined) throw notFound()
  Object.assign(changed, body)
  note(state, user, 'user.change', `user:${changed.id}`)
  return [200, publicUser(changed)]
}

function nextRevision({ state, params, headers }) {
  const revision = state.revisions.get(params.id)
  if (headers['if-match'] !== `"${revision}"`) {
    throw new Refusal(412, 'conflict', 'Lịch vừa được thay đổi.', 'The plan changed meanwhile.')
  }
  state.revisions.set(params.id, revision + 1)
  return revision + 1
}

function storeEdits(call) {
  const { state, user, params, body } = call
  const conflicts = conflictsOf(state, params.id, body.edits)
  if (conflicts.some(({ hard }) => hard)) throw new Refusal(409, 'conflict', conflicts[0].vi, conflicts[0].en)
  const revision = nextRevision(call)
  return [201, { revision, edits: makeEdits(state, params.id, user, body), conflicts }]
}

function takeBackEdit(call) {
  const { state, params } = call
  const revision = nextRevision(call)
  state.edits.set(
    params.id,
    state.edits.get(params.id).filter(({ id }) => id !== params.edit),
  )
  return [200, { revision }]
}

const newId = (kind) => `${kind}-${randomBytes(6).toString('hex')}`

function createUnit({ state, user, body }) {
  const unit = { id: newId('unit'), valid_until: null, parent_id: null, ...body }
  state.units.push(unit)
  note(state, user, 'unit.create', `unit:${unit.id}`)
  return [201, unit]
}

function createStation({ state, user, body }) {
  const station = {
    id: newId('station'),
    agent_id: null,
    last_seen_at: null,
    bundle_version: null,
    bundle_version_on_agent: null,
    next_session_at: null,
    clock_state: null,
    ...body,
    clusters: body.clusters.map((cluster) => ({ id: newId('cluster'), ...cluster })),
  }
  state.stations.push(station)
  state.rules.set(station.id, [])
  state.airings.set(station.id, [])
  state.edits.set(station.id, [])
  state.revisions.set(station.id, 1)
  note(state, user, 'station.create', `station:${station.id}`)
  return [201, station]
}

function change({ user, state, params, body }, things, kind) {
  const changed = things.find(({ id }) => id === params.id)
  if (changed === undefined) throw notFound()
  note(state, user, `${kind}.change`, `${kind}:${changed.id}`)
  return [200, Object.assign(changed, body)]
}

/** Looks at the number of columns only. */
function importCsv({ raw }) {
  const [head, ...lines] = raw.toString('utf8').replace('\ufeff', '').trim().split('\n')
  const wanted = head.split(',').length
  const errors = lines.flatMap((line, index) =>
    line.split(',').length === wanted
      ? []
      : [
          {
            line: index + 2,
            message: `The line has ${line.split(',').length} columns, not ${wanted}.`,
            message_vi: `Dòng có ${line.split(',').length} cột, phải có ${wanted} cột.`,
          },
        ],
  )
  return [200, { created: errors.length > 0 ? 0 : lines.length, updated: 0, errors }]
}

function createPolicy({ state, user, body }) {
  const policy = { unit_id: body.unit_id, policy: { id: newId('policy'), ...body.policy } }
  state.policies.push(policy)
  note(state, user, 'policy.create', `policy:${policy.policy.id}`)
  return [201, policy]
}

function withNextSession(state, station) {
  if (station.agent_id === null) return station
  const { sessions } = scheduleOf(state, station.id, state.today, state.today.slice(0, 8) + '31')
  return {
    ...station,
    next_session_at: sessions.find(({ starts_at }) => new Date(starts_at) > new Date())?.starts_at ?? null,
  }
}

function createRule({ state, params, body }) {
  const rule = { id: `rule-${randomBytes(6).toString('hex')}`, station_id: params.id, ...body }
  state.rules.get(params.id).push(rule)
  return [201, rule]
}

function deleteRule({ state, params }) {
  for (const [stationId, rules] of state.rules) {
    state.rules.set(
      stationId,
      rules.filter(({ id }) => id !== params.id),
    )
  }
  return [204]
}

const matching = (query) => (item) =>
  (!query.has('status') || item.status === query.get('status')) &&
  (!query.has('q') || item.title.toLowerCase().includes(query.get('q').toLowerCase()))

function itemOf(state, id) {
  const item = state.items.find((candidate) => candidate.id === id)
  if (item === undefined) throw notFound()
  return item
}

function createItem({ state, user, body }) {
  const item = {
    id: `item-${randomBytes(6).toString('hex')}`,
    revision: 1,
    status: 'draft',
    reason: '',
    current_version: null,
    versions: [],
    refusal: null,
    approval: null,
    created_by: user.id,
    created_at: instant(new Date()),
    play_rules: noPlayRules,
    ...body,
  }
  state.items.unshift(item)
  note(state, user, 'item.create', `item:${item.id}`)
  return [201, item]
}

function changeItem({ state, user, params, body, headers }) {
  const item = itemOf(state, params.id)
  if (headers['if-match'] !== `"${item.revision}"`) {
    throw new Refusal(
      412,
      'conflict',
      'Tin/bài vừa được người khác sửa.',
      'Someone changed the item meanwhile.',
    )
  }
  const open = ['draft', 'refused', 'processing'].includes(item.status)
  Object.assign(item, body, {
    revision: item.revision + 1,
    approval: null,
    status: open ? item.status : 'ready',
  })
  note(state, user, 'item.change', `item:${item.id}`)
  return [200, item]
}

function addVersion({ state, user, params, body }) {
  const item = itemOf(state, params.id)
  const upload = state.uploads.get(body.upload_id)
  if (upload === undefined || upload.bytes.length !== upload.length) throw notFound()
  const number = item.versions.length + 1
  const pending = { ...version(number, upload.name, 0, 0), created_at: instant(new Date()) }
  item.versions.push(pending)
  Object.assign(item, { status: 'processing', current_version: number, approval: null, refusal: null })
  note(state, user, 'item.record', `item:${item.id}`, { source_name: upload.name })
  setTimeout(() => finishReading(state, item, pending, upload), 1500)
  return [202, item]
}

function finishReading(state, item, pending, upload) {
  item.revision += 1
  if (/^[\x09-\x7e\s]*$/.test(upload.bytes.subarray(0, 400).toString('latin1'))) {
    item.status = 'refused'
    pending.refusal = item.refusal = {
      category: 'invalid-input',
      message: 'This is a text file, not audio.',
      message_vi: 'Đây là tệp văn bản, không phải âm thanh. Hãy xuất bản ghi ra MP3 hoặc WAV rồi gửi lại.',
    }
    return
  }
  const seconds = 12
  const sha256 = createHash('sha256').update(upload.bytes).update(item.id).digest('hex')
  state.media.set(sha256, upload.bytes)
  Object.assign(pending, {
    sha256,
    frames: seconds * 48_000,
    duration_ms: seconds * 1000,
    integrated_lufs: -16,
    true_peak_dbtp: -1.6,
    peaks: peaksOf(item.title.length),
  })
  item.status = 'ready'
}

function decide({ state, user, params, body }, status) {
  const item = itemOf(state, params.id)
  Object.assign(item, { status, reason: body?.reason ?? '', revision: item.revision + 1 })
  note(
    state,
    user,
    `item.${{ submitted: 'submit', rejected: 'reject', withdrawn: 'withdraw' }[status]}`,
    `item:${item.id}`,
  )
  return [200, item]
}

function approve({ state, user, params, body }) {
  const item = itemOf(state, params.id)
  const current = item.versions.at(-1)
  if (item.status !== 'submitted' || current?.sha256 !== body.sha256) {
    throw new Refusal(409, 'conflict', 'Bản âm thanh đã thay đổi.', 'The audio has changed meanwhile.')
  }
  Object.assign(item, {
    status: 'approved',
    revision: item.revision + 1,
    approval: {
      sha256: body.sha256,
      version: current.number,
      approved_by: user.id,
      approved_by_name: user.full_name,
      approved_at: instant(new Date()),
    },
  })
  note(state, user, 'item.approve', `item:${item.id}`, { sha256: body.sha256 })
  airSoon(state, item)
  return [200, item]
}

const tus = { 'Tus-Resumable': '1.0.0' }

function beginUpload({ state, headers }) {
  const id = `upload-${randomBytes(6).toString('hex')}`
  const encoded = /filename ([^,]+)/.exec(headers['upload-metadata'] ?? '')?.[1] ?? ''
  state.uploads.set(id, {
    name: Buffer.from(encoded, 'base64').toString('utf8'),
    length: Number(headers['upload-length']),
    bytes: Buffer.alloc(0),
  })
  return [201, undefined, { ...tus, Location: `/api/v1/uploads/${id}`, 'Upload-Offset': '0' }]
}

function uploadAnswer(state, id, status) {
  const upload = state.uploads.get(id)
  if (upload === undefined) throw notFound()
  const headers = {
    ...tus,
    'Upload-Offset': String(upload.bytes.length),
    'Upload-Length': String(upload.length),
  }
  return [status, undefined, headers]
}

async function patchUpload({ state, params, headers, raw }) {
  const upload = state.uploads.get(params.id)
  if (upload === undefined) throw notFound()
  if (Number(headers['upload-offset']) !== upload.bytes.length) {
    throw new Refusal(409, 'conflict', 'Vị trí tải lên không khớp.', 'The offset does not match.')
  }
  upload.bytes = Buffer.concat([upload.bytes, raw])
  return uploadAnswer(state, params.id, 204)
}

function match(method, path) {
  for (const [routeMethod, pattern, handle] of routes) {
    if (routeMethod !== method) continue
    const names = []
    const regex = pattern.replace(/:(\w+)/g, (_, name) => (names.push(name), '([^/]+)'))
    const found = new RegExp(`^${regex}$`).exec(path)
    if (found !== null) {
      return { handle, params: Object.fromEntries(names.map((name, index) => [name, found[index + 1]])) }
    }
  }
  throw notFound()
}

async function answerApi(state, request, url, response) {
  const path = url.pathname.slice('/api/v1'.length)
  const token = /loa_session=([0-9a-f]+)/.exec(request.headers.cookie ?? '')?.[1]
  const session = state.sessions.get(token)
  const raw = await bodyOf(request)
  const signingIn = request.method === 'POST' && path === '/session'
  if (session === undefined && !signingIn) {
    throw new Refusal(401, 'unauthorized', 'Hãy đăng nhập.', 'Sign in first.')
  }
  if (
    !['GET', 'HEAD'].includes(request.method) &&
    !signingIn &&
    request.headers['x-csrf-token'] !== session.csrf_token
  ) {
    throw new Refusal(403, 'forbidden', 'Thiếu mã chống giả mạo.', 'The CSRF token is missing.')
  }
  if (path.startsWith('/media/')) return answerMedia(state, request, path.slice(7), response)
  const { handle, params } = match(request.method, path)
  const isJson = (request.headers['content-type'] ?? '').startsWith('application/json')
  const body = isJson && raw.length > 0 ? JSON.parse(raw.toString('utf8')) : undefined
  const user = session?.user
  const call = {
    state,
    session,
    token,
    user,
    params,
    query: url.searchParams,
    body,
    raw,
    headers: request.headers,
  }
  const [status, value, headers = {}] = await handle(call)
  response.writeHead(status, {
    ...(value !== undefined && { 'Content-Type': 'application/json' }),
    ...headers,
  })
  response.end(value === undefined ? undefined : JSON.stringify(value))
}

function answerMedia(state, request, sha256, response) {
  const bytes = state.media.get(sha256) ?? tone()
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  const from = range === null ? 0 : Number(range[1])
  const until = range === null || range[2] === '' ? bytes.length : Number(range[2]) + 1
  response.writeHead(range === null ? 200 : 206, {
    'Content-Type': bytes.subarray(0, 4).toString('latin1') === 'RIFF' ? 'audio/wav' : 'audio/mpeg',
    'Accept-Ranges': 'bytes',
    'Content-Length': String(until - from),
    ...(range !== null && { 'Content-Range': `bytes ${from}-${until - 1}/${bytes.length}` }),
  })
  response.end(bytes.subarray(from, until))
}

/** Two seconds of a quiet 440 Hz as WAV: seeded items have no recording. */
function tone() {
  const rate = 16_000
  const samples = Buffer.alloc(rate * 4)
  for (let index = 0; index < rate * 2; index += 1) {
    samples.writeInt16LE(Math.round(2000 * Math.sin((2 * Math.PI * 440 * index) / rate)), index * 2)
  }
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + samples.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(samples.length, 40)
  return Buffer.concat([header, samples])
}

async function answerFile(url, response) {
  const path = normalize(url.pathname)
  const isFile = path.startsWith('/assets/') || path === '/favicon.svg'
  const file = join(uiFolder, isFile ? path : 'index.html')
  response.writeHead(200, {
    'Content-Type': types[extname(file)] ?? 'application/octet-stream',
    'Content-Security-Policy': policy,
  })
  response.end(await readFile(file))
}

/** Resolves to {url, state, close} once it listens on 127.0.0.1; port 0 takes a free one. */
export function startMock(port = 0) {
  const state = createState()
  seedAirings(state)
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1')
    const isApi = url.pathname.startsWith('/api/v1/')
    const answer = isApi ? answerApi(state, request, url, response) : answerFile(url, response)
    answer.catch((error) => {
      const refusal =
        error instanceof Refusal ? error : new Refusal(500, 'internal', 'Lỗi của máy chủ giả.', String(error))
      if (refusal.status === 500) console.error(error)
      response.writeHead(refusal.status, { 'Content-Type': 'application/problem+json' })
      response.end(
        JSON.stringify({
          type: 'about:blank',
          title: refusal.en,
          title_vi: refusal.vi,
          status: refusal.status,
          detail: '',
          detail_vi: '',
          instance: url.pathname,
          category: refusal.category,
        }),
      )
    })
  })
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      const close = () => new Promise((done) => (server.closeAllConnections(), server.close(done)))
      resolve({ url: `http://127.0.0.1:${server.address().port}`, state, close })
    })
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await startMock(Number(process.env.PORT ?? 8080))
  console.log(`mock: ${url} (admin, hoa, minh, thanhtra; password mock-password)`)
}
