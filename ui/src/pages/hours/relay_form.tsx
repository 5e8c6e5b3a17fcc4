/** A relay source, made or changed. A change voids its approval. */
import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { App, Button, Form, Input, InputNumber, Select, type FormInstance } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { changeRelay, createRelay } from '@/api/endpoints'
import { relayKinds, type RelayFields, type RelaySource } from '@/api/types'
import { hoursChanged, useItems, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { ProblemNotice } from '@/components/page'
import { UnitSelect } from '@/components/unit_select'
import { lineage, unitsFor } from '@/lib/roles'
import { readSdp } from '@/lib/sdp'
import { matches } from '@/lib/text'

interface Fields extends RelayFields {
  unit_id: string
}

interface RelayFormProps {
  readonly unit: string
  /** Null: a new one. */
  readonly base: RelaySource | null
  readonly onDone: () => void
}

const mostAddresses = 4

export function RelayForm({ unit, base, onDone }: RelayFormProps) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const user = useUser()
  const units = useUnits().data
  const items = useItems('approved', '').data ?? []
  const allowed = useMemo(
    () => new Set(unitsFor(user, 'rules', units ?? []).map(({ id }) => id)),
    [user, units],
  )
  const save = useMutation({
    mutationFn: ({ unit_id, ...fields }: Fields) => {
      const sent = {
        ...fields,
        name: fields.name.trim(),
        addresses: fields.addresses.map((address) => address.trim()),
        standby_item_id: fields.standby_item_id ?? null,
        rtpmap: fields.kind === 'rtp' && fields.rtpmap ? fields.rtpmap.trim() : null,
      }
      return base === null ? createRelay(unit_id, sent) : changeRelay(base.id, base.revision, sent)
    },
    onSuccess: async () => {
      await hoursChanged()
      void message.success(t('relay.saved'))
      onDone()
    },
  })
  const [form] = Form.useForm<Fields>()
  const kind = Form.useWatch('kind', form)
  const required = { required: true, whitespace: true, message: t('form.required') }
  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      requiredMark={false}
      className="policy-form relay-form"
      scrollToFirstError={{ focus: true }}
      onFinish={(fields) => save.mutate(fields)}
      initialValues={{
        unit_id:
          base?.unit_id ??
          (allowed.has(unit) ? unit : lineage(unit, units ?? []).find((above) => allowed.has(above))),
        name: base?.name ?? '',
        kind: base?.kind ?? 'stream',
        addresses: base?.addresses ?? [''],
        silence_seconds: base?.silence_seconds ?? 20,
        standby_item_id: base?.standby_item_id ?? undefined,
        rtpmap: base?.rtpmap ?? '',
      }}
    >
      <h3>{base === null ? t('relay.add') : t('relay.edit_name', { name: base.name })}</h3>
      {base !== null && <p className="quiet">{t('relay.edit_voids')}</p>}
      {save.error !== null && <ProblemNotice error={save.error} />}
      {base === null && (
        <Form.Item
          name="unit_id"
          label={t('hours.unit')}
          extra={t('relay.unit_hint')}
          rules={[{ required: true, message: t('common.choose_unit') }]}
        >
          <UnitSelect allowed={allowed} allowClear={false} />
        </Form.Item>
      )}
      <div className="form-pair">
        <Form.Item name="name" label={t('relay.name')} rules={[required]}>
          <Input maxLength={200} placeholder="VOV1" />
        </Form.Item>
        <Form.Item name="kind" label={t('relay.kind')}>
          <Select options={relayKinds.map((value) => ({ value, label: t(`relay.kind_${value}`) }))} />
        </Form.Item>
      </div>
      {kind === 'rtp' && <RtpFields form={form} />}
      <Form.List name="addresses">
        {(rows, { add, remove }) => (
          <fieldset className="window-rows">
            <legend>{t('relay.addresses')}</legend>
            {rows.map((row, index) => (
              <div className="relay-address" key={row.key}>
                <Form.Item
                  name={row.name}
                  label={index === 0 ? t('relay.main') : t('relay.further', { number: index + 1 })}
                  rules={[required]}
                >
                  <Input maxLength={500} inputMode="url" />
                </Form.Item>
                {rows.length > 1 && (
                  <Button
                    type="text"
                    danger
                    icon={<DeleteOutlined />}
                    aria-label={t('relay.remove_address', { number: index + 1 })}
                    onClick={() => remove(row.name)}
                  />
                )}
              </div>
            ))}
            {rows.length < mostAddresses && (
              <Button type="dashed" icon={<PlusOutlined />} onClick={() => add('')}>
                {t('relay.add_address')}
              </Button>
            )}
          </fieldset>
        )}
      </Form.List>
      <div className="form-pair">
        <Form.Item
          name="silence_seconds"
          label={t('relay.silence')}
          extra={t('relay.silence_hint')}
          rules={[{ required: true, message: t('form.required') }]}
        >
          <InputNumber min={5} max={600} precision={0} />
        </Form.Item>
        <Form.Item name="standby_item_id" label={t('relay.standby')} extra={t('relay.standby_hint')}>
          <Select
            allowClear
            showSearch
            options={items.map(({ id, title }) => ({ value: id, label: title }))}
            filterOption={(text, option) => matches(text, option?.label ?? '')}
          />
        </Form.Item>
      </div>
      <div className="form-buttons">
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {t('relay.save')}
        </Button>
        <Button onClick={onDone}>{t('common.cancel')}</Button>
      </div>
    </Form>
  )
}

/** What packets of RTP hold, written or taken from a session description. */
function RtpFields({ form }: { readonly form: FormInstance<Fields> }) {
  const { t } = useTranslation()
  const [isUnread, setUnread] = useState(false)
  const fill = (text: string) => {
    const session = readSdp(text)
    setUnread(text.trim() !== '' && session === null)
    if (session !== null) {
      form.setFieldValue(['addresses', 0], session.address)
      form.setFieldValue('rtpmap', session.rtpmap)
    }
  }
  return (
    <div className="form-pair">
      <Form.Item name="rtpmap" label={t('relay.rtpmap')} extra={t('relay.rtpmap_hint')}>
        <Input maxLength={60} placeholder="96 opus/48000/2" />
      </Form.Item>
      <Form.Item
        label={t('relay.sdp')}
        htmlFor="relay-sdp"
        extra={t('relay.sdp_hint')}
        {...(isUnread && { validateStatus: 'error', help: t('relay.sdp_unread') })}
      >
        <Input.TextArea id="relay-sdp" rows={3} onChange={({ target }) => fill(target.value)} />
      </Form.Item>
    </div>
  )
}
