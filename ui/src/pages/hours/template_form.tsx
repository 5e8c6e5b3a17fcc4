/** A template's parts, made or changed. */
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { App, Button, Form, Input, Select } from 'antd'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { changeTemplate, createTemplate } from '@/api/endpoints'
import type { SessionTemplate } from '@/api/types'
import { hoursChanged, useItems, useTopics, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { ProblemNotice } from '@/components/page'
import { UnitSelect } from '@/components/unit_select'
import { isKnownTopicGroup, topicsByGroup } from '@/components/words'
import { lineage, unitsFor } from '@/lib/roles'
import {
  hasTune,
  partKinds,
  partsOf,
  rowsOf,
  secondOf,
  takesItems,
  type PartFields,
  type PartKind,
} from '@/lib/template'
import { matches } from '@/lib/text'

interface Fields {
  unit_id: string
  name: string
  parts: PartFields[]
}

interface TemplateFormProps {
  readonly unit: string
  /** Null: a new one. */
  readonly base: SessionTemplate | null
  readonly onDone: () => void
}

const usualParts: PartFields[] = [
  { kind: 'notices', most: '05:00', cut_order: 1 },
  {
    kind: 'reform_column',
    least: '03:00',
    accepts: ['cchc-a', 'cchc-b', 'cchc-c', 'cchc-d', 'cchc-dd', 'cchc-e'],
  },
  { kind: 'items' },
]

export function TemplateForm({ unit, base, onDone }: TemplateFormProps) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const user = useUser()
  const units = useUnits().data
  const allowed = useMemo(
    () => new Set(unitsFor(user, 'rules', units ?? []).map(({ id }) => id)),
    [user, units],
  )
  const save = useMutation({
    mutationFn: ({ unit_id, name, parts }: Fields) =>
      base === null
        ? createTemplate(unit_id, name.trim(), partsOf(parts))
        : changeTemplate(base.id, base.revision, name.trim(), partsOf(parts)),
    onSuccess: async () => {
      await hoursChanged()
      void message.success(t('template.saved'))
      onDone()
    },
  })
  return (
    <Form<Fields>
      layout="vertical"
      requiredMark={false}
      className="policy-form template-form"
      scrollToFirstError={{ focus: true }}
      onFinish={(fields) => save.mutate(fields)}
      initialValues={{
        unit_id:
          base?.unit_id ??
          (allowed.has(unit) ? unit : lineage(unit, units ?? []).find((above) => allowed.has(above))),
        name: base?.name ?? '',
        parts: base === null ? usualParts : rowsOf(base.parts),
      }}
    >
      <h3>{base === null ? t('template.add') : t('template.edit_name', { name: base.name })}</h3>
      {save.error !== null && <ProblemNotice error={save.error} />}
      {base === null && (
        <Form.Item
          name="unit_id"
          label={t('hours.unit')}
          extra={t('template.unit_hint')}
          rules={[{ required: true, message: t('common.choose_unit') }]}
        >
          <UnitSelect allowed={allowed} allowClear={false} />
        </Form.Item>
      )}
      <Form.Item
        name="name"
        label={t('template.name')}
        rules={[{ required: true, whitespace: true, message: t('form.required') }]}
      >
        <Input maxLength={200} placeholder={t('template.name_example')} />
      </Form.Item>
      <Form.List name="parts">
        {(rows, { add, remove, move }) => (
          <fieldset className="window-rows">
            <legend>{t('template.parts')}</legend>
            {rows.map((row, index) => (
              <div
                className="window-row"
                key={row.key}
                role="group"
                aria-label={t('template.part', { number: index + 1 })}
              >
                <div className="template-part-head">
                  <strong>{t('template.part', { number: index + 1 })}</strong>
                  <span>
                    <Button
                      type="text"
                      icon={<ArrowUpOutlined />}
                      aria-label={t('template.up')}
                      disabled={index === 0}
                      onClick={() => move(index, index - 1)}
                    />
                    <Button
                      type="text"
                      icon={<ArrowDownOutlined />}
                      aria-label={t('template.down')}
                      disabled={index === rows.length - 1}
                      onClick={() => move(index, index + 1)}
                    />
                    <Button
                      type="text"
                      danger
                      icon={<DeleteOutlined />}
                      aria-label={t('template.remove_part')}
                      onClick={() => remove(row.name)}
                    />
                  </span>
                </div>
                <PartRow name={row.name} />
              </div>
            ))}
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({ kind: 'items' })}>
              {t('template.add_part')}
            </Button>
          </fieldset>
        )}
      </Form.List>
      <div className="form-buttons">
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {t('template.save')}
        </Button>
        <Button onClick={onDone}>{t('common.cancel')}</Button>
      </div>
    </Form>
  )
}

