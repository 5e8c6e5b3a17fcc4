/** What to play, where, and how urgent it is; it goes out after the word of confirmation has been typed. */
import { NotificationOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Button, Form, Input, Modal, Radio, Select } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { giveOrder } from '@/api/endpoints'
import type { Item, Priority } from '@/api/types'
import { ordersChanged, useItems, useStations, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { ProblemNotice } from '@/components/page'
import { UnitSelect } from '@/components/unit_select'
import { subtree, unitsFor } from '@/lib/roles'
import { matches, plain } from '@/lib/text'
import { showDuration } from '@/lib/time'

const priorities: readonly Priority[] = ['EMERGENCY', 'PRIORITY', 'NORMAL']

export function PlayForm() {
  const { t } = useTranslation()
  const user = useUser()
  const units = useUnits()
  const stations = useStations()
  const items = useItems('approved', '')
  const [itemId, setItemId] = useState<string>()
  const [chosenUnit, setUnit] = useState<string>()
  const [priority, setPriority] = useState<Priority>('EMERGENCY')
  const [asking, setAsking] = useState(false)

  const allowed = useMemo(() => unitsFor(user, 'command', units.data ?? []), [user, units.data])
  const unitId = chosenUnit ?? (allowed.length === 1 ? allowed[0]?.id : undefined)
  const item = items.data?.find((one) => one.id === itemId)
  const reached = useMemo(() => {
    if (unitId === undefined) return []
    const below = subtree(unitId, units.data ?? [])
    return (stations.data ?? []).filter((station) => below.has(station.unit_id))
  }, [unitId, units.data, stations.data])

  return (
    <section className="panel order-form" aria-label={t('orders.title')}>
      {items.error !== null && <ProblemNotice error={items.error} onRetry={() => void items.refetch()} />}
      <Form layout="vertical" requiredMark={false}>
        <Form.Item label={t('orders.item')} htmlFor="order-item" extra={t('orders.item_hint')}>
          <Select
            id="order-item"
            showSearch
            size="large"
            placeholder={t('orders.item_choose')}
            loading={items.isPending}
            value={itemId ?? null}
            onChange={(value: string) => setItemId(value)}
            options={(items.data ?? []).map((one) => ({ value: one.id, label: labelOf(one) }))}
            filterOption={(text, option) => matches(text, option?.label ?? '')}
          />
        </Form.Item>
        <Form.Item
          label={t('orders.scope')}
          htmlFor="order-unit"
          extra={t('orders.reach', { count: reached.length })}
        >
          <UnitSelect
            id="order-unit"
            allowClear={false}
            value={unitId}
            onChange={setUnit}
            allowed={new Set(allowed.map((unit) => unit.id))}
          />
        </Form.Item>
        <Form.Item label={t('orders.priority')}>
          <Radio.Group
            className="order-priorities"
            value={priority}
            onChange={(event) => setPriority(event.target.value as Priority)}
          >
            {priorities.map((one) => (
              <Radio key={one} value={one}>
                <strong>{t(`priority.${one}`)}</strong>
                <br />
                <span className="quiet">{t(`orders.priority_meaning.${one}`)}</span>
              </Radio>
            ))}
          </Radio.Group>
        </Form.Item>
        <Button
          block
          danger
          type="primary"
          size="large"
          icon={<NotificationOutlined />}
          disabled={item === undefined || reached.length === 0}
          onClick={() => setAsking(true)}
        >
          {t('orders.play')}
        </Button>
      </Form>
      {asking && item !== undefined && unitId !== undefined && (
        <Confirm
          item={item}
          unitId={unitId}
          unitName={allowed.find((unit) => unit.id === unitId)?.name ?? ''}
          stations={reached.length}
          priority={priority}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  )
}

function labelOf(item: Item): string {
  const version = item.versions.at(-1)
  return version?.duration_ms == null ? item.title : `${item.title} · ${showDuration(version.duration_ms)}`
}

interface ConfirmProps {
  readonly item: Item
  readonly unitId: string
  readonly unitName: string
  readonly stations: number
  readonly priority: Priority
  readonly onClose: () => void
}

function Confirm({ item, unitId, unitName, stations, priority, onClose }: ConfirmProps) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const word = t('orders.confirm_word')
  const agrees = plain(typed) === plain(word)
  const give = useMutation({
    mutationFn: () => giveOrder({ kind: 'play', unit_id: unitId, item_id: item.id, priority }),
    onSuccess: async () => {
      await ordersChanged()
      onClose()
    },
  })
  return (
    <Modal
      open
      title={t('orders.confirm_title', { priority: t(`priority.${priority}`) })}
      onCancel={onClose}
      okText={t('orders.play')}
      cancelText={t('common.cancel')}
      okButtonProps={{ danger: true, disabled: !agrees, loading: give.isPending }}
      onOk={() => give.mutate()}
    >
      {give.error !== null && <ProblemNotice error={give.error} />}
      <p>
        <strong>{item.title}</strong>
        <br />
        {t('orders.confirm_where', { unit: unitName, count: stations })}
      </p>
      <p className="quiet">{t(`orders.priority_meaning.${priority}`)}</p>
      <label htmlFor="order-word">{t('orders.confirm_type', { word })}</label>
      <Input
        id="order-word"
        size="large"
        autoFocus
        autoComplete="off"
        autoCapitalize="characters"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onPressEnter={() => agrees && !give.isPending && give.mutate()}
      />
    </Modal>
  )
}
