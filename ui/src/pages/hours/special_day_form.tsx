/** A calendar of special days, made or changed. */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { App, Button, DatePicker, Form, Input, InputNumber, Select } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { changeSpecialCalendar, createSpecialCalendar } from '@/api/endpoints'
import type { SpecialCalendar, SpecialDay, Station } from '@/api/types'
import { hoursChanged, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { ProblemNotice } from '@/components/page'
import { UnitSelect } from '@/components/unit_select'
import { minuteOf } from '@/lib/policy'
import { lineage, unitsFor } from '@/lib/roles'
import { today } from '@/lib/time'

interface SessionFields {
  title: string
  time: string
  minutes: number
}

interface DayFields {
  date: Dayjs
  name: string
  kind: SpecialDay['kind']
  sessions?: SessionFields[]
}

interface Fields {
  unit_id: string
  name: string
  decision: string
  days: DayFields[]
}

const kinds = ['silent', 'sessions', 'as_usual'] as const satisfies readonly SpecialDay['kind'][]

const daysOf = (rows: readonly DayFields[]): SpecialDay[] =>
  rows
    .map(({ date, name, kind, sessions = [] }) => ({
      date: date.format('YYYY-MM-DD'),
      name: name.trim(),
      kind,
      sessions:
        kind === 'sessions'
          ? sessions.map(({ title, time, minutes }) => ({
              title: title.trim(),
              start_time: time.trim().padStart(5, '0'),
              duration_seconds: Math.round(minutes * 60),
            }))
          : [],
    }))
    .sort((a, b) => a.date.localeCompare(b.date))

const rowsOf = (days: readonly SpecialDay[]): DayFields[] =>
  days.map(({ date, name, kind, sessions }) => ({
    date: dayjs(date),
    name,
    kind,
    sessions: sessions.map(({ title, start_time, duration_seconds }) => ({
      title,
      time: start_time.slice(0, 5),
      minutes: duration_seconds / 60,
    })),
  }))

interface SpecialDayFormProps {
  readonly station: Station
  /** Null: a new one. */
  readonly base: SpecialCalendar | null
  readonly onDone: () => void
}

export function SpecialDayForm({ station, base, onDone }: SpecialDayFormProps) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const user = useUser()
  const units = useUnits().data
  const unit = station.unit_id
  const allowed = useMemo(
    () => new Set(unitsFor(user, 'rules', units ?? []).map(({ id }) => id)),
    [user, units],
  )
  const save = useMutation({
    mutationFn: ({ unit_id, name, decision, days }: Fields) =>
      base === null
        ? createSpecialCalendar(unit_id, name.trim(), decision.trim(), daysOf(days))
        : changeSpecialCalendar(base, name.trim(), decision.trim(), daysOf(days)),
    onSuccess: async () => {
      await hoursChanged()
      void message.success(t('special.saved'))
      onDone()
    },
  })
  const newDay = { date: dayjs(today(station.time_zone)), name: '', kind: 'silent' as const }
  return (
    <Form<Fields>
      layout="vertical"
      requiredMark={false}
      className="policy-form"
      scrollToFirstError={{ focus: true }}
      onFinish={(fields) => save.mutate(fields)}
      initialValues={{
        unit_id: allowed.has(unit) ? unit : lineage(unit, units ?? []).find((above) => allowed.has(above)),
        name: base?.name ?? '',
        decision: base?.decision ?? '',
        days: base === null ? [newDay] : rowsOf(base.days),
      }}
    >
      <h3>{base === null ? t('special.add') : t('special.edit_name', { name: base.name })}</h3>
      {save.error !== null && <ProblemNotice error={save.error} />}
      {base === null && (
        <Form.Item
          name="unit_id"
          label={t('hours.unit')}
          extra={t('special.unit_hint')}
          rules={[{ required: true, message: t('common.choose_unit') }]}
        >
          <UnitSelect allowed={allowed} allowClear={false} />
        </Form.Item>
      )}
      <Form.Item
        name="name"
        label={t('special.name')}
        rules={[{ required: true, whitespace: true, message: t('form.required') }]}
      >
        <Input maxLength={200} placeholder={t('special.name_example')} />
      </Form.Item>
      <Form.Item name="decision" label={t('hours.decision')} extra={t('hours.decision_hint')}>
        <Input maxLength={400} />
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
      <div className="form-buttons">
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {t('special.save')}
        </Button>
        <Button onClick={onDone}>{t('common.cancel')}</Button>
      </div>
    </Form>
  )
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
