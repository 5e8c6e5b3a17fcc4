/** A new hours policy for a unit; policies are dated and never changed, a later one takes over. */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { App, Button, Checkbox, DatePicker, Form, Input, InputNumber } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createPolicy, policyAdded } from '@/api/endpoints'
import type { HoursPolicy, PlanningChange } from '@/api/types'
import { hoursChanged, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { ProblemNotice } from '@/components/page'
import { PlanPreview, PreviewButton } from '@/components/plan_preview'
import { UnitSelect } from '@/components/unit_select'
import { minuteOf, overlaps, rowsOfWeek, weekOfRows, type WindowRow } from '@/lib/policy'
import { lineage, unitsFor } from '@/lib/roles'
import { today, weekdays } from '@/lib/time'

interface ExceptionFields {
  date?: Dayjs
  from?: string
  until?: string
  decision?: string
}

interface Fields {
  unit_id: string
  name: string
  decision: string
  valid_from: Dayjs
  valid_until: Dayjs | null
  windows: WindowRow[]
  sessions_per_day: number
  session_minutes: number
  own_minutes: number
  exceptions: ExceptionFields[]
}

interface PolicyFormProps {
  readonly unit: string
  readonly base: HoursPolicy | null
  readonly onDone: () => void
}

const newRow: WindowRow = { days: [0, 1, 2, 3, 4, 5, 6], from: '05:00', until: '21:00' }

function policyOf(fields: Fields): HoursPolicy {
  return {
    name: fields.name.trim(),
    decision: fields.decision.trim(),
    valid_from: fields.valid_from.format('YYYY-MM-DD'),
    valid_until: fields.valid_until?.format('YYYY-MM-DD') ?? null,
    week: weekOfRows(fields.windows),
    exceptions: fields.exceptions.flatMap(({ date, from = '', until = '', decision = '' }) => {
      if (date === undefined) return []
      const [from_minute, until_minute] = [minuteOf(from), minuteOf(until)]
      const windows = from_minute === null || until_minute === null ? [] : [{ from_minute, until_minute }]
      return [{ date: date.format('YYYY-MM-DD'), windows, decision: decision.trim() }]
    }),
    sessions_per_day: fields.sessions_per_day,
    session_seconds: fields.session_minutes * 60,
    own_seconds: fields.own_minutes * 60,
  }
}

export function PolicyForm({ unit, base, onDone }: PolicyFormProps) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const user = useUser()
  const units = useUnits().data
  const [form] = Form.useForm<Fields>()
  const [asked, setAsked] = useState<PlanningChange | null>(null)
  const allowed = useMemo(
    () => new Set(unitsFor(user, 'administer', units ?? []).map(({ id }) => id)),
    [user, units],
  )
  const save = useMutation({
    mutationFn: (fields: Fields) => createPolicy(fields.unit_id, policyOf(fields)),
    onSuccess: async () => {
      await hoursChanged()
      void message.success(t('hours.added'))
      onDone()
    },
  })
  const required = { required: true, message: t('form.required') }
  const clock = {
    validator: (_rule: unknown, value: string | undefined) =>
      minuteOf(value ?? '') === null ? Promise.reject(new Error(t('hours.clock_rule'))) : Promise.resolve(),
  }
  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      requiredMark={false}
      className="policy-form"
      scrollToFirstError={{ focus: true }}
      onFinish={(fields) => save.mutate(fields)}
      onValuesChange={() => setAsked(null)}
      initialValues={{
        unit_id: allowed.has(unit) ? unit : lineage(unit, units ?? []).find((above) => allowed.has(above)),
        name: base?.name ?? '',
        decision: base?.decision ?? '',
        valid_from: dayjs(today()),
        valid_until: null,
        windows: base === null ? [newRow] : rowsOfWeek(base.week),
        sessions_per_day: base?.sessions_per_day ?? 2,
        session_minutes: (base?.session_seconds ?? 900) / 60,
        own_minutes: (base?.own_seconds ?? 0) / 60,
        exceptions: [],
      }}
    >
      <h3>{t('hours.add_policy')}</h3>
      {save.error !== null && <ProblemNotice error={save.error} />}
      <Form.Item
        name="unit_id"
        label={t('hours.unit')}
        extra={t('hours.unit_hint')}
        rules={[{ required: true, message: t('common.choose_unit') }]}
      >
        <UnitSelect allowed={allowed} allowClear={false} />
      </Form.Item>
      <Form.Item name="name" label={t('hours.name')} rules={[{ ...required, whitespace: true }]}>
        <Input maxLength={400} />
      </Form.Item>
      <Form.Item name="decision" label={t('hours.decision')} extra={t('hours.decision_hint')}>
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={400} />
      </Form.Item>
      <div className="form-pair">
        <Form.Item name="valid_from" label={t('rules.from')} rules={[required]}>
          <DatePicker format="DD/MM/YYYY" allowClear={false} className="wide" />
        </Form.Item>
        <Form.Item name="valid_until" label={t('hours.until')}>
          <DatePicker format="DD/MM/YYYY" className="wide" placeholder={t('item.endless')} />
        </Form.Item>
      </div>
      <Form.List
        name="windows"
        rules={[
          {
            validator: (_rule, rows: WindowRow[]) =>
              overlaps(weekOfRows(rows)) ? Promise.reject(new Error(t('hours.overlap'))) : Promise.resolve(),
          },
        ]}
      >
        {(rows, { add, remove }, { errors }) => (
          <fieldset className="window-rows">
            <legend>{t('hours.windows')}</legend>
            <p className="quiet">{t('hours.windows_hint')}</p>
            {rows.map(({ key, name }) => (
              <div key={key} className="window-row">
                <Form.Item name={[name, 'days']} label={t('rules.days')} rules={[required]}>
                  <Checkbox.Group
                    options={weekdays.map((day) => ({ value: day, label: t(`weekday_short.${day}`) }))}
                  />
                </Form.Item>
                <div className="window-times">
                  <Form.Item name={[name, 'from']} label={t('hours.from_clock')} rules={[clock]}>
                    <Input inputMode="numeric" maxLength={5} placeholder="05:00" />
                  </Form.Item>
                  <Form.Item
                    name={[name, 'until']}
                    label={t('hours.until_clock')}
                    dependencies={[['windows', name, 'from']]}
                    rules={[
                      clock,
                      {
                        validator: (_rule, value: string) => {
                          const from = minuteOf(
                            (form.getFieldValue(['windows', name, 'from']) as string | undefined) ?? '',
                          )
                          const until = minuteOf(value)
                          return from !== null && until !== null && until <= from
                            ? Promise.reject(new Error(t('hours.reversed')))
                            : Promise.resolve()
                        },
                      },
                    ]}
                  >
                    <Input inputMode="numeric" maxLength={5} placeholder="21:00" />
                  </Form.Item>
                  <Button
                    type="text"
                    danger
                    icon={<DeleteOutlined />}
                    aria-label={t('hours.remove_window')}
                    onClick={() => remove(name)}
                  />
                </div>
              </div>
            ))}
            <Form.ErrorList errors={errors} />
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add(newRow)}>
              {t('hours.add_window')}
            </Button>
          </fieldset>
        )}
      </Form.List>
      <div className="form-pair">
        <Form.Item
          name="sessions_per_day"
          label={t('hours.most_sessions')}
          extra={t('hours.zero_is_free')}
          rules={[required]}
        >
          <InputNumber min={0} max={1440} precision={0} className="wide" />
        </Form.Item>
        <Form.Item
          name="session_minutes"
          label={t('hours.most_minutes')}
          extra={t('hours.zero_is_free')}
          rules={[required]}
        >
          <InputNumber min={0} max={1440} precision={0} className="wide" />
        </Form.Item>
        <Form.Item
          name="own_minutes"
          label={t('hours.most_own')}
          extra={t('hours.zero_is_free')}
          rules={[required]}
        >
          <InputNumber min={0} max={1440} precision={0} className="wide" />
        </Form.Item>
      </div>
      <Form.List name="exceptions">
        {(rows, { add, remove }) => (
          <fieldset className="window-rows">
            <legend>{t('hours.exceptions')}</legend>
            <p className="quiet">{t('hours.exceptions_hint')}</p>
            {rows.map(({ key, name }) => (
              <div key={key} className="window-row">
                <div className="window-times">
                  <Form.Item name={[name, 'date']} label={t('hours.date')} rules={[required]}>
                    <DatePicker format="DD/MM/YYYY" className="wide" />
                  </Form.Item>
                  <Form.Item name={[name, 'from']} label={t('hours.from_clock')}>
                    <Input inputMode="numeric" maxLength={5} />
                  </Form.Item>
                  <Form.Item name={[name, 'until']} label={t('hours.until_clock')}>
                    <Input inputMode="numeric" maxLength={5} />
                  </Form.Item>
                  <Button
                    type="text"
                    danger
                    icon={<DeleteOutlined />}
                    aria-label={t('hours.remove_exception')}
                    onClick={() => remove(name)}
                  />
                </div>
                <Form.Item
                  name={[name, 'decision']}
                  label={t('hours.decision')}
                  rules={[{ ...required, whitespace: true }]}
                >
                  <Input maxLength={400} />
                </Form.Item>
              </div>
            ))}
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({})}>
              {t('hours.add_exception')}
            </Button>
          </fieldset>
        )}
      </Form.List>
      {asked !== null && <PlanPreview asked={{ change: asked }} isMade={save.isPending || save.isSuccess} />}
      <div className="form-buttons">
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {t('hours.save_policy')}
        </Button>
        <PreviewButton
          form={form}
          onAsk={(fields) => setAsked(policyAdded(fields.unit_id, policyOf(fields)))}
        />
        <Button onClick={onDone}>{t('common.cancel')}</Button>
      </div>
    </Form>
  )
}
