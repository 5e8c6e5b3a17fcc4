/** MOCK. Made-up data for the mock server: a district of twelve communes. Used by screenshots and by the browser test's dry run only. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const config = (path) => fileURLToPath(new URL(`../../../config/${path}`, import.meta.url))
const readJson = (path) => JSON.parse(readFileSync(config(path), 'utf8'))

export const sha = (text) => createHash('sha256').update(text).digest('hex')
export const instant = (date) => date.toISOString().replace('Z', '000Z')
const minutesAgo = (minutes) => instant(new Date(Date.now() - minutes * 60_000))

export const topics = readJson('topics.json').topics

const communes = [
  'Phường Mễ Trì',
  'Phường Phú Đô',
  'Phường Trung Văn',
  'Phường Đại Mỗ',
  'Phường Tây Mỗ',
  'Phường Xuân Phương',
  'Phường Phương Canh',
  'Phường Cầu Diễn',
  'Phường Mỹ Đình 1',
  'Phường Mỹ Đình 2',
  'Xã Đường Lâm',
  'Xã Cổ Đông',
]

const unit = (id, parent_id, name, kind) => ({
  id,
  parent_id,
  code: id,
  name,
  kind,
  valid_from: '2020-01-01',
  valid_until: null,
})
export const units = [
  unit('ha-noi', null, 'Thành phố Hà Nội', 'province'),
  unit('nam-tu-liem', 'ha-noi', 'Quận Nam Từ Liêm', 'district'),
  unit('son-tay', 'ha-noi', 'Thị xã Sơn Tây', 'district'),
  ...communes.map((name, index) =>
    unit(
      `commune-${index + 1}`,
      index < 10 ? 'nam-tu-liem' : 'son-tay',
      name,
      index < 10 ? 'ward' : 'commune',
    ),
  ),
]

export const obligations = ['obligations/cchc-monthly.json', 'obligations/ha-noi-2024.json'].flatMap(
  (path) => {
    const preset = readJson(path)
    return preset.obligations.map((duty) => ({ unit_id: 'ha-noi', plan: preset.plan, ...duty }))
  },
)

export const policies = [
  ['ha-noi', 'gio-yen-tinh'],
  ['nam-tu-liem', 'ha-noi-2021-quan'],
  ['son-tay', 'ha-noi-2021-huyen'],
].map(([unit_id, name]) => ({ unit_id, policy: readJson(`policies/${name}.json`) }))

const seen = [0.3, 0.5, 0.2, 0.8, 0.4, 17, 0.6, 0.1, 0.9, 0.3, 410, null]
export const stations = communes.map((name, index) => ({
  id: `station-${index + 1}`,
  unit_id: `commune-${index + 1}`,
  unit_name: name,
  name: `Đài truyền thanh ${name.replace(/^(Phường|Xã)/, (kind) => kind.toLowerCase())}`,
  code: `TT-${String(index + 1).padStart(3, '0')}`,
  time_zone: 'Asia/Ho_Chi_Minh',
  clusters: [
    { id: `cluster-${index}a`, name: 'Cụm trung tâm', output: 'relay', speakers: 12 + index },
    { id: `cluster-${index}b`, name: 'Cụm khu dân cư', output: 'icecast', speakers: 8 },
  ],
  agent_id: seen[index] === null ? null : `agent-${index + 1}`,
  last_seen_at: seen[index] === null ? null : minutesAgo(seen[index]),
  bundle_version: seen[index] === null ? null : 41 + index,
  bundle_version_on_agent: seen[index] === null ? null : index === 10 ? 46 : 41 + index,
  next_session_at: null,
  clock_state:
    seen[index] === null ? null : index === 5 ? 'untrusted' : index === 3 ? 'assumed' : 'synchronised',
}))

export const agents = stations
  .filter((station) => station.agent_id !== null)
  .map((station, index) => ({
    id: station.agent_id,
    name: `Máy phát ${station.unit_name}`,
    stations: [station.id],
    enrolled_at: '2026-01-05T02:00:00.000000Z',
    revoked: false,
    last_seen_at: station.last_seen_at,
    software: 'loa-playout 0.1.0',
    clock_state: station.clock_state,
    journal_backlog: index === 10 ? 214 : index === 5 ? 3 : 0,
    last_sequence: 4210 + index * 37,
    gaps: index === 10 ? [{ from: 4402, to: 4409 }] : [],
    forks: index === 7 ? [{ sequence: 4391, kept_hash: sha('kept'), other_hash: sha('other') }] : [],
  }))

export const users = [
  ['admin', 'Trần Văn Bình', [{ role: 'administrator', unit_id: 'ha-noi' }]],
  ['hoa', 'Nguyễn Thị Hoa', [{ role: 'editor', unit_id: 'nam-tu-liem' }]],
  [
    'minh',
    'Lê Quang Minh',
    [
      { role: 'approver', unit_id: 'nam-tu-liem' },
      { role: 'editor', unit_id: 'nam-tu-liem' },
    ],
  ],
  ['tam', 'Phạm Thanh Tâm', [{ role: 'commune_officer', unit_id: 'commune-1' }]],
  ['thanhtra', 'Vũ Hồng Sơn', [{ role: 'inspector', unit_id: 'ha-noi' }]],
].map(([username, full_name, roles]) => ({
  id: `user-${username}`,
  username,
  full_name,
  password: 'mock-password',
  roles,
  active: username !== 'tam',
  created_at: '2026-01-05T02:00:00.000000Z',
}))

/** Speech-like: bursts and pauses. */
export function peaksOf(seed, count = 240) {
  let state = seed * 7919 + 13
  const random = () => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state / 2147483648
  }
  return Array.from({ length: count }, (_, index) => {
    const phrase = Math.max(0.06, Math.sin(index / 5.3 + seed) * 0.5 + 0.5)
    return Math.round(phrase * (0.45 + random() * 0.55) * 1000) / 1000
  })
}

