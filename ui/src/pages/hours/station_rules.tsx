/** When a station goes on air: its repeating sessions, and a plain form for a new one. */
import { DeleteOutlined, DownloadOutlined, FileTextOutlined, PlusOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { App, Button, Checkbox, DatePicker, Form, Input, InputNumber, Select, TimePicker } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router-dom'
import {
  createSessionRule,
  deleteSessionRule,
  makeChange,
  ruleAdded,
  ruleRemoved,
  sessionRulesUrl,
  templateAssigned,
} from '@/api/endpoints'
import type { PlanningChange, SessionRule, SessionRuleInput, Station } from '@/api/types'
import { hoursChanged, useSessionRules, useTemplates, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { Answer, Empty, ProblemNotice } from '@/components/page'
import { PlanPreview, PreviewButton, PreviewDialog } from '@/components/plan_preview'
import { mayFor } from '@/lib/roles'
import { daysOfRule, ruleOfDays } from '@/lib/rrule'
import { isDate, showDate, showDuration, today, weekdays } from '@/lib/time'

const RuleImportDialog = lazy(() => import('./rule_import_dialog'))

export function StationRules({ station }: { readonly station: Station }) {
  const { t } = useTranslation()
  const user = useUser()
  const units = useUnits().data ?? []
  const [search, setSearch] = useSearchParams()
  const [adding, setAdding] = useState(search.get('add') === 'rule')
  const [importing, setImporting] = useState(false)
  const mayChange = mayFor(user, 'rules', station.unit_id, units)
  const rules = useSessionRules(station.id)
  return (
    <>
      <p className="quiet">{t('rules.lead', { zone: station.time_zone })}</p>
      <Answer query={rules}>
        {(data) =>
          data.length === 0 && !adding ? (
            <Empty
              title={t('rules.empty')}
              hint={mayChange ? t('rules.empty_hint') : t('rules.empty_hint_reader')}
            />
          ) : (
            <ul className="rule-list">
              {data.map((rule) => (
                <RuleRow key={rule.id} rule={rule} unit={station.unit_id} mayChange={mayChange} />
              ))}
            </ul>
          )
        }
      </Answer>
      {mayChange &&
        (adding ? (
          <RuleForm
            station={station}
            from={search.get('from')}
            onDone={() => {
              setAdding(false)
              setSearch({ station: station.id }, { replace: true })
            }}
          />
        ) : (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
            {t('rules.add')}
          </Button>
        ))}
      <p className="rule-files">
        <a href={sessionRulesUrl(station.id)} download={`khung-gio-${station.id}.ics`}>
          <DownloadOutlined aria-hidden="true" /> {t('rules.download')}
        </a>
        {mayChange && (
          <Button icon={<FileTextOutlined />} onClick={() => setImporting(true)}>
            {t('rules.import')}
          </Button>
        )}
      </p>
      {importing && (
        <Suspense fallback={null}>
          <RuleImportDialog station={station} onClose={() => setImporting(false)} />
        </Suspense>
      )}
    </>
  )
}

interface RuleRowProps {
  readonly rule: SessionRule
  readonly unit: string
  readonly mayChange: boolean
}

function RuleRow({ rule, unit, mayChange }: RuleRowProps) {
  const { t } = useTranslation()
  const [sure, setSure] = useState(false)
  const remove = useMutation({
    mutationFn: () => deleteSessionRule(rule.id),
    onSuccess: hoursChanged,
  })
  return (
    <li>
      <div>
        <RuleWords rule={rule} />
        <RuleTemplate rule={rule} unit={unit} mayChange={mayChange} />
        {remove.error !== null && <ProblemNotice error={remove.error} />}
      </div>
      {mayChange && (
        <Button
          danger
          type="text"
          icon={<DeleteOutlined />}
          aria-label={t('rules.delete')}
          loading={remove.isPending}
          onClick={() => setSure(true)}
        />
      )}
      {sure && (
        <PreviewDialog
          title={t('rules.delete_sure')}
          okText={t('rules.delete')}
          danger
          change={ruleRemoved(rule.id)}
          onOk={() => {
            setSure(false)
            remove.mutate()
          }}
          onCancel={() => setSure(false)}
        />
      )}
    </li>
  )
}

/** What the rule's sessions are made of; nothing where no template could be chosen. */
function RuleTemplate({ rule, unit, mayChange }: RuleRowProps) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const templates = useTemplates(unit).data ?? []
  /** Not yet confirmed; empty: none. */
  const [chosen, setChosen] = useState<string | null>(null)
  const assigned = (id: string) => templateAssigned(rule.id, id === '' ? null : id)
  const nameOf = (id: string) => templates.find((template) => template.id === id)?.name ?? t('template.none')
  const assign = useMutation({
    mutationFn: (id: string) => makeChange(assigned(id)),
    onSuccess: async () => {
      await hoursChanged()
      void message.success(t('template.assigned'))
    },
  })
  if (templates.length === 0 && rule.template_id === null) return null
  if (!mayChange) return <p className="quiet">{templates.find(({ id }) => id === rule.template_id)?.name}</p>
  return (
    <>
      <Select
        className="rule-template"
        aria-label={t('template.of_rule', { title: rule.title })}
        value={rule.template_id ?? ''}
        loading={assign.isPending}
        onChange={setChosen}
        options={[
          { value: '', label: t('template.none') },
          ...templates.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      {assign.error !== null && <ProblemNotice error={assign.error} />}
      {chosen !== null && (
        <PreviewDialog
          title={t('template.assign_sure', { title: rule.title, name: nameOf(chosen) })}
          okText={t('template.assign')}
          change={assigned(chosen)}
          onOk={() => {
            setChosen(null)
            assign.mutate(chosen)
          }}
          onCancel={() => setChosen(null)}
        />
      )}
    </>
  )
}

/** What a rule says, in two lines. */
export function RuleWords({ rule }: { readonly rule: SessionRule }) {
  const { t } = useTranslation()
  const days = daysOfRule(rule.rrule)
  return (
    <>
      <strong>
        {rule.start_time} · {rule.title}
      </strong>
      <br />
      {days === null ? <code>{rule.rrule}</code> : days.map((day) => t(`weekday_short.${day}`)).join(', ')}
      <span className="quiet">
        {' · '}
        {showDuration(rule.duration_seconds * 1000)}
        <br />
        {rule.valid_until === null
          ? t('common.from_day', { from: showDate(rule.valid_from) })
          : t('common.days', { from: showDate(rule.valid_from), until: showDate(rule.valid_until) })}
      </span>
    </>
  )
}

interface Fields {
  title: string
  days: number[]
  time: Dayjs
  minutes: number
  from: Dayjs
}

interface RuleFormProps {
  readonly station: Station
  /** First day that a link to here asks for. */
  readonly from: string | null
  readonly onDone: () => void
}

function ruleOf(fields: Fields): SessionRuleInput {
  const first = fields.from.format('YYYY-MM-DD')
  return {
    title: fields.title.trim(),
    rrule: ruleOfDays(fields.days),
    start_date: first,
    start_time: fields.time.format('HH:mm'),
    duration_seconds: fields.minutes * 60,
    valid_from: first,
    valid_until: null,
  }
}

function RuleForm({ station, from, onDone }: RuleFormProps) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const [form] = Form.useForm<Fields>()
  const [asked, setAsked] = useState<PlanningChange | null>(null)
  const create = useMutation({
    mutationFn: (fields: Fields) => createSessionRule(station.id, ruleOf(fields)),
    onSuccess: async () => {
      await hoursChanged()
      void message.success(t('rules.added'))
      onDone()
    },
  })
  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      className="panel rule-form"
      onValuesChange={() => setAsked(null)}
      onFinish={(fields) => create.mutate(fields)}
      initialValues={{
        title: '',
        days: [0, 1, 2, 3, 4],
        time: dayjs('2000-01-01T05:30'),
        minutes: 15,
        from: dayjs(from !== null && isDate(from) ? from : today(station.time_zone)),
      }}
    >
      {create.error !== null && <ProblemNotice error={create.error} />}
      <Form.Item
        name="title"
        label={t('rules.name')}
        rules={[{ required: true, whitespace: true, message: t('form.required') }]}
      >
        <Input maxLength={200} placeholder={t('rules.name_example')} />
      </Form.Item>
      <Form.Item
        name="days"
        label={t('rules.days')}
        rules={[{ required: true, message: t('form.required') }]}
      >
        <Checkbox.Group options={weekdays.map((day) => ({ value: day, label: t(`weekday_short.${day}`) }))} />
      </Form.Item>
      <div className="form-pair">
        <Form.Item
          name="time"
          label={t('rules.time')}
          rules={[{ required: true, message: t('form.required') }]}
        >
          <TimePicker format="HH:mm" allowClear={false} needConfirm={false} className="wide" />
        </Form.Item>
        <Form.Item
          name="minutes"
          label={t('rules.minutes')}
          rules={[{ required: true, message: t('form.required') }]}
        >
          <InputNumber min={1} max={720} precision={0} className="wide" />
        </Form.Item>
      </div>
      <Form.Item
        name="from"
        label={t('rules.from')}
        rules={[{ required: true, message: t('form.required') }]}
      >
        <DatePicker format="DD/MM/YYYY" allowClear={false} className="wide" />
      </Form.Item>
      {asked !== null && (
        <PlanPreview asked={{ change: asked }} isMade={create.isPending || create.isSuccess} />
      )}
      <div className="form-buttons">
        <Button type="primary" htmlType="submit" loading={create.isPending}>
          {t('rules.add')}
        </Button>
        <PreviewButton form={form} onAsk={(fields) => setAsked(ruleAdded(station.id, ruleOf(fields)))} />
        <Button onClick={onDone}>{t('common.cancel')}</Button>
      </div>
    </Form>
  )
}
