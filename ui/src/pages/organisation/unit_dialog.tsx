import { useMutation } from '@tanstack/react-query'
import { App, DatePicker, Form, Input, Modal, Select } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createUnit, makeChange, unitChanged } from '@/api/endpoints'
import type { PlanningChange, Unit, UnitInput } from '@/api/types'
import { organisationChanged, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { ProblemNotice } from '@/components/page'
import { PlanPreview, PreviewButton } from '@/components/plan_preview'
import { UnitSelect } from '@/components/unit_select'
import { subtree, unitsFor } from '@/lib/roles'
import { today } from '@/lib/time'
import { knownUnitKinds, useUnitKindWord } from './unit_kinds'

interface Fields {
  name: string
  code: string
  kind: string
  parent_id: string | undefined
  valid_from: Dayjs
  valid_until: Dayjs | null
}

const inputOf = (fields: Fields): UnitInput => ({
  name: fields.name.trim(),
  code: fields.code.trim(),
  kind: fields.kind,
  parent_id: fields.parent_id ?? null,
  valid_from: fields.valid_from.format('YYYY-MM-DD'),
  valid_until: fields.valid_until?.format('YYYY-MM-DD') ?? null,
})

interface UnitDialogProps {
  /** Null: a new unit, below `parent` to begin with. */
  readonly unit: Unit | null
  readonly parent?: string
  readonly onClose: () => void
}

export default function UnitDialog({ unit, parent, onClose }: UnitDialogProps) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const user = useUser()
  const known = useUnits().data
  const units = useMemo(() => known ?? [], [known])
  const kindWord = useUnitKindWord()
  const [form] = Form.useForm<Fields>()
  const [asked, setAsked] = useState<PlanningChange | null>(null)
  const kinds = [...new Set<string>([...knownUnitKinds, ...units.map(({ kind }) => kind)])]
  const allowedParents = useMemo(() => {
    const allowed = new Set(unitsFor(user, 'administer', units).map(({ id }) => id))
    if (unit !== null) for (const below of subtree(unit.id, units)) allowed.delete(below)
    return allowed
  }, [user, units, unit])
  const save = useMutation({
    mutationFn: (fields: Fields): Promise<unknown> =>
      unit === null ? createUnit(inputOf(fields)) : makeChange(unitChanged(unit.id, inputOf(fields))),
    onSuccess: async () => {
      await organisationChanged()
      void message.success(t('item.saved'))
      onClose()
    },
  })
  const required = { required: true, message: t('form.required') }
  return (
    <Modal
      open
      title={unit === null ? t('organisation.add_units') : t('organisation.edit_name', { name: unit.name })}
      okText={t('item.save')}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      {save.error !== null && <ProblemNotice error={save.error} />}
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        onFinish={(fields) => save.mutate(fields)}
        onValuesChange={() => setAsked(null)}
        initialValues={{
          name: unit?.name ?? '',
          code: unit?.code ?? '',
          kind: unit?.kind ?? 'commune',
          parent_id: unit === null ? (parent ?? user.roles[0]?.unit_id) : (unit.parent_id ?? undefined),
          valid_from: dayjs(unit?.valid_from ?? today()),
          valid_until: unit?.valid_until == null ? null : dayjs(unit.valid_until),
        }}
      >
        <Form.Item
          name="name"
          label={t('organisation.unit_name')}
          rules={[{ ...required, whitespace: true }]}
        >
          <Input maxLength={200} placeholder={t('organisation.unit_name_example')} />
        </Form.Item>
        <div className="form-pair">
          <Form.Item name="kind" label={t('organisation.kind')} rules={[required]}>
            <Select options={kinds.map((value) => ({ value, label: kindWord(value) }))} />
          </Form.Item>
          <Form.Item
            name="code"
            label={t('organisation.code')}
            extra={t('organisation.code_hint')}
            rules={[{ ...required, whitespace: true }]}
          >
            <Input maxLength={64} autoCapitalize="none" spellCheck={false} />
          </Form.Item>
        </div>
        <Form.Item name="parent_id" label={t('organisation.parent')}>
          <UnitSelect allowed={allowedParents} placeholder={t('organisation.no_parent')} />
        </Form.Item>
        <div className="form-pair">
          <Form.Item name="valid_from" label={t('organisation.valid_from')} rules={[required]}>
            <DatePicker format="DD/MM/YYYY" allowClear={false} className="wide" />
          </Form.Item>
          <Form.Item
            name="valid_until"
            label={t('organisation.valid_until')}
            extra={t('organisation.valid_until_hint')}
          >
            <DatePicker format="DD/MM/YYYY" className="wide" placeholder={t('item.endless')} />
          </Form.Item>
        </div>
        {asked !== null && (
          <PlanPreview asked={{ change: asked }} isMade={save.isPending || save.isSuccess} />
        )}
        {unit !== null && (
          <PreviewButton form={form} onAsk={(fields) => setAsked(unitChanged(unit.id, inputOf(fields)))} />
        )}
      </Form>
    </Modal>
  )
}
