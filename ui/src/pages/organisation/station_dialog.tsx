import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { App, Button, Form, Input, InputNumber, Modal, Select } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createStation, makeChange, stationChanged } from '@/api/endpoints'
import type { PlanningChange, Station, StationInput } from '@/api/types'
import { organisationChanged, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { ProblemNotice } from '@/components/page'
import { PlanPreview, PreviewButton } from '@/components/plan_preview'
import { UnitSelect } from '@/components/unit_select'
import { unitsFor } from '@/lib/roles'
import { defaultZone } from '@/lib/time'

interface ClusterFields {
  id?: string
  name?: string
  output?: string
  speakers?: number
}

interface Fields {
  name: string
  code: string
  unit_id: string
  time_zone: string
  clusters: ClusterFields[]
}

const inputOf = (fields: Fields): StationInput => ({
  name: fields.name.trim(),
  code: fields.code.trim(),
  unit_id: fields.unit_id,
  time_zone: fields.time_zone,
  clusters: fields.clusters.map(({ id, name = '', output = '', speakers = 1 }) => ({
    ...(id !== undefined && { id }),
    name: name.trim(),
    output,
    speakers,
  })),
})

interface StationDialogProps {
  /** Null: a new station, of `unit` to begin with. */
  readonly station: Station | null
  readonly unit?: string
  readonly onClose: () => void
}

export default function StationDialog({ station, unit, onClose }: StationDialogProps) {
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
  const zones = useMemo(
    () => [
      ...new Set([defaultZone, ...Intl.supportedValuesOf('timeZone'), station?.time_zone ?? defaultZone]),
    ],
    [station],
  )
  const save = useMutation({
    mutationFn: (fields: Fields): Promise<unknown> =>
      station === null
        ? createStation(inputOf(fields))
        : makeChange(stationChanged(station.id, inputOf(fields))),
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
      width={640}
      title={
        station === null
          ? t('organisation.add_stations')
          : t('organisation.edit_name', { name: station.name })
      }
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
          name: station?.name ?? '',
          code: station?.code ?? '',
          unit_id: station?.unit_id ?? unit,
          time_zone: station?.time_zone ?? defaultZone,
          clusters: station?.clusters ?? [],
        }}
      >
        <Form.Item
          name="name"
          label={t('organisation.station_name')}
          rules={[{ ...required, whitespace: true }]}
        >
          <Input maxLength={200} placeholder={t('organisation.station_name_example')} />
        </Form.Item>
        <Form.Item name="unit_id" label={t('organisation.station_unit')} rules={[required]}>
          <UnitSelect allowed={allowed} allowClear={false} />
        </Form.Item>
        <div className="form-pair">
          <Form.Item name="code" label={t('organisation.code')} rules={[{ ...required, whitespace: true }]}>
            <Input maxLength={64} autoCapitalize="none" spellCheck={false} />
          </Form.Item>
          <Form.Item name="time_zone" label={t('organisation.time_zone')} rules={[required]}>
            <Select showSearch options={zones.map((value) => ({ value, label: value }))} />
          </Form.Item>
        </div>
        <Form.List name="clusters">
          {(fields, { add, remove }) => (
            <fieldset className="clusters">
              <legend>{t('stations.clusters')}</legend>
              <p className="quiet">{t('organisation.clusters_hint')}</p>
              {fields.map(({ key, name }) => (
                <div key={key} className="cluster-row">
                  <Form.Item
                    name={[name, 'name']}
                    label={t('organisation.cluster_name')}
                    rules={[{ ...required, whitespace: true }]}
                  >
                    <Input maxLength={200} placeholder={t('organisation.cluster_name_example')} />
                  </Form.Item>
                  <Form.Item
                    name={[name, 'output']}
                    label={t('organisation.output')}
                    rules={[
                      {
                        required: true,
                        pattern: /^[a-z0-9-]{1,64}$/,
                        message: t('organisation.output_rule'),
                      },
                    ]}
                  >
                    <Input autoCapitalize="none" spellCheck={false} />
                  </Form.Item>
                  <Form.Item name={[name, 'speakers']} label={t('organisation.speakers')} rules={[required]}>
                    <InputNumber min={0} max={10_000} precision={0} className="wide" />
                  </Form.Item>
                  <Button
                    type="text"
                    danger
                    icon={<DeleteOutlined />}
                    aria-label={t('organisation.remove_cluster')}
                    onClick={() => remove(name)}
                  />
                </div>
              ))}
              <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({ speakers: 1 })}>
                {t('organisation.add_cluster')}
              </Button>
            </fieldset>
          )}
        </Form.List>
        {asked !== null && (
          <PlanPreview asked={{ change: asked }} isMade={save.isPending || save.isSuccess} />
        )}
        {station !== null && (
          <PreviewButton
            form={form}
            onAsk={(fields) => setAsked(stationChanged(station.id, inputOf(fields)))}
          />
        )}
      </Form>
    </Modal>
  )
}
