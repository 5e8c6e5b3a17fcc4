import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AuditRecord } from '@/api/types'
import { useAudit } from '@/app/queries'
import { Answer, Empty, Page } from '@/components/page'
import { useAuditWord } from '@/components/audit_word'
import { dateOf, timeWithSecondsOf } from '@/lib/time'
import '@/styles/tables.css'

const step = 100
const most = 1000

export function Component() {
  const { t } = useTranslation()
  const [limit, setLimit] = useState(step)
  const audit = useAudit(limit)
  return (
    <Page title={t('audit.title')} lead={t('audit.lead')}>
      <Answer query={audit}>
        {(data) =>
          data.length === 0 ? (
            <Empty title={t('audit.empty')} />
          ) : (
            <>
              <ol className="panel panel-flush audit">
                {data.map((record) => (
                  <Row key={record.number} record={record} />
                ))}
              </ol>
              {data.length >= limit && limit < most && (
                <p className="more">
                  <Button onClick={() => setLimit(Math.min(most, limit * 2))}>{t('audit.more')}</Button>
                </p>
              )}
            </>
          )
        }
      </Answer>
    </Page>
  )
}

function Row({ record }: { readonly record: AuditRecord }) {
  const { t } = useTranslation()
  const word = useAuditWord()
  const details = Object.entries(record.detail)
  return (
    <li>
      <span className="audit-when">
        <strong>{timeWithSecondsOf(record.at)}</strong>
        <span className="quiet">{dateOf(record.at)}</span>
      </span>
      <span className="audit-who">{record.user === '' ? t('audit.system') : record.user}</span>
      <span className="audit-what">
        <strong>{word(record.action)}</strong>
        <span className="quiet break-anywhere">
          {record.subject}
          {details.length > 0 &&
            ` · ${details.map(([name, value]) => `${name}: ${shown(value)}`).join(', ')}`}
        </span>
      </span>
    </li>
  )
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
