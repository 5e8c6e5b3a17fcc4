/** A station's session rules from an .ics file, all or none: what it would change is shown before it does. */
import { FileTextOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Alert, App, Button, Modal } from 'antd'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { checkSessionRules, importSessionRules, rulesImported } from '@/api/endpoints'
import { problemOf } from '@/api/problem'
import type { SessionRule, Station } from '@/api/types'
import { hoursChanged } from '@/app/queries'
import { ImportProblems } from '@/components/import_problems'
import { ProblemNotice } from '@/components/page'
import { PlanPreview } from '@/components/plan_preview'
import { RuleWords } from './station_rules'
import '@/styles/organisation.css'

interface RuleImportDialogProps {
  readonly station: Station
  readonly onClose: () => void
}

export default function RuleImportDialog({ station, onClose }: RuleImportDialogProps) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const [file, setFile] = useState<{ name: string; text: string } | null>(null)
  const input = useRef<HTMLInputElement>(null)
  const preview = useMutation({
    mutationFn: (text: string) => checkSessionRules(station.id, text),
  })
  const send = useMutation({
    mutationFn: ({ text, revision }: { text: string; revision: string }) =>
      importSessionRules(station.id, revision, text),
    onSuccess: async (report) => {
      if (!report.applied) return
      await hoursChanged()
      void message.success(t('rules.imported'))
      onClose()
    },
    onError: async (problem, { text }) => {
      if (problemOf(problem).status !== 412) return
      // What was seen is no longer so: compare with the rules of now.
      preview.mutate(text)
      await hoursChanged()
    },
  })
  const raced = send.error !== null && problemOf(send.error).status === 412
  const report = send.data ?? preview.data
  const changes =
    report === undefined ? 0 : report.added.length + report.changed.length + report.removed.length
  const choose = (chosen: File) =>
    void chosen.text().then((text) => {
      send.reset()
      setFile({ name: chosen.name, text })
      preview.mutate(text)
    })

  return (
    <Modal
      open
      width={640}
      title={t('rules.import_title', { name: station.name })}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            type="primary"
            disabled={file === null || report === undefined || report.problems.length > 0 || changes === 0}
            loading={send.isPending}
            onClick={() =>
              file !== null &&
              report !== undefined &&
              send.mutate({ text: file.text, revision: report.revision })
            }
          >
            {t('rules.import_send')}
          </Button>
        </>
      }
    >
      <div className="import">
        <p className="quiet">{t('rules.import_lead')}</p>
        <div className="import-file">
          <Button
            icon={<FileTextOutlined />}
            loading={preview.isPending}
            onClick={() => input.current?.click()}
          >
            {t('rules.import_choose')}
          </Button>
          {file !== null && <span className="break-anywhere">{file.name}</span>}
          <input
            ref={input}
            type="file"
            accept=".ics,text/calendar"
            className="visually-hidden"
            tabIndex={-1}
            aria-label={t('rules.import_file')}
            onChange={(event) => {
              const chosen = event.target.files?.[0]
              event.target.value = ''
              if (chosen !== undefined) choose(chosen)
            }}
          />
        </div>
        {preview.error !== null && <ProblemNotice error={preview.error} />}
        {raced ? (
          <Alert
            type="warning"
            showIcon
            role="alert"
            message={t('rules.import_raced')}
            description={t('rules.import_raced_hint')}
          />
        ) : (
          send.error !== null && <ProblemNotice error={send.error} />
        )}
        {report !== undefined &&
          (report.problems.length > 0 ? (
            <ImportProblems problems={report.problems} />
          ) : changes === 0 ? (
            <Alert type="info" showIcon message={t('rules.import_same')} />
          ) : (
            <>
              <Rules heading={t('rules.import_added', { count: report.added.length })} rules={report.added} />
              <Rules
                heading={t('rules.import_changed', { count: report.changed.length })}
                rules={report.changed.map(({ after }) => after)}
              />
              <Rules
                heading={t('rules.import_removed', { count: report.removed.length })}
                rules={report.removed}
              />
              {file !== null && (
                <section>
                  <h3>{t('preview.title')}</h3>
                  <PlanPreview
                    asked={{ change: rulesImported(station.id, report.revision, file.text) }}
                    isMade={send.isPending || preview.isPending || report.applied}
                  />
                </section>
              )}
            </>
          ))}
      </div>
    </Modal>
  )
}

function Rules({ heading, rules }: { readonly heading: string; readonly rules: readonly SessionRule[] }) {
  if (rules.length === 0) return null
  return (
    <section>
      <h3>{heading}</h3>
      <ul className="rule-list">
        {rules.map((rule, index) => (
          <li key={`${rule.id}/${index}`}>
            <div>
              <RuleWords rule={rule} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
