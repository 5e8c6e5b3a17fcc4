import { Steps } from 'antd'
import { useTranslation } from 'react-i18next'
import type { ItemStatus } from '@/api/types'
import { useNarrow } from '@/lib/hooks'

type StepState = 'process' | 'error' | 'finish'

const positions: Record<ItemStatus, [step: number, state: StepState]> = {
  draft: [0, 'process'],
  processing: [1, 'process'],
  refused: [1, 'error'],
  ready: [2, 'process'],
  submitted: [3, 'process'],
  rejected: [3, 'error'],
  approved: [4, 'finish'],
  withdrawn: [4, 'error'],
}

/** Where the item stands on its way to the air. On a phone the status word above says it. */
export function ItemSteps({ status }: { readonly status: ItemStatus }) {
  const { t } = useTranslation()
  const narrow = useNarrow()
  if (narrow) return null
  const [current, state] = positions[status]
  return (
    <div className="panel item-steps">
      <Steps
        size="small"
        current={current}
        status={state}
        items={[
          { title: t('step.write') },
          { title: t('step.process') },
          { title: t('step.submit') },
          { title: t('step.approve') },
          { title: status === 'withdrawn' ? t('status.withdrawn') : t('step.air') },
        ]}
      />
    </div>
  )
}
