/** A calendar of special days, made or changed. */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, DatePicker, Form, Input, InputNumber, Select } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useTranslation } from 'react-i18next'
import { specialCalendarAdded, specialCalendarChanged } from '@/api/endpoints'
import type { SpecialCalendar, SpecialDay, Station } from '@/api/types'
import { useTemplates } from '@/app/queries'
import { minuteOf } from '@/lib/policy'
import { today } from '@/lib/time'
import { LaidDownForm, type LaidDownFields } from './laid_down'

interface SessionFields {
  title: string
  time: string
  minutes: number
  /** Empty: items from end to end. */
  template?: string
}

interface DayFields {
  date: Dayjs
  name: string
  kind: SpecialDay['kind']
  sessions?: SessionFields[]
}

interface Fields extends LaidDownFields {
  decision: string
  days: DayFields[]
}

/** Of a preset. */
export type CalendarDraft = Pick<SpecialCalendar, 'name' | 'decision' | 'days'>

const kinds = ['silent', 'sessions', 'as_usual'] as const satisfies readonly SpecialDay['kind'][]

const daysOf = (rows: readonly DayFields[]): SpecialDay[] =>
  rows
    .map(({ date, name, kind, sessions = [] }) => ({
      date: date.format('YYYY-MM-DD'),
      name: name.trim(),
      kind,
      sessions:
        kind === 'sessions'
          ? sessions.map(({ title, time, minutes, template = '' }) => ({
              title: title.trim(),
              start_time: time.trim().padStart(5, '0'),
              duration_seconds: Math.round(minutes * 60),
              template_id: template === '' ? null : template,
            }))
          : [],
    }))
    .sort((a, b) => a.date.localeCompare(b.date))

const rowsOf = (days: readonly SpecialDay[]): DayFields[] =>
  days.map(({ date, name, kind, sessions }) => ({
    date: dayjs(date),
    name,
    kind,
    sessions: sessions.map(({ title, start_time, duration_seconds, template_id }) => ({
      title,
      time: start_time.slice(0, 5),
      minutes: duration_seconds / 60,
      template: template_id ?? '',
    })),
  }))

interface SpecialDayFormProps {
  readonly station: Station
  /** Null: a new one. */
  readonly base: SpecialCalendar | null
  readonly draft: CalendarDraft | null
  readonly onDone: () => void
}

export function SpecialDayForm({ station, base, draft, onDone }: SpecialDayFormProps) {
  const { t } = useTranslation()
  const begun = base ?? draft
  const newDay = { date: dayjs(today(station.time_zone)), name: '', kind: 'silent' as const }
  return (
    <LaidDownForm<Fields>
      kind="special"
      station={station}
      base={base}
      initial={{
        name: begun?.name ?? '',
        decision: begun?.decision ?? '',
        days: begun === null ? [newDay] : rowsOf(begun.days),
      }}
      change={({ unit_id, name, decision, days }) =>
        base === null
          ? specialCalendarAdded(unit_id, name.trim(), decision.trim(), daysOf(days))
          : specialCalendarChanged(base, name.trim(), decision.trim(), daysOf(days))
      }
      onDone={onDone}
    >
      {draft !== null && <p className="note tone-warn">{t('special.preset_hint')}</p>}
      <Form.Item name="decision" label={t('hours.decision')} extra={t('hours.decision_hint')}>
        <Input.TextArea autoSize maxLength={400} />
      </Form.Item>
      <Form.List name="days">
        {(rows, { add, remove }) => (
          <fieldset className="window-rows">
            <legend>{t('special.days')}</legend>
            {rows.map((row, index) => (
              <div
                className="window-row"
                key={row.key}
                role="group"
                aria-label={t('special.day', { number: index + 1 })}
              >
                <DayRow name={row.name} />
                <Button type="text" danger icon={<DeleteOutlined />} onClick={() => remove(row.name)}>
                  {t('special.remove_day')}
                </Button>
              </div>
            ))}
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add(newDay)}>
              {t('special.add_day')}
            </Button>
          </fieldset>
        )}
      </Form.List>
    </LaidDownForm>
  )
}

/** What sessions at the calendar's unit can be made of: templates of that unit and those above. */
function useUsableTemplates(): { value: string; label: string }[] {
  const unit = Form.useWatch('unit_id', Form.useFormInstance<Fields>()) as string | undefined
  const templates = useTemplates(unit)
  return (templates.data ?? []).map(({ id, name }) => ({ value: id, label: name }))
}

function DayRow({ name }: { readonly name: number }) {
  const { t } = useTranslation()
  const form = Form.useFormInstance<Fields>()
  // Absent until the row is drawn.
  const kind = Form.useWatch(['days', name, 'kind'], form) as SpecialDay['kind'] | undefined
  const required = { required: true, message: t('form.required') }
  return (
    <>
      <div className="form-pair">
        <Form.Item name={[name, 'date']} label={t('special.date')} rules={[required]}>
          <DatePicker format="DD/MM/YYYY" allowClear={false} className="wide" />
        </Form.Item>
        <Form.Item
          name={[name, 'name']}
          label={t('special.day_name')}
          rules={[{ ...required, whitespace: true }]}
        >
          <Input maxLength={200} placeholder={t('special.day_example')} />
        </Form.Item>
      </div>
      <Form.Item name={[name, 'kind']} label={t('special.kind')}>
        <Select options={kinds.map((value) => ({ value, label: t(`special.kinds.${value}`) }))} />
      </Form.Item>
      {kind === 'sessions' && <SessionRows day={name} />}
    </>
  )
}

function SessionRows({ day }: { readonly day: number }) {
  const { t } = useTranslation()
  const templates = useUsableTemplates()
  const required = { required: true, message: t('form.required') }
  const clock = {
    validator: (_rule: unknown, value: string | undefined) =>
      minuteOf(value ?? '') === null ? Promise.reject(new Error(t('hours.clock_rule'))) : Promise.resolve(),
  }
  return (
    <Form.List name={[day, 'sessions']} initialValue={[{ title: '', time: '07:00', minutes: 15 }]}>
      {(rows, { add, remove }) => (
        <>
          {rows.map((row) => (
            <div className="special-session" key={row.key}>
              <Form.Item
                name={[row.name, 'title']}
                label={t('special.session')}
                rules={[{ ...required, whitespace: true }]}
              >
                <Input maxLength={200} />
              </Form.Item>
              <Form.Item name={[row.name, 'time']} label={t('special.time')} rules={[clock]}>
                <Input maxLength={5} inputMode="numeric" />
              </Form.Item>
              <Form.Item name={[row.name, 'minutes']} label={t('special.minutes')} rules={[required]}>
                <InputNumber min={1} max={720} precision={0} />
              </Form.Item>
              {templates.length > 0 && (
                <Form.Item
                  className="special-template"
                  name={[row.name, 'template']}
                  label={t('special.template')}
                  initialValue=""
                >
                  <Select options={[{ value: '', label: t('template.none') }, ...templates]} />
                </Form.Item>
              )}
              <Button
                type="text"
                danger
                icon={<DeleteOutlined />}
                aria-label={t('special.remove_session')}
                onClick={() => remove(row.name)}
              />
            </div>
          ))}
          <Button
            type="dashed"
            icon={<PlusOutlined />}
            onClick={() => add({ title: '', time: '17:00', minutes: 15 })}
          >
            {t('special.add_session')}
          </Button>
        </>
      )}
    </Form.List>
  )
}
