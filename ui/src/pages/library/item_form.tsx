/** Title, topics, validity, scope, priority, play rules and script of an item; for a new one and for a change. */
import { Button, Checkbox, DatePicker, Form, Input, Radio, Select } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { allPriorities, type Item, type ItemInput, type PlanningChange, type Priority } from '@/api/types'
import { useTopics, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { PlanPreview, PreviewButton } from '@/components/plan_preview'
import { UnitSelect } from '@/components/unit_select'
import { isKnownTopicGroup, topicsByGroup, useVietnamese } from '@/components/words'
import { fieldsOfRules, noPlayRules, rulesOfFields, type PlayRuleFields } from '@/lib/play_rules'
import { unitsFor } from '@/lib/roles'
import { matches } from '@/lib/text'
import { isDate, today } from '@/lib/time'
import { PlayRulesFields } from './play_rules_fields'

interface Fields {
  title: string
  topics: string[]
  unit_id: string
  scope_unit_id: string
  valid_from: Dayjs
  endless: boolean
  valid_until: Dayjs | null
  priority: Priority
  script: string
  rules: PlayRuleFields
}

interface ItemFormProps {
  readonly item?: Item
  /** What a new one is made for: days on which it is to be valid, and the unit whose stations are to play it. */
  readonly wanted?: Readonly<Record<'from' | 'until' | 'scope', string | null>>
  readonly submitText: string
  readonly pending: boolean
  /** The change of plans that sending this would be; absent: no plan has the item. */
  readonly planned?: (input: ItemInput) => PlanningChange
  readonly onSubmit: (input: ItemInput) => void
  readonly onCancel: () => void
}

const dateFormat = 'DD/MM/YYYY'
const dateOr = (text: string | null | undefined, otherwise: string): string =>
  text != null && isDate(text) ? text : otherwise

function inputOf(fields: Fields): ItemInput {
  return {
    title: fields.title.trim(),
    topics: fields.topics,
    unit_id: fields.unit_id,
    scope_unit_id: fields.scope_unit_id,
    valid_from: fields.valid_from.format('YYYY-MM-DD'),
    valid_until:
      fields.endless || fields.valid_until === null ? null : fields.valid_until.format('YYYY-MM-DD'),
    priority: fields.priority,
    script: fields.script,
    play_rules: rulesOfFields(fields.rules),
  }
}

export function ItemForm({ item, wanted, submitText, pending, planned, onSubmit, onCancel }: ItemFormProps) {
  const { t } = useTranslation()
  const vietnamese = useVietnamese()
  const user = useUser()
  const units = useUnits().data
  const topics = useTopics()
  const [form] = Form.useForm<Fields>()
  const [asked, setAsked] = useState<PlanningChange | null>(null)
  const endless = Form.useWatch('endless', form)
  const allowed = useMemo(
    () => new Set(unitsFor(user, 'edit', units ?? []).map((unit) => unit.id)),
    [user, units],
  )
  const ownUnit = user.roles.find((grant) => allowed.has(grant.unit_id))?.unit_id

  const topicOptions = useMemo(
    () =>
      topicsByGroup(topics.data ?? []).map(([group, members]) => ({
        label: isKnownTopicGroup(group) ? t(`topic_group.${group}`) : group,
        title: group,
        options: members.map((topic) => ({
          value: topic.id,
          label: vietnamese ? topic.name_vi : topic.name_en,
        })),
      })),
    [topics.data, vietnamese, t],
  )

  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      className="item-form"
      scrollToFirstError={{ focus: true }}
      onFinish={(fields) => onSubmit(inputOf(fields))}
      onValuesChange={() => setAsked(null)}
      initialValues={{
        title: item?.title ?? '',
        topics: item?.topics ?? [],
        unit_id: item?.unit_id ?? ownUnit,
        scope_unit_id: item?.scope_unit_id ?? (allowed.has(wanted?.scope ?? '') ? wanted?.scope : ownUnit),
        valid_from: dayjs(item?.valid_from ?? dateOr(wanted?.from, today())),
        endless: item !== undefined && item.valid_until === null,
        valid_until: dayjs(
          item?.valid_until ?? dateOr(wanted?.until, dayjs(today()).add(2, 'month').format('YYYY-MM-DD')),
        ),
        priority: item?.priority ?? 'NORMAL',
        script: item?.script ?? '',
        rules: fieldsOfRules(item?.play_rules ?? noPlayRules),
      }}
    >
      <Form.Item
        name="title"
        label={t('item.title')}
        rules={[{ required: true, whitespace: true, message: t('item.title_missing') }]}
      >
        <Input maxLength={300} placeholder={t('item.title_example')} />
      </Form.Item>
      <Form.Item name="topics" label={t('item.topics')} extra={t('item.topics_hint')}>
        <Select
          mode="multiple"
          allowClear
          loading={topics.isPending}
          placeholder={t('item.choose_topics')}
          options={topicOptions}
          filterOption={(wanted, option) => matches(wanted, option?.label ?? '')}
        />
      </Form.Item>
      <div className="form-pair">
        <Form.Item
          name="unit_id"
          label={t('item.unit')}
          rules={[{ required: true, message: t('common.choose_unit') }]}
        >
          {item === undefined ? (
            <UnitSelect allowed={allowed} allowClear={false} />
          ) : (
            <UnitSelect allowed={new Set([item.unit_id])} allowClear={false} />
          )}
        </Form.Item>
        <Form.Item
          name="scope_unit_id"
          label={t('item.scope')}
          extra={t('item.scope_hint')}
          rules={[{ required: true, message: t('common.choose_unit') }]}
        >
          <UnitSelect allowed={allowed} allowClear={false} />
        </Form.Item>
      </div>
      <div className="form-pair">
        <Form.Item
          name="valid_from"
          label={t('item.valid_from')}
          rules={[{ required: true, message: t('form.required') }]}
        >
          <DatePicker format={dateFormat} allowClear={false} className="wide" />
        </Form.Item>
        <div>
          <Form.Item
            name="valid_until"
            label={t('item.valid_until')}
            className="tight"
            dependencies={['valid_from', 'endless']}
            rules={[
              ({ getFieldValue }) => ({
                validator: (_rule, until: Dayjs | null) => {
                  if (getFieldValue('endless') === true) return Promise.resolve()
                  if (until === null) return Promise.reject(new Error(t('form.required')))
                  const from = getFieldValue('valid_from') as Dayjs | null
                  return from !== null && until.isBefore(from, 'day')
                    ? Promise.reject(new Error(t('item.dates_reversed')))
                    : Promise.resolve()
                },
              }),
            ]}
          >
            <DatePicker format={dateFormat} disabled={endless} className="wide" />
          </Form.Item>
          <Form.Item name="endless" valuePropName="checked">
            <Checkbox>{t('item.endless')}</Checkbox>
          </Form.Item>
        </div>
      </div>
      <Form.Item name="priority" label={t('item.priority')}>
        <Radio.Group
          className="priority-choice"
          options={allPriorities.map((value) => ({
            value,
            label: (
              <span>
                {t(`priority.${value}`)}
                <small className="quiet">{t(`priority_meaning.${value}`)}</small>
              </span>
            ),
          }))}
        />
      </Form.Item>
      <PlayRulesFields {...(item !== undefined && { item })} />
      <Form.Item name="script" label={t('item.script')} extra={t('item.script_hint')}>
        <Input.TextArea autoSize={{ minRows: 6, maxRows: 24 }} maxLength={100_000} />
      </Form.Item>
      {asked !== null && <PlanPreview asked={{ change: asked }} isMade={pending} />}
      <div className="form-buttons">
        <Button type="primary" htmlType="submit" loading={pending}>
          {submitText}
        </Button>
        {planned !== undefined && (
          <PreviewButton form={form} onAsk={(fields) => setAsked(planned(inputOf(fields)))} />
        )}
        <Button onClick={onCancel}>{t('common.cancel')}</Button>
      </div>
    </Form>
  )
}
