/** What every page has: a heading, and honest states while there is nothing to show. */
import { InboxOutlined } from '@ant-design/icons'
import { Alert, Button, Skeleton } from 'antd'
import { useEffect, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf } from '@/api/problem'
import { useProblemText } from './problem_text'

interface PageProps {
  readonly title: string
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
  readonly narrow?: boolean
}

export function Page({ title, lead, actions, children, narrow }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Loa`
  }, [title])
  return (
    <div className={narrow === true ? 'page page-narrow' : 'page'}>
      <header className="page-head">
        <div className="page-head-text">
          <h1>{title}</h1>
          {lead !== undefined && <p className="page-lead">{lead}</p>}
        </div>
        {actions !== undefined && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

interface EmptyProps {
  readonly title: string
  readonly hint?: ReactNode
  readonly action?: ReactNode
  readonly icon?: ReactNode
}

export function Empty({ title, hint, action, icon }: EmptyProps) {
  return (
    <div className="empty">
      <span className="empty-icon" aria-hidden="true">
        {icon ?? <InboxOutlined />}
      </span>
      <p className="empty-title">{title}</p>
      {hint !== undefined && <p className="empty-hint">{hint}</p>}
      {action}
    </div>
  )
}

export function Loading({ rows = 6 }: { readonly rows?: number }) {
  const { t } = useTranslation()
  return (
    <div className="panel" role="status" aria-label={t('common.loading')}>
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  )
}

interface ProblemNoticeProps {
  readonly error: unknown
  readonly onRetry?: () => void
}

export function ProblemNotice({ error, onRetry }: ProblemNoticeProps) {
  const { t } = useTranslation()
  const text = useProblemText()(problemOf(error))
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      message={text.title}
      description={text.detail}
      action={
        onRetry !== undefined && (
          <Button size="small" onClick={onRetry}>
            {t('common.retry')}
          </Button>
        )
      }
    />
  )
}

interface AnswerProps<T> {
  readonly query: {
    readonly data: T | undefined
    readonly error: unknown
    readonly refetch: () => unknown
  }
  readonly rows?: number
  readonly children: (data: T) => ReactNode
}

/** Shows an answer, the wait for it, or what went wrong; an old answer stays on the page, with the problem above it. */
export function Answer<T>({ query, rows, children }: AnswerProps<T>) {
  const notice = query.error != null && (
    <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
  )
  if (query.data === undefined) return notice === false ? <Loading {...(rows && { rows })} /> : notice
  return (
    <>
      {notice}
      {children(query.data)}
    </>
  )
}
