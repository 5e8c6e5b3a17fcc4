/** Speaking live to the loudspeakers of an order: a word when they are ready, the level of the microphone, and the end. */
import { AudioMutedOutlined } from '@ant-design/icons'
import { Alert, Button, Progress } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ordersChanged, useOrder } from '@/app/queries'
import { useNow } from '@/lib/hooks'
import { speak, type Speaking } from '@/lib/speaker'
import { showDuration } from '@/lib/time'

interface SpeakPanelProps {
  readonly orderId: string
  readonly microphone: MediaStreamTrack
  readonly onEnd: () => void
}

export function SpeakPanel({ orderId, microphone, onEnd }: SpeakPanelProps) {
  const { t } = useTranslation()
  const order = useOrder(orderId)
  const now = useNow(1_000)
  const [began] = useState(() => Date.now())
  const [level, setLevel] = useState(0)
  const [problem, setProblem] = useState<Error | null>(null)
  const speaking = useRef<Speaking | null>(null)

  useEffect(() => {
    const running = speak(orderId, microphone, {
      onLevel: (value) => setLevel((before) => Math.max(value, before * 0.85)),
      onEnd: (error) => {
        setProblem(error)
        void ordersChanged()
        if (error === null) onEnd()
      },
    })
    speaking.current = running
    return () => running.end()
    // The page that opened this keeps one panel an order.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [orderId])

  const stations = order.data?.stations ?? []
  const ready = stations.filter((station) => station.standing === 'playing').length
  return (
    <section className="panel speak" aria-label={t('orders.speak.title')}>
      <h2>{t('orders.speak.title')}</h2>
      {problem !== null && <Alert type="error" showIcon role="alert" message={t('orders.speak.broken')} />}
      <p role="status" className="speak-state">
        <strong>{ready > 0 ? t('orders.speak.ready') : t('orders.speak.connecting')}</strong>
        <br />
        {t('orders.speak.stations', { ready, count: stations.length })} ·{' '}
        {showDuration(Math.max(0, now.getTime() - began))}
      </p>
      <Progress
        percent={Math.min(100, Math.round(level * 300))}
        showInfo={false}
        aria-label={t('orders.speak.level')}
      />
      <Button
        block
        danger
        type="primary"
        size="large"
        icon={<AudioMutedOutlined />}
        onClick={() => {
          if (problem !== null) onEnd()
          else speaking.current?.end()
        }}
      >
        {t('orders.speak.end')}
      </Button>
    </section>
  )
}