const script = `Thưa quý vị và các bạn,

Từ ngày 01 tháng này, người dân trên địa bàn có thể nộp hồ sơ hộ tịch trực tuyến trên Cổng dịch vụ công. Khi nộp trực tuyến, người dân không phải đến trụ sở, thời gian giải quyết được rút ngắn còn ba ngày làm việc.

Để được hướng dẫn, mời bà con đến Bộ phận một cửa hoặc gọi số điện thoại của Tổ công nghệ số cộng đồng.`

const seeds = [
  [
    'Hướng dẫn nộp hồ sơ hộ tịch trực tuyến trên Cổng dịch vụ công',
    ['cchc-e-online-services', 'cchc-e-civil-status'],
    'approved',
    187,
  ],
  ['Bộ phận một cửa làm việc thêm sáng thứ Bảy', ['cchc-e-one-stop-shop'], 'approved', 142],
  ['Kết quả chỉ số hài lòng SIPAS của quận', ['cchc-c-sipas'], 'approved', 205],
  ['Đề án 06: kích hoạt tài khoản định danh điện tử mức 2', ['cchc-e-project-06'], 'submitted', 233],
  ['Lịch tiêm chủng mở rộng tháng này', ['health'], 'approved', 96],
  ['Kỷ luật, kỷ cương hành chính: mô hình “5 rõ”', ['cchc-d-discipline', 'cchc-d-initiatives'], 'ready', 176],
  ['Cảnh báo mưa lớn, ngập cục bộ', ['disaster'], 'rejected', 71],
  ['Thủ tục cấp giấy phép xây dựng nhà ở riêng lẻ', ['cchc-e-construction'], 'refused', 0],
  ['Phòng cháy chữa cháy mùa hanh khô', ['security'], 'withdrawn', 128],
  ['Sắp xếp đơn vị hành chính: những điều người dân cần biết', ['cchc-b-apparatus'], 'draft', 0],
]

export function version(number, name, seconds, seed) {
  return {
    number,
    upload_id: `upload-${seed}-${number}`,
    source_name: name,
    sha256: seconds === 0 ? null : sha(`${name}/${seed}/${number}`),
    frames: seconds * 48_000,
    duration_ms: seconds * 1000,
    integrated_lufs: seconds === 0 ? null : -16,
    true_peak_dbtp: seconds === 0 ? null : -1.7 - seed / 10,
    peaks: seconds === 0 ? [] : peaksOf(seed),
    warnings:
      seed === 5
        ? [{ vi: 'Có 1,8 giây im lặng ở đầu bản ghi.', en: 'The recording begins with 1.8 s of silence.' }]
        : [],
    refusal: null,
    created_at: minutesAgo(60 * 24 * (12 - seed)),
  }
}

export const noPlayRules = {
  least_gap_minutes: 0,
  most_plays_a_day: 0,
  most_plays: null,
  not_before: null,
  series: null,
  pair_with: null,
  not_beside: [],
  forbidden_at: [],
}

export function seedItems(today) {
  return seeds.map(([title, topicIds, status, seconds], index) => {
    const versions = status === 'draft' ? [] : [version(1, `ban-ghi-${index + 1}.mp3`, seconds, index)]
    const refusal =
      status === 'refused'
        ? {
            category: 'invalid-input',
            message: 'This is a text file, not audio. Export the recording as MP3 or WAV and send that.',
            message_vi:
              'Đây là tệp văn bản, không phải âm thanh. Hãy xuất bản ghi ra MP3 hoặc WAV rồi gửi lại.',
          }
        : null
    if (refusal !== null) versions[0].refusal = refusal
    return {
      id: `item-${index + 1}`,
      revision: 3,
      title,
      unit_id: 'nam-tu-liem',
      scope_unit_id: index === 2 ? 'ha-noi' : 'nam-tu-liem',
      script,
      topics: topicIds,
      valid_from: `${today.slice(0, 7)}-01`,
      valid_until: index === 4 ? null : '2027-03-31',
      priority: index === 6 ? 'EMERGENCY' : index === 3 ? 'PRIORITY' : 'NORMAL',
      status,
      reason:
        status === 'rejected'
          ? 'Đề nghị bổ sung số điện thoại trực ban và các điểm sơ tán.'
          : status === 'withdrawn'
            ? 'Nội dung đã hết thời hạn.'
            : '',
      current_version: versions.length || null,
      versions,
      refusal,
      approval:
        status === 'approved'
          ? {
              sha256: versions[0].sha256,
              version: 1,
              approved_by: 'user-minh',
              approved_by_name: 'Lê Quang Minh',
              approved_at: minutesAgo(60 * 24 * (9 - index)),
            }
          : null,
      play_rules:
        index === 3 ? { ...noPlayRules, not_before: '06:00', most_plays_a_day: 1 } : { ...noPlayRules },
      created_by: 'user-hoa',
      created_at: minutesAgo(60 * 24 * (13 - index)),
    }
  })
}
