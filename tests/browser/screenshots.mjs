/** Pictures of the main pages, wide and narrow, into a folder: `node screenshots.mjs FOLDER`. Uses LOA_URL or starts the mock. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { launch, openPage, phone, signIn, wide } from './browser.mjs'
import { startMock } from './mock/mock_server.mjs'

const folder = process.argv[2] ?? 'screenshots'
const only = process.argv[3]
const mock = process.env.LOA_URL === undefined ? await startMock() : null
const origin = process.env.LOA_URL ?? mock.url
const user = process.env.LOA_ADMIN_USER ?? 'admin'
const password = process.env.LOA_ADMIN_PASSWORD ?? 'mock-password'
await mkdir(folder, { recursive: true })

const shots = [
  ['board', '/board'],
  ['evidence', '/board', (page) => page.locator('.cell-now').first().click()],
  ['library', '/library'],
  ['item', '/library/item-4'],
  ['item-approved', '/library/item-1'],
  ['item-refused', '/library/item-8'],
  ['item-new', '/library/new'],
  ['schedule', '/schedule'],
  [
    'schedule-why',
    '/schedule',
    async (page) => {
      await page.locator('.airing-button').nth(2).click()
    },
  ],
  ['schedule-month', '/schedule?view=month'],
  [
    'schedule-move',
    '/schedule',
    async (page) => {
      await page.locator('.session[data-frozen="false"] .airing-button').first().click()
      await page.getByRole('button', { name: 'Chuyển đến…' }).click()
    },
  ],
  [
    'schedule-why-not',
    '/schedule',
    async (page) => {
      await page.getByRole('button', { name: 'Vì sao không phát?' }).click()
      await page.getByLabel('Tin/bài đã duyệt').click()
      await page.locator('.ant-select-dropdown:visible .ant-select-item-option').last().click()
    },
  ],
  ['stations', '/stations'],
  ['rules', '/stations?rules=station-1'],
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
  ['organisation', '/organisation'],
  ['organisation-stations', '/organisation?show=stations'],
  [
    'unit-form',
    '/organisation',
    (page) => page.getByRole('button', { name: 'Thêm đơn vị', exact: true }).click(),
  ],
  [
    'station-form',
    '/organisation?show=stations',
    (page) =>
      page
        .getByRole('button', { name: /^Sửa Đài/ })
        .first()
        .click(),
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
  for (const person of process.env.LOA_URL === undefined ? ['minh', user] : [user]) {
    const session = await openPage(browser, origin, viewport, {
      colorScheme: process.env.LOA_DARK ? 'dark' : 'light',
    })
    const { page } = session
    if (person === user && !only) {
      await page.goto(origin)
      await page.getByLabel('Tên đăng nhập').waitFor()
      await page.screenshot({ path: join(folder, `sign-in-${size}.png`) })
    }
    await signIn(session, origin, person, password)
    for (const [name, path, act] of shots) {
      if (only && name !== only) continue
      if ((person === 'minh') !== name.startsWith('item') && process.env.LOA_URL === undefined) continue
      await page.goto(origin + path)
      await page.waitForLoadState('networkidle')
      if (act) await act(page)
      await page.waitForTimeout(500)
      await page.screenshot({ path: join(folder, `${name}-${size}.png`), fullPage: !act })
    }
    session.assertClean()
    await session.close()
  }
}
await browser.close()
await mock?.close()
