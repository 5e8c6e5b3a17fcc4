/** A state in a word, with colour and icon that agree. */
import {
  CheckCircleFilled,
  ClockCircleOutlined,
  CloseCircleFilled,
  ExclamationCircleFilled,
  MinusCircleOutlined,
} from '@ant-design/icons'
import type { ReactNode } from 'react'
import type { Tone } from '@/lib/tones'

const icons: Record<Tone, ReactNode> = {
  good: <CheckCircleFilled />,
  warn: <ExclamationCircleFilled />,
  bad: <CloseCircleFilled />,
  info: <ClockCircleOutlined />,
  idle: <MinusCircleOutlined />,
}

export function toneIcon(tone: Tone): ReactNode {
  return icons[tone]
}

interface MarkProps {
  readonly tone: Tone
  readonly children: ReactNode
  readonly icon?: ReactNode
}

export function Mark({ tone, children, icon }: MarkProps) {
  return (
    <span className={`mark tone-${tone}`}>
      <span aria-hidden="true">{icon ?? icons[tone]}</span>
      {children}
    </span>
  )
}
