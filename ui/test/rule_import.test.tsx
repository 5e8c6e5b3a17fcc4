import { QueryClientProvider } from '@tanstack/react-query'
import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { App } from 'antd'
import { beforeEach, expect, test, vi } from 'vitest'
import type { RuleImportReport, SessionRule, Station } from '@/api/types'
import { queryClient } from '@/app/query_client'
import RuleImportDialog from '@/pages/hours/rule_import_dialog'

const station: Station = {
  id: 'station-a',
  unit_id: 'ward',
  code: 'A',
  name: 'Đài A',
  time_zone: 'Asia/Ho_Chi_Minh',
  clusters: [],
  agent_id: null,
  last_seen_at: null,
  clock_state: null,
  bundle_version: null,
  bundle_version_on_agent: null,
  next_session_at: null,
}
const rule = (title: string): SessionRule => ({
  id: title,
  station_id: station.id,
  title,
  rrule: 'FREQ=DAILY',
  start_date: '2026-12-01',
  start_time: '05:30',
  duration_seconds: 900,
  valid_from: '2026-12-01',
  valid_until: null,
  rdates: [],
  exdates: [],
  template_id: null,
})
const reportOf = (revision: string, removed: string[], applied = false): RuleImportReport => ({
  revision,
  applied,
  added: [],
  changed: [],
  removed: removed.map(rule),
  problems: [],
})

const sent = vi.fn<(url: string, init: RequestInit) => Promise<Response>>()
const answer = (status: number, body: unknown) =>
  Promise.resolve(new Response(JSON.stringify(body), { status }))
const isPreview = (url: string) => url.endsWith('/plan/preview')
const confirmations = () =>
  sent.mock.calls
    .filter(([url]) => !url.includes('dry_run=true') && !isPreview(url))
    .map(([, init]) => (init.headers as Record<string, string>)['If-Match'])

beforeEach(() => {
  queryClient.clear()
  sent.mockReset()
  vi.stubGlobal('fetch', sent)
})

test('what is confirmed names the rules that were shown; when they changed, the changes are shown anew', async () => {
  const person = userEvent.setup()
  const onClose = vi.fn()
  const previews = [reportOf('one', ['Buổi sáng']), reportOf('two', ['Buổi sáng', 'Buổi trưa'])]
  const verdicts = [
    () => answer(412, { title: 'Changed', status: 412, detail: 'changed meanwhile' }),
    () => answer(200, reportOf('three', ['Buổi sáng', 'Buổi trưa'], true)),
  ]
  sent.mockImplementation((url) =>
    isPreview(url)
      ? answer(200, { concerned: 0, stations: [] })
      : url.includes('dry_run=true')
        ? answer(200, previews.shift())
        : (verdicts.shift()?.() ?? answer(500, {})),
  )
  render(
    <App>
      <QueryClientProvider client={queryClient}>
        <RuleImportDialog station={station} onClose={onClose} />
      </QueryClientProvider>
    </App>,
  )
  const text = 'BEGIN:VCALENDAR'
  const file = new File([text], 'khung-gio.ics', { type: 'text/calendar' })
  file.text = () => Promise.resolve(text) // which jsdom lacks
  await person.upload(screen.getByLabelText('Tệp .ics'), file)
  await screen.findByText('Bỏ đi (1)')

  await person.click(screen.getByRole('button', { name: 'Thay khung giờ' }))
  await screen.findByText('Bỏ đi (2)')
  expect(screen.getByRole('alert').textContent).toContain('Xem lại các thay đổi rồi bấm lần nữa.')
  expect(onClose).not.toHaveBeenCalled()

  await person.click(screen.getByRole('button', { name: 'Thay khung giờ' }))
  await waitFor(() => {
    expect(onClose).toHaveBeenCalled()
  })
  expect(confirmations()).toEqual(['"one"', '"two"'])
  // What it would do to the schedule is asked of the same file and the same rules.
  const asked = sent.mock.calls.filter(([url]) => isPreview(url)).map(([, init]) => init.body as string)
  const change = { method: 'POST', path: '/stations/station-a/session-rules.ics', calendar: text }
  expect([...new Set(asked)].map((body) => JSON.parse(body) as unknown)).toEqual(
    ['"one"', '"two"'].map((if_match) => ({ change: { ...change, if_match } })),
  )
})
