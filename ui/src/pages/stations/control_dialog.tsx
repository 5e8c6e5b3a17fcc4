/** Stop, volume and test tone of one station, and what it answered. */
import { useMutation } from '@tanstack/react-query'
import { Button, InputNumber, Modal, Select, Slider } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { giveOrder } from '@/api/endpoints'
import type { NewOrder, Station } from '@/api/types'
import { ordersChanged, useOrder } from '@/app/queries'
import { useUser } from '@/app/session'
import { ProblemNotice } from '@/components/page'
import { mayFor } from '@/lib/roles'
import { useUnits } from '@/app/queries'
import { OrderCard } from '@/pages/orders/order_card'

const spans = [5, 15, 30, 60, 180, 720, 1440] as const

interface ControlDialogProps {
  readonly station: Station
  readonly onClose: () => void
}

export default function ControlDialog({ station, onClose }: ControlDialogProps) {
  const { t } = useTranslation()
  const user = useUser()
  const units = useUnits().data ?? []
  const [stopMinutes, setStopMinutes] = useState<number>(15)
  const [decibels, setDecibels] = useState(0)
  const [volumeMinutes, setVolumeMinutes] = useState<number>(60)
  const [seconds, setSeconds] = useState(5)
  const give = useMutation({
    mutationFn: (order: Omit<NewOrder, 'station_id'>) => giveOrder({ ...order, station_id: station.id }),
    onSuccess: ordersChanged,
  })
  const order = useOrder(give.data?.id)
  const spanOptions = spans.map((minutes) => ({
    value: minutes,
    label: t('control.minutes', { count: minutes }),
  }))
  const stops = mayFor(user, 'command', station.unit_id, units)
  const controls = mayFor(user, 'control', station.unit_id, units)
  return (
    <Modal open title={t('control.title', { station: station.name })} footer={null} onCancel={onClose}>
      {give.error !== null && <ProblemNotice error={give.error} />}
      <div className="controls">
        {stops && (
          <section aria-label={t('control.stop')}>
            <h3>{t('control.stop')}</h3>
            <p className="quiet">{t('control.stop_hint')}</p>
            <div className="control-row">
              <Select
                aria-label={t('control.until')}
                value={stopMinutes}
                onChange={setStopMinutes}
                options={spanOptions}
              />
              <Button
                danger
                type="primary"
                loading={give.isPending}
                onClick={() => give.mutate({ kind: 'stop', minutes: stopMinutes })}
              >
                {t('control.stop_now')}
              </Button>
            </div>
          </section>
        )}
        {controls && (
          <section aria-label={t('control.volume')}>
            <h3>{t('control.volume')}</h3>
            <p className="quiet">{t('control.volume_hint')}</p>
            <Slider
              min={-40}
              max={12}
              marks={{ [-40]: '-40', [-20]: '-20', 0: '0 dB', 12: '+12' }}
              value={decibels}
              onChange={setDecibels}
              ariaLabelForHandle={t('control.volume')}
            />
            <div className="control-row">
              <Select
                aria-label={t('control.until')}
                value={volumeMinutes}
                onChange={setVolumeMinutes}
                options={spanOptions}
              />
              <Button
                loading={give.isPending}
                onClick={() => give.mutate({ kind: 'volume', decibels, minutes: volumeMinutes })}
              >
                {t('control.volume_set', { decibels })}
              </Button>
            </div>
          </section>
        )}
        {controls && (
          <section aria-label={t('control.tone')}>
            <h3>{t('control.tone')}</h3>
            <p className="quiet">{t('control.tone_hint')}</p>
            <div className="control-row">
              <InputNumber
                aria-label={t('control.seconds')}
                min={1}
                max={30}
                value={seconds}
                suffix={t('control.seconds')}
                onChange={(value) => setSeconds(value ?? 5)}
              />
              <Button
                loading={give.isPending}
                onClick={() => give.mutate({ kind: 'tone', level: -20, seconds })}
              >
                {t('control.tone_now')}
              </Button>
            </div>
          </section>
        )}
        {!stops && !controls && <p>{t('control.none')}</p>}
        {order.data !== undefined && <OrderCard key={order.data.id} order={order.data} open />}
      </div>
    </Modal>
  )
}
