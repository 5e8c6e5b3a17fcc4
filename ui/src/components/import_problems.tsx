/** Why a file was refused, line by line; with the event where the file has events. */
import { Alert } from 'antd'
import { useTranslation } from 'react-i18next'
import { useVietnamese } from '@/components/words'
import '@/styles/organisation.css'

interface ImportProblem {
  readonly line: number
  readonly event?: string
  readonly message: string
  readonly message_vi: string
}

export function ImportProblems({ problems }: { readonly problems: readonly ImportProblem[] }) {
  const { t } = useTranslation()
  const vietnamese = useVietnamese()
  const ofEvents = problems.some(({ event }) => event !== undefined)
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      message={t('import.refused', { count: problems.length })}
      description={
        <table className="import-errors">
          <thead>
            <tr>
              <th scope="col">{t('import.line')}</th>
              {ofEvents && <th scope="col">{t('rules.import_event')}</th>}
              <th scope="col">{t('import.wrong')}</th>
            </tr>
          </thead>
          <tbody>
            {problems.map((problem, index) => (
              <tr key={`${problem.line}/${index}`}>
                <td>{problem.line}</td>
                {ofEvents && <td className="break-anywhere">{problem.event}</td>}
                <td>{vietnamese ? problem.message_vi : problem.message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      }
    />
  )
}
