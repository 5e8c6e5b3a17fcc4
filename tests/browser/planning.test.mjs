/**
 * The hand on the plan: an item is dragged to another session, conflicts are told while it hangs there, the edit survives reloads, a race
 * is told, and everything works by touch at 380 px. Rehearsed against the mock server: it proves the web app, not Loa's planner.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertNoSidewaysScroll, launch, openPage, phone, signIn, wide } from './browser.mjs'
import { startMock } from './mock/mock_server.mjs'

let mock
let browser
const nextWeek = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10)

before(async () => {
  mock = await startMock()
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await mock?.close()
})

async function openSchedule(session, user = 'admin') {
  await signIn(session, mock.url, user, 'mock-password')
  await session.page.goto(`${mock.url}/schedule?station=station-1&day=${nextWeek}`)
  await session.page.locator('.session').first().waitFor()
}

test('an item is dragged to another session, and stays there', async () => {
  const session = await openPage(browser, mock.url, wide)
  const { page } = session
  await openSchedule(session)
  const cards = page.locator('.session[data-frozen="false"]')
  const [from, to] = [cards.nth(0), cards.nth(2)]
  const [fromId, toId] = [await from.getAttribute('data-session'), await to.getAttribute('data-session')]
  const airing = from.locator('.airing-button').first()
  const item = await airing.getAttribute('data-item')

  await airing.hover()
  const box = await airing.boundingBox()
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2 + 8, box.y + box.height / 2 + 8, { steps: 3 })
  await page.locator('.session-takes').first().waitFor()
  await to.hover({ position: { x: 40, y: 20 } })
  await to.hover({ position: { x: 44, y: 24 } })
  // The item is in that session already: said while it hangs above it, with what would help.
  await to.locator('.drop-verdict [data-conflict="repeats"]').waitFor()
  assert.match(await to.locator('.resolutions').innerText(), /Chọn buổi/)
  await page.mouse.up()

  const dialog = page.getByRole('dialog')
  await dialog.getByText('Chuyển tin/bài').waitFor()
  await dialog.getByLabel('Lý do (không bắt buộc)').fill('Theo đề nghị của phường')
  await dialog.locator('[data-conflict="repeats"]').waitFor()
  await dialog.getByRole('button', { name: 'Chuyển', exact: true }).click()
  await dialog.waitFor({ state: 'detached' })

  const moved = page.locator(`[data-session="${toId}"] [data-item="${item}"][data-edited="keep"]`)
  const gone = page.locator(`[data-session="${fromId}"] [data-away="${item}"]`)
  assert.deepEqual(
    mock.state.edits.get('station-1').map(({ session_id, kind }) => [session_id, kind]),
    [
      [fromId, 'away'],
      [toId, 'keep'],
    ],
  )
  await moved.waitFor()
  await gone.waitFor()
  await page.reload()
  await moved.waitFor()
  await gone.waitFor()
  await page.getByRole('button', { name: /thêm 0, chuyển 1, bỏ 0/ }).click()
  await page.locator('.difference[data-kind="moved"]').waitFor()
  await page
    .getByRole('button', { name: 'Close' })
    .or(page.getByRole('button', { name: 'Đóng' }))
    .click()

  await page.getByRole('button', { name: 'Sửa tay (2)' }).click()
  const drawer = page.getByRole('dialog')
  await drawer.getByText('Theo đề nghị của phường').first().waitFor()
  await drawer
    .getByRole('button', { name: /^Bỏ sửa tay/ })
    .first()
    .click()
  await page.getByRole('button', { name: 'Sửa tay (1)' }).waitFor()
  session.assertClean()
  await session.close()
})

test('whoever comes second is told, sees the newest plan, and may go on', async () => {
  const session = await openPage(browser, mock.url, wide)
  const { page } = session
  await openSchedule(session)
  const airing = page.locator('.session[data-frozen="false"] .airing-button:not([data-edited="keep"])').last()
  await airing.click()
  await page.getByRole('button', { name: /Ghim$/ }).click()
  const dialog = page.getByRole('dialog')
  const confirm = dialog.getByRole('button', { name: 'Ghim', exact: true })
  await dialog.locator('.edit-verdict[data-settled="true"]').waitFor()
  mock.state.revisions.set('station-1', mock.state.revisions.get('station-1') + 1)
  await confirm.click()
  await dialog.getByText('Lịch vừa thay đổi; đã tải lại lịch mới nhất.').waitFor()
  session.expectError(/status of 412/)
  await dialog.locator('.edit-verdict[data-settled="true"]').waitFor()
  await confirm.click()
  await dialog.waitFor({ state: 'detached' })
  session.assertClean()
  await session.close()
})

test('the same by touch at 380 px, and why an item is not there', async () => {
  const session = await openPage(browser, mock.url, phone, { hasTouch: true, isMobile: true })
  const { page } = session
  await openSchedule(session)
  await assertNoSidewaysScroll(page)
  const airing = page.locator('.session[data-frozen="false"] .airing-button').first()
  const item = await airing.getAttribute('data-item')
  await airing.tap()
  await page.locator('.airing-details').getByText('Vì sao xếp ở đây').waitFor()
  await page.getByRole('button', { name: 'Chuyển đến…' }).tap()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Buổi phát').click()
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option').nth(1).click()
  await dialog.locator('.edit-verdict[data-settled="true"]').waitFor()
  await assertNoSidewaysScroll(page)
  await dialog.getByRole('button', { name: 'Chuyển', exact: true }).tap()
  await dialog.waitFor({ state: 'detached' })
  await page.locator(`[data-away="${item}"]`).first().waitFor()

  await page.getByRole('button', { name: 'Vì sao không phát?' }).tap()
  await page.getByLabel('Tin/bài đã duyệt').click()
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option').first().click()
  await page.getByText('Tin/bài này có trong lịch.').waitFor()
  await page.goto(`${mock.url}/schedule?station=station-1&view=month&day=${nextWeek}`)
  await page.locator('.month-day').first().waitFor()
  await assertNoSidewaysScroll(page)
  for (const path of ['/hours', '/organisation', '/organisation?show=stations']) {
    await page.goto(mock.url + path)
    await page.waitForLoadState('networkidle')
    await assertNoSidewaysScroll(page)
  }
  session.assertClean()
  await session.close()
})

test("an item's play rules are written, kept and shown", async () => {
  const session = await openPage(browser, mock.url, wide)
  const { page } = session
  await signIn(session, mock.url, 'hoa', 'mock-password')
  await page.goto(`${mock.url}/library/new`)
  await page.getByLabel('Tên tin/bài').fill('Bài có quy tắc')
  await page.getByRole('button', { name: /Quy tắc phát/ }).click()
  await page.getByLabel('Cách nhau ít nhất').fill('48')
  await page.getByLabel('Không phát trước giờ').fill('6:30')
  await page.getByLabel('Nhiều nhất mỗi ngày').fill('1')
  await page.getByLabel('Loạt bài').fill('Một cửa')
  await page.getByLabel('Kỳ số').fill('2')
  await page.getByRole('button', { name: 'Tạo và tải âm thanh' }).click()
  await page.getByRole('heading', { name: 'Bài có quy tắc' }).waitFor()
  await page.getByText('Không phát trước 06:30').waitFor()
  await page.getByText('Loạt bài “Một cửa”, kỳ 2').waitFor()
  const made = mock.state.items.find(({ title }) => title === 'Bài có quy tắc')
  assert.equal(made.play_rules.least_gap_minutes, 48 * 60)
  assert.equal(made.play_rules.most_plays_a_day, 1)
  session.assertClean()
  await session.close()
})
