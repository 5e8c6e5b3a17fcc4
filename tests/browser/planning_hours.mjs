/**
 * Of planning.test.mjs, on the same district: the page of hours, where a station's sessions come from. Session rules as .ics, templates, relay
 * sources, presets and special days are written there, and the schedule follows.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { assertNoSidewaysScroll, openPage, phone, signIn, wide } from './browser.mjs'
import { picture } from './planning_changes.mjs'

/** By keyboard: what is chosen already lies over the field. */
async function choose(page, row, label, option) {
  await row.getByRole('combobox', { name: label }).focus()
  await page.keyboard.press('ArrowDown')
  await page.locator('.ant-select-dropdown:visible').getByTitle(option, { exact: true }).click()
}

/** `at()` is what planning.test.mjs works with: district, station, browser, origin, schedule. */
export function testHours(at) {
  async function openHours() {
    const { district, station, browser, origin } = at()
    const session = await openPage(browser, origin, phone)
    await signIn(session, origin, district.adminName, district.adminPassword)
    await session.page.goto(`${origin}/hours?station=${station.id}`)
    return session
  }

  test("a station's session rules are saved as .ics, and what a file changes is seen first", async () => {
    const { district, station } = at()
    const session = await openHours()
    const { page } = session
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Tải khung giờ (.ics)' }).click()
    const saved = await readFile(await (await download).path(), 'utf8')
    assert.match(saved, /^BEGIN:VCALENDAR\r\n/)
    const give = async (text) => {
      const buffer = Buffer.from(text)
      await page
        .getByLabel('Tệp .ics')
        .setInputFiles({ name: 'khung-gio.ics', mimeType: 'text/calendar', buffer })
    }
    await page.getByRole('button', { name: 'Nhập từ .ics' }).click()
    await give('BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Hỏng\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n')
    await page.getByText('Chưa nhập gì').waitFor()
    await give(saved)
    await page.getByText('không có gì để thay').waitFor()
    await give(saved.replace(/(BEGIN:VEVENT[\s\S]*?\r\nSUMMARY:)[^\r]*/, '$1Buổi sớm mai'))
    await page.getByRole('heading', { name: 'Thay đổi (1)' }).waitFor()
    await page.getByRole('dialog').locator(`[data-preview="${station.id}"]`).waitFor()
    await picture(page, 'preview-ics')
    await assertNoSidewaysScroll(page)
    await page.getByRole('button', { name: 'Thay khung giờ' }).click()
    await page.getByText('Đã thay khung giờ').waitFor()
    const { items } = await district.admin.get(`/stations/${station.id}/session-rules`)
    assert.equal(items.filter(({ title }) => title === 'Buổi sớm mai').length, 1)
    session.assertClean()
    await session.close()
  })

  test('a template is made, given to a session rule, and stands in the schedule', async () => {
    const { station, origin, nextWeek, schedule } = at()
    const session = await openHours()
    const { page } = session
    await page.getByRole('button', { name: 'Thêm kết cấu' }).click()
    await page.getByLabel('Tên kết cấu').fill('Sáng có tiếp sóng')
    const part = (number) => page.getByRole('group', { name: `Phần ${number}`, exact: true })
    await part(2).getByRole('button', { name: 'Bỏ phần này' }).click()
    await choose(page, part(1), 'Loại', 'Tiếp sóng')
    await part(1).getByLabel('Đài hoặc địa chỉ được tiếp').fill('VOV1')
    await part(1).getByLabel('Bắt đầu đúng phút:giây').fill('5 phút')
    await part(1).getByLabel('Thời lượng (phút:giây)').fill('05:00')
    await page.getByRole('button', { name: 'Lưu kết cấu' }).click()
    await page.getByText('Ghi phút:giây, ví dụ 05:00').waitFor()
    await part(1).getByLabel('Bắt đầu đúng phút:giây').fill('00:00')
    await assertNoSidewaysScroll(page)
    // No rule uses it yet, so that no schedule would change.
    await page.getByRole('button', { name: 'Xem lịch sẽ đổi thế nào' }).click()
    await page.locator('.plan-preview').getByText('không thay đổi').first().waitFor()
    await page.getByRole('button', { name: 'Lưu kết cấu' }).click()
    await page.getByText('Đã lưu kết cấu').waitFor()

    // A session of 75 seconds has no five minutes: the notices may go, the relay may not.
    const sure = page.getByRole('dialog')
    await choose(page, page, 'Kết cấu của “Buổi chiều”', 'Sáng có tiếp sóng')
    await sure.getByText('không vừa buổi phát').waitFor()
    session.expectError(/status of 400/)
    await picture(page, 'preview-template-refused')
    await sure.getByRole('button', { name: /Hủy|Huỷ/ }).click()
    await sure.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Sửa kết cấu “Sáng có tiếp sóng”' }).click()
    await part(1).getByLabel('Thời lượng (phút:giây)').fill('00:20')
    await page.getByRole('button', { name: 'Lưu kết cấu' }).click()
    await page.getByText('00:20', { exact: false }).first().waitFor()
    await choose(page, page, 'Kết cấu của “Buổi chiều”', 'Sáng có tiếp sóng')
    await sure.locator(`[data-preview="${station.id}"] summary`).click()
    await picture(page, 'preview-template')
    await assertNoSidewaysScroll(page)
    await sure.getByRole('button', { name: 'Đổi kết cấu' }).click()
    await page.getByText('Đã đổi kết cấu').waitFor()
    await assertNoSidewaysScroll(page)

    await page.goto(`${origin}/schedule?station=${station.id}&day=${nextWeek}`)
    await page.locator('.session-relay', { hasText: 'Tiếp sóng VOV1' }).first().waitFor()
    const { sessions } = await schedule()
    const evening = sessions.find(({ relays }) => relays.length > 0)
    assert.equal(evening.relays[0].starts_at, evening.starts_at)
    assert.equal(evening.capacity_ms, 70_000)
    for (const { starts_at, tune } of evening.items) {
      assert.equal(tune, false)
      assert.ok(Date.parse(starts_at) >= Date.parse(evening.starts_at) + 20_000)
    }
    session.assertClean()
    await session.close()
  })

  test('a relay source is written, consented to by an approver alone, and named in a template', async () => {
    const { district, station, browser, origin } = at()
    const session = await openHours()
    const { page } = session
    await page.getByRole('button', { name: 'Thêm nguồn tiếp sóng' }).click()
    await page.getByLabel('Tên nguồn').fill('Đài huyện')
    await page.getByLabel('Địa chỉ chính').fill('file:///etc/passwd')
    await page.getByRole('button', { name: 'Lưu nguồn' }).click()
    await page.locator('.relay-form [role=alert]').first().waitFor()
    session.expectError(/status of 400/)
    await page.getByLabel('Địa chỉ chính').fill('https://phat.example.vn/huyen.mp3')
    await page.getByRole('button', { name: 'Thêm địa chỉ dự phòng' }).click()
    await page.getByLabel('Địa chỉ 2, khi các địa chỉ trước hỏng').fill('http://10.0.0.1:8000/huyen')
    await assertNoSidewaysScroll(page)
    await page.getByRole('button', { name: 'Lưu nguồn' }).click()
    const entry = page.locator('[data-relay-source]')
    await entry.getByText('Chưa duyệt').waitFor()
    assert.equal(await entry.getByRole('button', { name: 'Duyệt Đài huyện' }).count(), 0)
    await assertNoSidewaysScroll(page)

    const approver = await openPage(browser, origin, wide)
    await signIn(approver, origin, 'phe.duyet', district.passwords['phe.duyet'])
    await approver.page.goto(`${origin}/hours?station=${station.id}`)
    await approver.page.getByRole('button', { name: 'Duyệt Đài huyện' }).click()
    await approver.page.locator('.ant-popconfirm').getByRole('button', { name: 'Duyệt', exact: true }).click()
    await approver.page.getByText('Lê Thị Duyệt duyệt').waitFor()
    approver.assertClean()
    await approver.close()

    await page.reload()
    await entry.getByText('Đã duyệt', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Thêm kết cấu' }).click()
    await page.getByLabel('Tên kết cấu').fill('Tiếp đài huyện')
    const part = page.getByRole('group', { name: 'Phần 1', exact: true })
    await choose(page, part, 'Loại', 'Tiếp sóng')
    await choose(page, part, 'Nguồn tiếp sóng', 'Đài huyện')
    assert.equal(await part.getByLabel('Đài hoặc địa chỉ được tiếp').count(), 0)
    await part.getByLabel('Bắt đầu đúng phút:giây').fill('00:00')
    await part.getByLabel('Thời lượng (phút:giây)').fill('00:20')
    await page.getByRole('button', { name: 'Lưu kết cấu' }).click()
    await page.getByText('Đã lưu kết cấu').waitFor()
    const relay = (await district.admin.get(`/relays?unit=${station.unit_id}`)).items[0]
    const templates = (await district.admin.get(`/templates?unit=${station.unit_id}`)).items
    const made = templates.find(({ name }) => name === 'Tiếp đài huyện')
    assert.equal(made.parts[0].relay_id, relay.id)
    assert.equal(made.parts[0].source, 'Đài huyện')

    // Any edit is to something that nobody has consented to.
    await page.getByRole('button', { name: 'Sửa Đài huyện' }).click()
    await page.getByLabel('Im lặng tối đa (giây)').fill('30')
    await page.getByRole('button', { name: 'Lưu nguồn' }).click()
    await entry.getByText('Đã sửa sau khi duyệt').waitFor()
    assert.equal((await district.admin.get(`/relays?unit=${station.unit_id}`)).items[0].approved, false)

    // A sender of RTP gives out a description: the address and the format come from it.
    await page.getByRole('button', { name: 'Sửa Đài huyện' }).click()
    await choose(page, page.locator('.relay-form'), 'Loại', 'RTP')
    await page.getByRole('button', { name: 'Bỏ địa chỉ 2' }).click()
    const description = page.getByLabel('Dán tệp .sdp')
    await description.fill('v=0')
    await page.getByText('Không thấy luồng âm thanh RTP nào').waitFor()
    await description.fill(
      'v=0\r\nc=IN IP4 239.192.0.1/8\r\nm=audio 5004 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n',
    )
    assert.equal(await page.getByLabel('Địa chỉ chính').inputValue(), 'rtp://239.192.0.1:5004')
    await assertNoSidewaysScroll(page)
    await page.getByRole('button', { name: 'Lưu nguồn' }).click()
    await entry.getByText('Kiểu tải 96 opus/48000/2').waitFor()
    const received = (await district.admin.get(`/relays?unit=${station.unit_id}`)).items[0]
    assert.deepEqual([received.addresses, received.rtpmap], [['rtp://239.192.0.1:5004'], '96 opus/48000/2'])
    session.assertClean()
    await session.close()
  })

  test('presets begin a template and a calendar of the next year', async () => {
    const { district, station, nextWeek } = at()
    const session = await openHours()
    const { page } = session
    await choose(page, page, 'Lập từ mẫu có sẵn', 'Buổi 15 phút (phường thuộc quận)')
    await page.getByText('Vừa mức 15 phút một buổi').waitFor()
    // No tune is approved yet: the form says that it lacks, and the part may go.
    await page.getByRole('button', { name: 'Lưu kết cấu' }).click()
    await page.getByText('Mục này không được để trống').first().waitFor()
    for (const part of ['Phần 1', 'Phần 5']) {
      const row = page.getByRole('group', { name: part, exact: true })
      await row.getByRole('button', { name: 'Bỏ phần này' }).click()
    }
    await assertNoSidewaysScroll(page)
    await page.getByRole('button', { name: 'Lưu kết cấu' }).click()
    await page.getByText('Đã lưu kết cấu').waitFor()

    const year = String(Number(nextWeek.slice(0, 4)) + 1)
    await choose(page, page, 'Lập từ lịch mẫu của năm', `Ngày lễ lớn: một buổi chào mừng lúc 7 giờ ${year}`)
    await page.getByText('Đối chiếu rồi sửa trước khi lưu').waitFor()
    const row = page.getByRole('group', { name: 'Ngày 1', exact: true })
    assert.equal(await row.getByLabel('Tên ngày').inputValue(), 'Tết Dương lịch')
    await choose(page, row, 'Kết cấu', 'Buổi 15 phút (phường thuộc quận)')
    await assertNoSidewaysScroll(page)
    await page.getByRole('button', { name: 'Lưu lịch' }).click()
    await page.getByText('Đã lưu. Lịch phát đang được lập lại.').waitFor()
    await assertNoSidewaysScroll(page)
    const calendar = (await district.admin.get(`/special-calendars?unit=${station.unit_id}`)).items[0]
    assert.equal(calendar.days[0].date, `${year}-01-01`)
    assert.notEqual(calendar.days[0].sessions[0].template_id, null)
    assert.equal(calendar.days[1].sessions[0].template_id, null)
    session.assertClean()
    await session.close()
  })

  test('a special day takes the place of the session rules, and the schedule says so', async () => {
    const { station, origin, nextWeek, schedule } = at()
    const session = await openHours()
    const { page } = session
    await page.getByRole('button', { name: 'Thêm lịch ngày đặc biệt' }).click()
    await page.getByLabel('Tên lịch').fill('Ngày lễ')
    const row = page.getByRole('group', { name: 'Ngày 1', exact: true })
    const [year, month, dayOfMonth] = nextWeek.split('-')
    await row.getByLabel('Ngày', { exact: true }).fill(`${dayOfMonth}/${month}/${year}`)
    await page.keyboard.press('Enter')
    await row.getByLabel('Tên ngày').fill('Quốc khánh')
    await choose(page, row, 'Ngày đó', 'Buổi riêng')
    await row.getByLabel('Tên buổi').fill('Chào mừng')
    await row.getByLabel('Giờ', { exact: true }).fill('07:00')
    await choose(page, row, 'Kết cấu', 'Buổi 15 phút (phường thuộc quận)')
    await assertNoSidewaysScroll(page)
    await page.getByRole('button', { name: 'Xem lịch sẽ đổi thế nào' }).click()
    const told = page.locator(`[data-preview="${station.id}"]`)
    await told.locator('summary', { hasText: 'bớt 3 buổi phát' }).click()
    await told.locator('[data-kind="sessions_added"] li', { hasText: '07:00 Chào mừng' }).waitFor()
    await told.scrollIntoViewIfNeeded()
    await picture(page, 'preview-special')
    await assertNoSidewaysScroll(page)
    await page.getByRole('button', { name: 'Lưu lịch' }).click()
    await page.getByText('Đã lưu. Lịch phát đang được lập lại.').waitFor()
    await assertNoSidewaysScroll(page)
    // What taking it away would bring back is asked first.
    await page.getByRole('button', { name: 'Xóa lịch “Ngày lễ”' }).click()
    const sure = page.getByRole('dialog')
    await sure.locator('summary', { hasText: 'thêm 3 buổi phát' }).waitFor()
    await sure.getByRole('button', { name: /Hủy|Huỷ/ }).click()

    await page.goto(`${origin}/schedule?station=${station.id}&day=${nextWeek}`)
    await page.locator(`[data-special-day="${nextWeek}"]`, { hasText: 'Quốc khánh' }).waitFor()
    await page.locator('.session-title', { hasText: 'Chào mừng' }).first().waitFor()
    await page.locator('[data-part="reform_column"]').first().waitFor()
    const { sessions } = await schedule()
    assert.deepEqual(
      sessions.map(({ title }) => title),
      ['Chào mừng'],
    )
    session.assertClean()
    await session.close()
  })
}