function PartRow({ name }: { readonly name: number }) {
  const { t } = useTranslation()
  const form = Form.useFormInstance<Fields>()
  // Absent until the row is drawn.
  const watched = Form.useWatch(['parts', name, 'kind'], form) as PartKind | undefined
  const kind = watched ?? 'items'
  const items = useItems('approved', '').data ?? []
  const topics = useTopics().data ?? []
  const required = { required: true, message: t('form.required') }
  const clock = {
    validator: (_rule: unknown, value: string | undefined) =>
      (value ?? '') === '' || secondOf(value ?? '') !== null
        ? Promise.resolve()
        : Promise.reject(new Error(t('template.clock_rule'))),
  }
  return (
    <>
      <div className="form-pair">
        <Form.Item name={[name, 'kind']} label={t('template.kind')}>
          <Select options={partKinds.map((value) => ({ value, label: t(`part.${value}`) }))} />
        </Form.Item>
        <Form.Item name={[name, 'title']} label={t('template.part_title')}>
          <Input maxLength={200} />
        </Form.Item>
      </div>
      {hasTune(kind) && (
        <Form.Item
          name={[name, 'tune_item_id']}
          label={t('template.tune')}
          extra={t('template.tune_hint')}
          rules={[required]}
        >
          <Select
            showSearch
            options={items.map(({ id, title }) => ({ value: id, label: title }))}
            filterOption={(text, option) => matches(text, option?.label ?? '')}
          />
        </Form.Item>
      )}
      {kind === 'relay' && (
        <Form.Item
          name={[name, 'source']}
          label={t('template.source')}
          rules={[{ ...required, whitespace: true }]}
        >
          <Input maxLength={500} placeholder="VOV1" />
        </Form.Item>
      )}
      <div className="form-pair">
        <Form.Item
          name={[name, 'at']}
          label={t('template.at')}
          extra={t('template.at_hint')}
          rules={kind === 'relay' ? [required, clock] : [clock]}
        >
          <Input inputMode="numeric" placeholder="05:00" maxLength={7} />
        </Form.Item>
        <Form.Item name={[name, 'cut_order']} label={t('template.cut')} initialValue={0}>
          <Select
            options={[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((order) => ({
              value: order,
              label: order === 0 ? t('template.cut_never') : t('template.cut_order', { order }),
            }))}
          />
        </Form.Item>
      </div>
      {!hasTune(kind) && (
        <div className="form-pair">
          <Form.Item
            name={[name, 'most']}
            label={kind === 'relay' ? t('template.length') : t('template.most')}
            extra={kind === 'relay' ? undefined : t('template.most_hint')}
            rules={kind === 'relay' ? [required, clock] : [clock]}
          >
            <Input inputMode="numeric" placeholder="10:00" maxLength={7} />
          </Form.Item>
          <Form.Item
            name={[name, 'least']}
            label={t('template.least')}
            extra={t('template.least_hint')}
            rules={[clock]}
          >
            <Input inputMode="numeric" maxLength={7} />
          </Form.Item>
        </div>
      )}
      {takesItems(kind) && (
        <Form.Item name={[name, 'accepts']} label={t('template.accepts')}>
          <Select
            mode="multiple"
            placeholder={t('template.any')}
            options={topicsByGroup(topics).map(([group]) => ({
              value: group,
              label: isKnownTopicGroup(group) ? t(`topic_group.${group}`) : group,
            }))}
          />
        </Form.Item>
      )}
    </>
  )
}
