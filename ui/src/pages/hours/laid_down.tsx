/**
 * What a unit lays down for its stations and those below: templates, calendars of special days. Each is listed with those of the units
 * above, made by hand or from a preset, changed and removed by revision.
 */
import { DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons'
import { useMutation, type UseQueryResult } from '@tanstack/react-query'
import { App, Button, Form, Input } from 'antd'
import { useMemo, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { makeChange } from '@/api/endpoints'
import type { PlanningChange, Presets, Station } from '@/api/types'
import { hoursChanged, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { Answer, Empty, ProblemNotice } from '@/components/page'
import { PlanPreview, PreviewButton, PreviewDialog } from '@/components/plan_preview'
import { UnitSelect } from '@/components/unit_select'
import { useUnitNames } from '@/components/words'
import { lineage, mayFor, unitsFor } from '@/lib/roles'
import { PresetChoice, type Offer } from './preset_choice'

/** The words for each stand under this name in the locales. */
export type LaidDownKind = 'template' | 'special'

export interface LaidDownThing {
  readonly id: string
  readonly unit_id: string
  readonly name: string
}

interface LaidDownProps<Thing extends LaidDownThing, Draft> {
  readonly kind: LaidDownKind
  readonly station: Station
  readonly query: UseQueryResult<Thing[]>
  readonly offers: (presets: Presets) => Offer<Draft>[]
  readonly removed: (thing: Thing) => PlanningChange
  readonly body: (thing: Thing) => ReactNode
  /** `base`: what is changed, null for a new one, which may begin with `draft`. */
  readonly form: (base: Thing | null, draft: Draft | null, onDone: () => void) => ReactNode
}

type Edited<Thing, Draft> = { readonly base: Thing } | { readonly offer: Offer<Draft> | null }

export function LaidDown<Thing extends LaidDownThing, Draft>({
  kind,
  station,
  query,
  offers,
  removed,
  body,
  form,
}: LaidDownProps<Thing, Draft>) {
  const { t } = useTranslation()
  const user = useUser()
  const units = useUnits().data ?? []
  const [edited, setEdited] = useState<Edited<Thing, Draft> | null>(null)
  const mayAdd = lineage(station.unit_id, units).some((unit) => mayFor(user, 'rules', unit, units))
  const base = edited !== null && 'base' in edited ? edited.base : null
  const offer = edited !== null && 'offer' in edited ? edited.offer : null
  const heading = `${kind}-heading`
  return (
    <section className="panel" aria-labelledby={heading}>
      <h2 id={heading}>{t(`${kind}.title`)}</h2>
      <p className="quiet">{t(`${kind}.lead`)}</p>
      <Answer query={query}>
        {(data) =>
          data.length === 0 && edited === null ? (
            <Empty title={t(`${kind}.empty`)} hint={t(`${kind}.empty_hint`)} />
          ) : (
            <ul className="policy-list">
              {data.map((thing) => (
                <Entry
                  key={thing.id}
                  kind={kind}
                  thing={thing}
                  removed={removed}
                  {...(mayFor(user, 'rules', thing.unit_id, units) && {
                    onEdit: () => setEdited({ base: thing }),
                  })}
                >
                  {body(thing)}
                </Entry>
              ))}
            </ul>
          )
        }
      </Answer>
      {edited !== null ? (
        <div key={base?.id ?? offer?.id ?? 'new'}>
          {form(base, offer?.draft ?? null, () => setEdited(null))}
        </div>
      ) : (
        mayAdd && (
          <div className="laid-down-adding">
            <PresetChoice
              label={t(`${kind}.from_preset`)}
              offers={offers}
              onChoose={(chosen) => setEdited({ offer: chosen })}
            />
            <Button icon={<PlusOutlined />} onClick={() => setEdited({ offer: null })}>
              {t(`${kind}.add`)}
            </Button>
          </div>
        )
      )}
    </section>
  )
}

interface EntryProps<Thing> {
  readonly kind: LaidDownKind
  readonly thing: Thing
  readonly removed: (thing: Thing) => PlanningChange
  readonly onEdit?: () => void
  readonly children: ReactNode
}

function Entry<Thing extends LaidDownThing>({ kind, thing, removed, onEdit, children }: EntryProps<Thing>) {
  const { t } = useTranslation()
  const unitName = useUnitNames()
  const { id, name, unit_id } = thing
  const [sure, setSure] = useState(false)
  const removal = useMutation({ mutationFn: () => makeChange(removed(thing)), onSuccess: hoursChanged })
  return (
    <li className="policy" data-laid-down={id}>
      <h3>{name}</h3>
      <p className="quiet">{unitName(unit_id)}</p>
      {children}
      {removal.error !== null && <ProblemNotice error={removal.error} />}
      {onEdit !== undefined && (
        <div className="action-buttons">
          <Button icon={<EditOutlined />} aria-label={t(`${kind}.edit_name`, { name })} onClick={onEdit}>
            {t(`${kind}.edit`)}
          </Button>
          <Button
            danger
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t(`${kind}.delete_name`, { name })}
            loading={removal.isPending}
            onClick={() => setSure(true)}
          />
        </div>
      )}
      {sure && (
        <PreviewDialog
          title={t(`${kind}.delete_sure`)}
          okText={t(`${kind}.delete`)}
          danger
          change={removed(thing)}
          onOk={() => {
            setSure(false)
            removal.mutate()
          }}
          onCancel={() => setSure(false)}
        />
      )}
    </li>
  )
}

export interface LaidDownFields {
  unit_id: string
  name: string
}

interface LaidDownFormProps<Fields extends LaidDownFields> {
  readonly kind: LaidDownKind
  readonly station: Station
  readonly base: LaidDownThing | null
  /** All but the unit. */
  readonly initial: Omit<Fields, 'unit_id'>
  readonly change: (fields: Fields) => PlanningChange
  readonly onDone: () => void
  readonly children: ReactNode
}

/** Unit and name, then what `children` ask for. */
export function LaidDownForm<Fields extends LaidDownFields>({
  kind,
  station,
  base,
  initial,
  change,
  onDone,
  children,
}: LaidDownFormProps<Fields>) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const user = useUser()
  const units = useUnits().data
  const [form] = Form.useForm<Fields>()
  const [asked, setAsked] = useState<PlanningChange | null>(null)
  const unit = station.unit_id
  const allowed = useMemo(
    () => new Set(unitsFor(user, 'rules', units ?? []).map(({ id }) => id)),
    [user, units],
  )
  const saving = useMutation({
    mutationFn: (fields: Fields) => makeChange(change(fields)),
    onSuccess: async () => {
      await hoursChanged()
      void message.success(t(`${kind}.saved`))
      onDone()
    },
  })
  const own = allowed.has(unit) ? unit : lineage(unit, units ?? []).find((above) => allowed.has(above))
  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      requiredMark={false}
      className="policy-form"
      scrollToFirstError={{ focus: true }}
      onFinish={(fields) => saving.mutate(fields)}
      onValuesChange={() => setAsked(null)}
      // antd wants every field optional down to the last; what the fields are is what Fields says.
      initialValues={{ ...initial, unit_id: base?.unit_id ?? own }}
    >
      <h3>{base === null ? t(`${kind}.add`) : t(`${kind}.edit_name`, { name: base.name })}</h3>
      {saving.error !== null && <ProblemNotice error={saving.error} />}
      {base === null ? (
        <Form.Item
          name="unit_id"
          label={t('hours.unit')}
          extra={t(`${kind}.unit_hint`)}
          rules={[{ required: true, message: t('common.choose_unit') }]}
        >
          <UnitSelect allowed={allowed} allowClear={false} />
        </Form.Item>
      ) : (
        <Form.Item name="unit_id" hidden>
          <Input />
        </Form.Item>
      )}
      <Form.Item
        name="name"
        label={t(`${kind}.name`)}
        rules={[{ required: true, whitespace: true, message: t('form.required') }]}
      >
        <Input maxLength={200} placeholder={t(`${kind}.name_example`)} />
      </Form.Item>
      {children}
      {asked !== null && (
        <PlanPreview asked={{ change: asked }} isMade={saving.isPending || saving.isSuccess} />
      )}
      <div className="form-buttons">
        <Button type="primary" htmlType="submit" loading={saving.isPending}>
          {t(`${kind}.save`)}
        </Button>
        <PreviewButton form={form} onAsk={(fields) => setAsked(change(fields))} />
        <Button onClick={onDone}>{t('common.cancel')}</Button>
      </div>
    </Form>
  )
}
