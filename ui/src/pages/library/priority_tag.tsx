import { AlertFilled, UpCircleFilled } from '@ant-design/icons'
import { useTranslation } from 'react-i18next'
import type { Priority } from '@/api/types'
import { Mark } from '@/components/mark'

/** The usual priority needs no sign. */
export function PriorityTag({ priority }: { readonly priority: Priority }) {
  const { t } = useTranslation()
  if (priority === 'NORMAL') return null
  return priority === 'EMERGENCY' ? (
    <Mark tone="bad" icon={<AlertFilled />}>
      {t('priority.EMERGENCY')}
    </Mark>
  ) : (
    <Mark tone="warn" icon={<UpCircleFilled />}>
      {t('priority.PRIORITY')}
    </Mark>
  )
}
