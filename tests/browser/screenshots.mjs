/** Pictures of the main pages, wide and narrow, of a real scheduler, into a folder: `node screenshots.mjs FOLDER [NAME]`. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopAll } from '../../config/demo/processes.mjs'
import { launch, openPage, phone, signIn, wide } from './browser.mjs'
import { addDays, planDistrict } from './planned_district.mjs'

const folder = process.argv[2] ?? 'screenshots'
const only = process.argv[3]
await mkdir(folder, { recursive: true })
const made = await mkdtemp(join(tmpdir(), 'loa-screenshots-'))
const { district, station, items } = await planDistrict(made, 6)
const origin = district.url
for (const title of ['Buổi ngắn', 'Buổi trùng giờ'])
  await district.addRule(district.stations[1], {
    title,
    rrule: 'FREQ=DAILY',
    date: new Date().toISOString().slice(0, 10),
    time: '11:00',
    seconds: 2,
  })
const nextWeek = addDays(new Date().toISOString().slice(0, 10), 7)
const schedule = `/schedule?station=${station.id}&day=${nextWeek}`
const [admin, editor] = [
  [district.adminName, district.adminPassword],
  ['bien.tap', district.passwords['bien.tap']],
]

const shots = [
  ['board', '/board'],
  ['evidence', '/board', (page) => page.locator('.cell-now').first().click()],
  ['library', '/library'],
  ['item-approved', `/library/${items[0].id}`],
  ['item-new', '/library/new'],
  ['schedule', schedule],
  [
    'schedule-why',
    schedule,
    async (page) => {
      await page.locator('.airing-button').nth(2).click()
    },
  ],
  ['schedule-month', `${schedule}&view=month`],
  [
    'schedule-move',
    schedule,
    async (page) => {
      await page.locator('.session[data-frozen="false"] .airing-button').first().click()
      await page.getByRole('button', { name: 'Chuyển đến…' }).click()
    },
  ],
  ...['week', 'month'].map((view) => [
    `schedule-drag-${view}`,
    `${schedule}&view=${view}`,
    async (page) => {
      if (page.viewportSize().width < 800) return
      const airing = page.locator('.session[data-frozen="false"] .airing-button').first()
      const box = await airing.boundingBox()
      await airing.hover()
      await page.mouse.down()
      await page.mouse.move(box.x + box.width / 2 + 8, box.y + box.height / 2 + 8, { steps: 3 })
      const target = page.locator('.session-takes', { hasText: '11:00' }).first()
      await target.hover({ position: { x: 40, y: 20 } })
      await target.hover({ position: { x: 44, y: 24 } })
      await page.locator('.drop-verdict [data-conflict]').first().waitFor()
    },
  ]),
  ['schedule-missing', `/schedule?station=${district.stations[1].id}`],
  [
    'schedule-why-not',
    schedule,
    async (page) => {
      await page.getByRole('button', { name: 'Vì sao không phát?' }).click()
      await page.getByLabel('Tin/bài (cả chưa duyệt, đã rút)').click()
      await page.locator('.ant-select-dropdown:visible .ant-select-item-option').last().click()
    },
  ],
  ['stations', '/stations'],
  ['rules', `/stations?rules=${station.id}`],
  ['hours', '/hours'],
  [
    'hours-form',
    '/hours',
    async (page) => {
      await page
        .getByRole('button', { name: /Lập bản mới từ/ })
        .first()
        .click()
      await page.getByLabel('Tên quy định').scrollIntoViewIfNeeded()
    },
  ],
  [
    'template-form',
    `/hours?station=${station.id}`,
    async (page) => {
      await page.getByRole('button', { name: 'Thêm kết cấu' }).click()
      await page.getByLabel('Tên kết cấu').fill('Buổi sáng')
      await page.getByLabel('Tên kết cấu').scrollIntoViewIfNeeded()
    },
  ],
  ...[
    ['template-preset', 'Lập từ mẫu có sẵn'],
    ['special-preset', 'Lập từ lịch mẫu của năm'],
  ].map(([name, label]) => [
    name,
    `/hours?station=${station.id}`,
    async (page) => {
      await page.getByRole('combobox', { name: label }).focus()
      await page.keyboard.press('ArrowDown')
      await page.locator('.ant-select-dropdown:visible .ant-select-item-option').last().click()
      await page.locator('.policy-form .note').scrollIntoViewIfNeeded()
    },
  ]),
  [
    'special-days',
    `/hours?station=${station.id}`,
    async (page) => {
      await page.getByRole('button', { name: 'Thêm lịch ngày đặc biệt' }).click()
      await page.getByRole('combobox', { name: 'Ngày đó' }).focus()
      await page.keyboard.press('ArrowDown')
      await page.locator('.ant-select-dropdown:visible').getByTitle('Buổi riêng', { exact: true }).click()
      await page.getByLabel('Tên buổi').scrollIntoViewIfNeeded()
    },
  ],
  [
    'rule-import',
    `/hours?station=${station.id}`,
    async (page) => {
      const text = await page.evaluate(
        async (path) => (await fetch(path)).text(),
        `/api/v1/stations/${station.id}/session-rules.ics`,
      )
      await page.getByRole('button', { name: 'Nhập từ .ics' }).click()
      await page.getByLabel('Tệp .ics').setInputFiles({
        name: 'khung-gio.ics',
        mimeType: 'text/calendar',
        buffer: Buffer.from(text.replace(/(BEGIN:VEVENT[\s\S]*?\r\nSUMMARY:)[^\r]*/, '$1Buổi sớm mai')),
      })
      await page.getByRole('heading', { name: 'Thay đổi (1)' }).waitFor()
    },
  ],
  ['organisation', '/organisation'],
  ['organisation-stations', '/organisation?show=stations'],
  ['unit-form', '/organisation', (page) => page.getByRole('button', { name: /Thêm đơn vị$/ }).click()],
  [
    'station-form',
    '/organisation?show=stations',
    (page) => page.getByRole('button', { name: /Sửa/ }).first().click(),
  ],
  [
    'import',
    '/organisation',
    async (page) => {
      await page.getByRole('button', { name: 'Nhập từ CSV' }).click()
      await page.getByLabel('Nội dung, có thể dán').fill('code,name,kind\nx1,Xã Một\nx2,Xã Hai,commune\nx3')
      await page.getByRole('button', { name: 'Nhập', exact: true }).click()
      await page.getByText('Chưa nhập gì').waitFor()
    },
  ],
  ['obligations', '/obligations'],
  ['users', '/users'],
  ['audit', '/audit'],
]
const browser = await launch()
for (const [size, viewport] of [
  ['1280', wide],
  ['380', phone],
]) {
  for (const person of [admin, editor]) {
    const session = await openPage(browser, origin, viewport, {
      colorScheme: process.env.LOA_DARK ? 'dark' : 'light',
    })
    const { page } = session
    if (person === admin && !only) {
      await page.goto(origin)
      await page.getByLabel('Tên đăng nhập').waitFor()
      await page.screenshot({ path: join(folder, `sign-in-${size}.png`) })
    }
    await signIn(session, origin, ...person)
    for (const [name, path, act] of shots) {
      if (only && name !== only) continue
      if ((person === editor) !== name.startsWith('item')) continue
      await page.goto(origin + path)
      await page.waitForLoadState('networkidle')
      if (act) await act(page)
      await page.waitForTimeout(500)
      await page.screenshot({ path: join(folder, `${name}-${size}.png`), fullPage: !act })
      await page.mouse.up() // a drag ends
    }
    session.assertClean()
    await session.close()
  }
}
await browser.close()
await stopAll()
await rm(made, { recursive: true, force: true })
