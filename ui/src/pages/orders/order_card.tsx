/** One order, live: who gave it, and how far each station has come. */
import { StopOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cancelOrder } from '@/api/endpoints'
import type { Order } from '@/api/types'
import { ordersChanged } from '@/app/queries'
import { Ago } from '@/components/ago'
import { Mark } from '@/components/mark'
import { ProblemNotice } from '@/components/page'
import { useReasonWord } from '@/components/reason_word'
import { useUnitNames } from '@/components/words'
import { PriorityTag } from '@/pages/library/priority_tag'
import { counts, isUnderWay, sorted, toneOfStation } from './standing'
import '@/styles/orders.css'

interface OrderCardProps {
  readonly order: Order
  readonly open?: boolean
  readonly mayCancel?: boolean
}

const tonesOfCounts = {
  waiting: 'info',
  accepted: 'info',
  playing: 'good',
  done: 'good',
  refused: 'bad',
  cancelled: 'idle',
  expired: 'bad',
} as const

export function OrderCard({ order, open = false, mayCancel = false }: OrderCardProps) {
  const { t } = useTranslation()
  const unitName = useUnitNames()
  const [shown, setShown] = useState(open)
  const cancel = useMutation({ mutationFn: () => cancelOrder(order.id), onSuccess: ordersChanged })
  const place = order.unit_id === null ? (order.stations[0]?.station_name ?? '') : unitName(order.unit_id)
  const cancels = mayCancel && (order.kind === 'play' || order.kind === 'speech') && isUnderWay(order)
  return (
    <article className="panel order" data-order={order.id}>
      <header>
        <div>
          <h2>{order.title === '' ? t(`orders.kind.${order.kind}`) : order.title}</h2>
          <p className="quiet">
            {order.title !== '' && `${t(`orders.kind.${order.kind}`)} · `}
            {place} · {order.ordered_by_name} · <Ago instant={order.ordered_at} />
          </p>
        </div>
        {order.details.priority !== undefined && <PriorityTag priority={order.details.priority} />}
      </header>
      <button
        type="button"
        className="order-counts"
        aria-expanded={shown}
        aria-label={t('orders.show_stations')}
        onClick={() => setShown(!shown)}
      >
        {counts(order).map(([standing, count]) => (
          <Mark key={standing} tone={tonesOfCounts[standing]}>
            {count} {t(`orders.standing.${standing}`)}
          </Mark>
        ))}
      </button>
      {shown && <Stations order={order} />}
      {cancel.error !== null && <ProblemNotice error={cancel.error} />}
      {cancels && (
        <footer>
          <Popconfirm
            title={t('orders.cancel_sure')}
            okText={t('orders.cancel')}
            cancelText={t('common.cancel')}
            okButtonProps={{ danger: true }}
            onConfirm={() => cancel.mutate()}
          >
            <Button danger icon={<StopOutlined />} loading={cancel.isPending}>
              {t('orders.cancel')}
            </Button>
          </Popconfirm>
        </footer>
      )}
    </article>
  )
}

function Stations({ order }: { readonly order: Order }) {
  const { t } = useTranslation()
  const reasonWord = useReasonWord()
  return (
    <ul className="order-stations">
      {sorted(order.stations).map((station) => (
        <li key={station.id} data-station={station.station_id}>
          <span className="order-station-name">{station.station_name}</span>
          <Mark tone={toneOfStation(station)}>{t(`orders.standing.${station.standing}`)}</Mark>
          {(station.reason !== '' || station.answered_at !== null) && (
            <small className="quiet">
              {station.reason !== '' && reasonWord(station.reason)}
              {station.reason !== '' && station.answered_at !== null && ' · '}
              {station.answered_at !== null && <Ago instant={station.answered_at} />}
            </small>
          )}
        </li>
      ))}
    </ul>
  )
}
