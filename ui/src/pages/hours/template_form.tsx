/** A template's parts, made or changed. */
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Form, Input, InputNumber, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { templateAdded, templateChanged } from '@/api/endpoints'
import type { SessionTemplate, Station, TemplatePart } from '@/api/types'
import { useItems, useRelays, useTopics } from '@/app/queries'
import { isKnownTopicGroup, topicsByGroup } from '@/components/words'
import {
  hasTune,
  isBed,
  partKinds,
  partsOf,
  rowsOf,
  secondOf,
  takesItems,
  type PartFields,
  type PartKind,
} from '@/lib/template'
import { matches } from '@/lib/text'
import { LaidDownForm, type LaidDownFields } from './laid_down'

interface Fields extends LaidDownFields {
  parts: PartFields[]
}

/** Of a preset: a signature or closing has no recording yet. */
export interface TemplateDraft {
  readonly name: string
  readonly note: string
  readonly parts: readonly TemplatePart[]
}

interface TemplateFormProps {
  readonly station: Station
  /** Null: a new one. */
  readonly base: SessionTemplate | null
  readonly draft: TemplateDraft | null
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

export function TemplateForm({ station, base, draft, onDone }: TemplateFormProps) {
  const { t } = useTranslation()
  const begun = base ?? draft
  return (
    <LaidDownForm<Fields>
      kind="template"
      station={station}
      base={base}
      initial={{ name: begun?.name ?? '', parts: begun === null ? usualParts : rowsOf(begun.parts) }}
      change={({ unit_id, name, parts }) =>
        base === null
          ? templateAdded(unit_id, name.trim(), partsOf(parts))
          : templateChanged(base, name.trim(), partsOf(parts))
      }
      onDone={onDone}
    >
      {draft !== null && <p className="note tone-info">{draft.note}</p>}
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
                <PartRow name={row.name} unit={base?.unit_id ?? station.unit_id} />
              </div>
            ))}
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({ kind: 'items' })}>
              {t('template.add_part')}
            </Button>
          </fieldset>
        )}
      </Form.List>
    </LaidDownForm>
  )
}

function PartRow({ name, unit }: { readonly name: number; readonly unit: string }) {
  const { t } = useTranslation()
  const form = Form.useFormInstance<Fields>()
  // Absent until the row is drawn.
  const watched = Form.useWatch(['parts', name, 'kind'], form) as PartKind | undefined
  const kind = watched ?? 'items'
  const tune = Form.useWatch(['parts', name, 'tune_item_id'], form)
  const relay = Form.useWatch(['parts', name, 'relay_id'], form)
  // Absent when the template's unit stands.
  const chosenUnit = Form.useWatch('unit_id', form) as string | undefined
  const relays = useRelays(chosenUnit ?? unit).data ?? []
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
      {kind === 'music' && (
        <Form.Item name={[name, 'tune_item_id']} label={t('template.bed')} extra={t('template.bed_hint')}>
          <Select
            allowClear
            showSearch
            options={items
              .filter(({ play_rules }) => play_rules.may_fade)
              .map(({ id, title }) => ({ value: id, label: title }))}
            filterOption={(text, option) => matches(text, option?.label ?? '')}
          />
        </Form.Item>
      )}
      {kind === 'time_signal' && (
        <Form.Item
          name={[name, 'mark']}
          label={t('template.mark')}
          extra={t('template.mark_hint')}
          initialValue={5.25}
          rules={[required]}
        >
          <InputNumber min={0} max={3600} step={0.001} className="wide" />
        </Form.Item>
      )}
      {kind === 'relay' && (
        <Form.Item name={[name, 'relay_id']} label={t('template.relay')} extra={t('template.relay_hint')}>
          <Select
            allowClear
            placeholder={t('template.relay_none')}
            options={relays.map(({ id, name: label, approved }) => ({
              value: id,
              label: approved ? label : t('template.relay_unapproved', { name: label }),
            }))}
          />
        </Form.Item>
      )}
      {kind === 'relay' && (relay ?? '') === '' && (
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
          rules={kind === 'relay' || kind === 'time_signal' ? [required, clock] : [clock]}
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
      {kind !== 'relay' && (
        <div className="form-pair">
          <Form.Item
            name={[name, 'crossfade']}
            label={t('template.crossfade')}
            extra={t('template.crossfade_hint')}
          >
            <InputNumber min={0} max={10} step={0.5} className="wide" />
          </Form.Item>
          {!isBed(kind, tune) && (
            <Form.Item name={[name, 'duck_db']} label={t('template.duck')} extra={t('template.duck_hint')}>
              <InputNumber min={0} max={60} precision={0} className="wide" />
            </Form.Item>
          )}
        </div>
      )}
      {takesItems(kind) && !isBed(kind, tune) && (
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
