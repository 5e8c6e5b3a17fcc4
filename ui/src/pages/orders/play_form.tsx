/** What to play or that one speaks, where, and how urgent it is; it goes out after the word of confirmation has been typed. */
import { AudioOutlined, NotificationOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Alert, Button, Form, Input, Modal, Radio, Segmented, Select } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { giveOrder } from '@/api/endpoints'
import type { Item, Priority } from '@/api/types'
import { ordersChanged, useItems, useStations, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { ProblemNotice } from '@/components/page'
import { UnitSelect } from '@/components/unit_select'
import { mayAnywhere, subtree, unitsFor } from '@/lib/roles'
import { canSpeak, openMicrophone } from '@/lib/speaker'
import { matches, plain } from '@/lib/text'
import { showDuration } from '@/lib/time'
import { SpeakPanel } from './speak_panel'

const priorities: readonly Priority[] = ['EMERGENCY', 'PRIORITY', 'NORMAL']

export function PlayForm() {
  const { t } = useTranslation()
  const user = useUser()
  const units = useUnits()
  const stations = useStations()
  const items = useItems('approved', '')
  const [itemId, setItemId] = useState<string>()
  const [kind, setKind] = useState<'play' | 'speech'>('play')
  const [chosenUnit, setUnit] = useState<string>()
  const [priority, setPriority] = useState<Priority>('EMERGENCY')
  const [asking, setAsking] = useState(false)
  const [speaking, setSpeaking] = useState<Speech | null>(null)

  const allowed = useMemo(
    () => unitsFor(user, kind === 'speech' ? 'speak' : 'command', units.data ?? []),
    [user, units.data, kind],
  )
  const isChosen = allowed.some((unit) => unit.id === chosenUnit)
  const unitId = (isChosen ? chosenUnit : undefined) ?? (allowed.length === 1 ? allowed[0]?.id : undefined)
  const item = items.data?.find((one) => one.id === itemId)
  const reached = useMemo(() => {
    if (unitId === undefined) return []
    const below = subtree(unitId, units.data ?? [])
    return (stations.data ?? []).filter((station) => below.has(station.unit_id))
  }, [unitId, units.data, stations.data])

  if (speaking !== null) return <SpeakPanel {...speaking} onEnd={() => setSpeaking(null)} />
  const isSpeech = kind === 'speech'
  const isReady = reached.length > 0 && (isSpeech ? canSpeak() : item !== undefined)
  return (
    <section className="panel order-form" aria-label={t('orders.title')}>
      {items.error !== null && <ProblemNotice error={items.error} onRetry={() => void items.refetch()} />}
      <Form layout="vertical" requiredMark={false}>
        {mayAnywhere(user, 'speak') && (
          <Form.Item>
            <Segmented
              block
              size="large"
              value={kind}
              onChange={setKind}
              options={[
                { value: 'play', label: t('orders.play_item'), icon: <NotificationOutlined /> },
                { value: 'speech', label: t('orders.speak.title'), icon: <AudioOutlined /> },
              ]}
            />
          </Form.Item>
        )}
        {isSpeech ? (
          <Form.Item>
            <Alert
              type={canSpeak() ? 'info' : 'warning'}
              showIcon
              message={canSpeak() ? t('orders.speak.lead') : t('orders.speak.unsupported')}
            />
          </Form.Item>
        ) : (
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
        )}
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
          icon={isSpeech ? <AudioOutlined /> : <NotificationOutlined />}
          disabled={!isReady}
          onClick={() => setAsking(true)}
        >
          {isSpeech ? t('orders.speak.begin') : t('orders.play')}
        </Button>
      </Form>
      {asking && isReady && unitId !== undefined && (
        <Confirm
          item={isSpeech ? null : (item ?? null)}
          unitId={unitId}
          unitName={allowed.find((unit) => unit.id === unitId)?.name ?? ''}
          stations={reached.length}
          priority={priority}
          onClose={() => setAsking(false)}
          onGiven={(speech) => {
            setAsking(false)
            setSpeaking(speech)
          }}
        />
      )}
    </section>
  )
}

function labelOf(item: Item): string {
  const version = item.versions.at(-1)
  return version?.duration_ms == null ? item.title : `${item.title} · ${showDuration(version.duration_ms)}`
}

interface Speech {
  readonly orderId: string
  readonly microphone: MediaStreamTrack
}

async function orderSpeech(unitId: string, priority: Priority): Promise<Speech> {
  const microphone = await openMicrophone()
  try {
    const order = await giveOrder({ kind: 'speech', unit_id: unitId, priority, minutes: longestSpeech })
    return { orderId: order.id, microphone }
  } catch (error) {
    microphone.stop()
    throw error
  }
}

interface ConfirmProps {
  /** None: one speaks oneself. */
  readonly item: Item | null
  readonly unitId: string
  readonly unitName: string
  readonly stations: number
  readonly priority: Priority
  readonly onClose: () => void
  readonly onGiven: (speech: Speech | null) => void
}

/** Of the longest speech, in minutes; the page ends it when the speaker does. */
const longestSpeech = 30

function Confirm({ item, unitId, unitName, stations, priority, onClose, onGiven }: ConfirmProps) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const word = t('orders.confirm_word')
  const agrees = plain(typed) === plain(word)
  const give = useMutation({
    mutationFn: async () => {
      if (item === null) return orderSpeech(unitId, priority)
      await giveOrder({ kind: 'play', unit_id: unitId, item_id: item.id, priority })
      return null
    },
    onSuccess: async (speech) => {
      onGiven(speech)
      await ordersChanged()
    },
  })
  return (
    <Modal
      open
      title={t('orders.confirm_title', { priority: t(`priority.${priority}`) })}
      onCancel={onClose}
      okText={item === null ? t('orders.speak.begin') : t('orders.play')}
      cancelText={t('common.cancel')}
      okButtonProps={{ danger: true, disabled: !agrees, loading: give.isPending }}
      onOk={() => give.mutate()}
    >
      {give.error?.name === 'NotAllowedError' ? (
        <Alert type="error" showIcon role="alert" message={t('orders.speak.not_allowed')} />
      ) : (
        give.error !== null && <ProblemNotice error={give.error} />
      )}
      <p>
        <strong>{item === null ? t('orders.speak.title') : item.title}</strong>
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
